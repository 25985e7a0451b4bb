"""The manifest of a dataset folder: what made it, and a hash of every published file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from corpus.errors import UsageError
from corpus.ids import content_id
from corpus.languages import LANGUAGES
from corpus.report.dataset import REPORT
from corpus.report.summary import Summary

MANIFEST = "manifest.json"
_VERSIONED = ("tree-sitter", "polars", "pyarrow", "jinja2", "docstring-parser")


def write_manifest(
    folder: Path,
    summary: Summary,
    pipeline: Mapping[str, Any],
    shapes: Mapping[str, Mapping[str, Any]],
) -> None:
    """Write ``manifest.json``: nothing in it depends on the machine, the time or the workers.

    ``shapes`` are the declared shapes of outputs, by task and by template.
    """
    grammars = {language.grammar.split(":")[0] for language in LANGUAGES.values()}
    packages = ("tunesmith", *_VERSIONED, *(name.replace("_", "-") for name in sorted(grammars)))
    figures = summary.as_json()
    del figures["seconds"]
    manifest = {
        "format": 1,
        "versions": {name: version(name) for name in packages},
        "pipeline": pipeline,
        "shapes": shapes,
        "figures": figures,
        "files": describe_files(folder),
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, "utf-8")


def describe_files(folder: Path) -> dict[str, dict[str, int | str]]:
    """Return the size in bytes and the SHA-256 of every published file but the manifest."""
    return {
        path.relative_to(folder).as_posix(): {
            "bytes": path.stat().st_size,
            "sha256": sha256_of(path),
        }
        for path in published_files(folder)
    }


def digests(folder: Path, configurations: Iterable[str]) -> dict[str, str]:
    """Return a digest of the rows of each configuration: of its files, as they are."""
    return {
        name: content_id(*map(sha256_of, sorted((folder / name).glob("*.parquet"))))
        for name in configurations
    }


def published_files(folder: Path) -> list[Path]:
    """Return what a hub would get, but for the manifest: no hidden folder, in path order.

    Nor the report, which tells of what was left out.
    """
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and path not in (folder / MANIFEST, folder / REPORT)
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def dataset_files(folder: Path) -> list[Path]:
    """Return every file that a hub would get, the manifest last.

    Raises UsageError for a folder that is no dataset folder.
    """
    manifest = folder / MANIFEST
    if not manifest.is_file():
        raise UsageError(f"{folder} is not a dataset folder: it has no {MANIFEST}")
    return [*published_files(folder), manifest]


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
