"""Reads a published dataset back: a folder, or a dataset on a hub by its id."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from corpus.errors import UsageError, in_one_line

Configuration = Literal["knowledge", "instructions", "preferences"]
TRAIN, HELD_OUT = ("train",), ("validation", "test")
_COLUMN: Mapping[Configuration, str] = {"knowledge": "text", "instructions": "messages"}


def read_splits(source: str, configuration: Configuration) -> Mapping[str, Any]:
    """Return the rows of every split. Raises UsageError if there is no such dataset."""
    from datasets import disable_progress_bars, load_dataset

    disable_progress_bars()
    with in_one_line(f"no {configuration} rows in {source}"), TemporaryDirectory() as scratch:
        # The library keeps copies by a folder's name, and gives them for all later ones so named.
        fresh = {"streaming": True, "cache_dir": scratch} if Path(source).is_dir() else {}
        splits: Mapping[str, Any] = load_dataset(source, configuration, **fresh)
    return splits


def read_rows(
    source: str, configuration: Configuration, splits: Sequence[str] = TRAIN
) -> list[dict[str, Any]]:
    """Return the rows of some splits, in their order. Raises UsageError if there are none."""
    found = read_splits(source, configuration)
    rows = [row for split in splits if split in found for row in found[split]]
    if not rows:
        raise UsageError(f"{source} has no {configuration} rows in {' or '.join(splits)}")
    if (column := _COLUMN[configuration]) not in rows[0]:
        raise UsageError(f"the {configuration} rows in {source} have no column {column!r}")
    return rows


def read_manifest(source: str) -> tuple[dict[str, Any], str | None]:
    """Return a dataset's ``manifest.json`` and its SHA-256; nothing and None where it has none."""
    from huggingface_hub import hf_hub_download

    path = Path(source, "manifest.json")
    try:
        if not Path(source).is_dir():
            path = Path(hf_hub_download(source, path.name, repo_type="dataset"))
        content = path.read_bytes()
    except Exception:  # absent or out of reach: whoever asks does without
        return {}, None
    return json.loads(content), sha256(content).hexdigest()
