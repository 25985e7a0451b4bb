"""Reads a dataset folder or hub dataset: the rows of both stages, and its manifest."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from datasets import Dataset, DatasetDict, load_dataset
from huggingface_hub import hf_hub_download

from train.errors import TrainingError

Configuration = Literal["knowledge", "instructions"]
_COLUMNS = {"knowledge": {"text"}, "instructions": {"messages", "task"}}


def read_splits(source: str, configuration: Configuration) -> DatasetDict:
    """Return the splits of one configuration. Raises TrainingError if there is none to read."""
    if not Path(source).is_dir() and (Path(source).exists() or source.count("/") != 1):
        raise TrainingError(f"{source} is neither a dataset folder nor the id of a hub dataset")
    try:
        splits = load_dataset(source, configuration)
    except Exception as error:  # the library raises a dozen unrelated types
        reason = " ".join(str(error).split())
        raise TrainingError(f"no {configuration!r} rows in {source}: {reason}") from None
    lacking = _COLUMNS[configuration] - set(next(iter(splits.values())).column_names)
    if lacking:
        raise TrainingError(f"{source}, {configuration}: no column {', '.join(sorted(lacking))}")
    return splits


def training_rows(source: str, configuration: Configuration) -> Dataset:
    """Return the rows to train on. Raises TrainingError if there are none."""
    splits = read_splits(source, configuration)
    if not splits.get("train"):
        raise TrainingError(f"{source} has no {configuration!r} rows in the split 'train'")
    return splits["train"]


def held_out_rows(source: str, configuration: Configuration) -> list[dict[str, Any]]:
    """Return the rows of the splits ``validation`` and ``test``, in their order."""
    splits = read_splits(source, configuration)
    return [row for name in ("validation", "test") if name in splits for row in splits[name]]


def read_manifest(source: str) -> tuple[dict[str, Any], str | None]:
    """Return a dataset's ``manifest.json`` and its SHA-256; nothing and None where it has none."""
    try:
        folder = Path(source)
        path = folder / "manifest.json" if folder.is_dir() else Path(
            hf_hub_download(source, "manifest.json", repo_type="dataset")
        )  # fmt: skip
        content = path.read_bytes()
    except Exception:  # absent, or out of reach: the lineage then says so
        return {}, None
    return json.loads(content), sha256(content).hexdigest()
