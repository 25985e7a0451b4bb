"""Reads a dataset folder or hub dataset: its rows and its manifest."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from datasets import load_dataset
from huggingface_hub import hf_hub_download

from train.config import TrainingError

Configuration = Literal["knowledge", "instructions"]
TRAIN, HELD_OUT = ("train",), ("validation", "test")
_COLUMN = {"knowledge": "text", "instructions": "messages"}


def read_rows(
    source: str, configuration: Configuration, splits: Sequence[str] = TRAIN
) -> list[dict[str, Any]]:
    """Return the rows of some splits, in their order. Raises TrainingError if there are none."""
    try:
        found = load_dataset(source, configuration)
    except Exception as error:  # the library raises a dozen unrelated types
        reason = " ".join(str(error).split())
        raise TrainingError(f"no {configuration} rows in {source}: {reason}") from None
    rows = [row for split in splits if split in found for row in found[split]]
    if not rows:
        raise TrainingError(f"{source} has no {configuration} rows in {' or '.join(splits)}")
    if (column := _COLUMN[configuration]) not in rows[0]:
        raise TrainingError(f"the {configuration} rows in {source} have no column {column!r}")
    return rows


def read_manifest(source: str) -> tuple[dict[str, Any], str | None]:
    """Return a dataset's ``manifest.json`` and its SHA-256; nothing and None where it has none."""
    path = Path(source, "manifest.json")
    try:
        if not Path(source).is_dir():
            path = Path(hf_hub_download(source, path.name, repo_type="dataset"))
        content = path.read_bytes()
    except Exception:  # absent or out of reach: the lineage then says so
        return {}, None
    return json.loads(content), sha256(content).hexdigest()
