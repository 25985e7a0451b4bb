"""Picks the rows that are looked at, and reads no others."""

from __future__ import annotations

import fnmatch
from typing import Any

import polars as pl

from corpus.errors import UsageError
from corpus.report.dataset import Dataset
from corpus.report.measure import collect


def sample(dataset: Dataset, most: int) -> list[dict[str, Any]]:
    """Return up to ``most`` rows, in turn from every task and language; the same ones every time.

    Ids are content hashes, so the smallest of them are an even sample.
    """
    group = ["task", "language"]
    keys = dataset.rows().select("example_id", *group)
    rank = pl.col("example_id").rank("ordinal").over(group).alias("rank")
    ranked = collect(keys).with_columns(rank).sort("rank", *group).head(most)
    return _read(dataset, ranked["example_id"])


def select(
    dataset: Dataset, most: int, *, task: str | None, language: str | None, path: str | None
) -> list[dict[str, Any]]:
    """Return up to ``most`` rows of a task, a language and paths that match a glob.

    Raises UsageError where there is no such row, naming what there is.
    """
    rows = dataset.rows().select("example_id", "task", "language", "path")
    for column, wanted in (("task", task), ("language", language)):
        if wanted is not None:
            _check(rows, column, wanted)
            rows = rows.filter(pl.col(column) == wanted)
    if path is not None:
        paths = collect(rows.select(pl.col("path").unique()))["path"].to_list()
        rows = rows.filter(pl.col("path").is_in(fnmatch.filter(paths, path)))
    ids = collect(rows.select(pl.col("example_id").bottom_k(most)))["example_id"].sort()
    if ids.is_empty():
        raise UsageError(f"{dataset.folder} has no row like that")
    return _read(dataset, ids)


def find(dataset: Dataset, example_id: str) -> dict[str, Any]:
    """Return the row whose id begins like this. Raises UsageError if there is not just one."""
    rows = dataset.rows().select("example_id")
    ids = collect(rows.filter(pl.col("example_id").str.starts_with(example_id)).head(2))
    if ids.height != 1:
        several = "several rows whose ids begin with" if ids.height else "no row with the id"
        raise UsageError(f"{dataset.folder} has {several} {example_id!r}")
    return _read(dataset, ids["example_id"])[0]


def _check(rows: pl.LazyFrame, column: str, wanted: str) -> None:
    known = collect(rows.select(pl.col(column).unique().sort()))[column].to_list()
    if wanted not in known:
        raise UsageError(f"no row of {column} {wanted!r}; there are {', '.join(known)}")


def _read(dataset: Dataset, ids: pl.Series) -> list[dict[str, Any]]:
    order = {example_id: place for place, example_id in enumerate(ids)}
    rows = collect(dataset.rows().filter(pl.col("example_id").is_in(ids.implode()))).to_dicts()
    return sorted(rows, key=lambda row: order[row["example_id"]])
