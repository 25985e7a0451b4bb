"""Fingerprints of what results depend on besides their input tables: settings, files, and code."""

from __future__ import annotations

import json
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from corpus.ids import content_id


def fingerprint(*parts: Any) -> str:
    """Return a hash of settings: models, collections of plain values, and other fingerprints.

    Raises TypeError for what has no plain form, so that nothing is left out by mistake.
    """
    return content_id(*(json.dumps(part, default=_plain, sort_keys=True) for part in parts))


def _plain(part: Any) -> Any:
    if isinstance(part, BaseModel):
        return part.model_dump(mode="json")
    if isinstance(part, frozenset):
        return sorted(part)
    raise TypeError(f"{type(part)} has no fingerprint")


def of_folder(root: Path | str | None) -> str:
    """Return a hash of the names and contents of all files below a folder; of none for None."""
    paths = sorted(Path(root).rglob("*")) if root else []
    found = [path for path in paths if path.is_file() and path.suffix != ".pyc"]
    contents = [content_id(path.read_bytes().decode("latin-1")) for path in found]
    return content_id(*(str(path.relative_to(str(root))) for path in found), *contents)


@cache
def of_code() -> str:
    """Return a hash of tunesmith itself, queries included, and of the versions of what it runs on.

    Coarse on purpose: whatever changes a result is one of these, and nobody has to remember to
    raise a number.
    """
    rules = [line.partition(";") for line in requires("tunesmith") or ()]
    used = [rule.partition(">")[0] for rule, _, extra in rules if "extra" not in extra]
    versions = [f"{name} {_version(name)}" for name in sorted([*used, "ruff"])]
    python = ".".join(map(str, sys.version_info[:3]))
    return content_id(of_folder(Path(__file__).parent), python, *versions)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None  # of an extra
