"""Prints rows of a dataset in the terminal, and how one of them came about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from corpus.report.browser import change_of
from corpus.report.dataset import Dataset, open_dataset, readable
from corpus.report.listing import Listing
from corpus.report.measure import collect
from corpus.report.plain import unified, visible
from corpus.report.sample import find, select

_MEMBERS_NAMED = 8
Row = Mapping[str, Any]


def rows(
    folder: Path, most: int, *, task: str | None, language: str | None, path: str | None
) -> Iterator[RenderableType]:
    """Yield up to ``most`` rows of a task, a language and the paths that match a glob.

    Raises UsageError for a folder that is no dataset and where no row is like that, SourceError for
    a table that can't be read.
    """
    dataset = open_dataset(folder)
    with readable(folder):
        chosen = select(dataset, most, task=task, language=language, path=path)
    yield from map(_row, chosen)


def lineage(folder: Path, example_id: str) -> Iterator[RenderableType]:
    """Yield a row, and how it came about: its place, its cluster, what it passed, its template.

    Raises UsageError for an id that no row has, or several, and as ``rows`` does.
    """
    dataset = open_dataset(folder)
    with readable(folder):
        row = find(dataset, example_id)
        function = _function(dataset, row)
        facts = [*_origin(row), *_cluster(dataset, function), *_passed(dataset, row, function)]
    yield _row(row)
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, fact in facts:
        table.add_row(name, Text(visible(fact)))
    yield Group(Rule("where it is from"), table)


def _row(row: Row) -> RenderableType:
    place = f"{row['path']}:{row['start_line']}-{row['end_line']}"
    title = Text(visible(f"{row['task']}  {place}  {row['example_id']}"), style="bold")
    parts: list[RenderableType] = [Rule(), title]
    if row["task"] == "knowledge":
        return Group(*parts, Listing(row["output"], row["language"]))
    for name in ("instruction", "input", "output"):
        if row[name].strip():
            parts += [Text(f"\n{name}", style="dim"), Listing(row[name], "markdown")]
    if row["task"] in ("fix", "refactor") and (change := change_of(row)):
        parts += [Text("\nchange", style="dim"), Listing(unified(*change), "diff")]
    return Group(*parts)


def _function(dataset: Dataset, row: Row) -> Row | None:
    """Return the function that a row is about, or None if it is about something else."""
    # With the commit: what a change of long ago touched may be another function by now.
    lines = ("repo", "commit", "path", "start_line", "end_line")
    place = [pl.col(name).eq_missing(pl.lit(row[name])) for name in lines]
    columns = ["function_id", "qualified_name", "kind", "cluster_id", "blob_id"]
    found = collect(dataset.table("functions").filter(*place).select(columns).head(1))
    return found.row(0, named=True) if found.height and row["task"] != "knowledge" else None


def _origin(row: Row) -> Iterator[tuple[str, str]]:
    yield "repository", row["repo"]
    yield "commit", row["commit"] or "a plain folder has none"
    yield "lines", f"{row['path']}:{row['start_line']}-{row['end_line']}"
    yield "taken from", row["evidence"] or "the code"
    yield "licence", row["license"] or "unknown"
    yield "template", f"{row['template']} ({row['template_digest']})"
    yield "split", row["split"]


def _cluster(dataset: Dataset, function: Row | None) -> Iterator[tuple[str, str]]:
    if function is None:
        return
    yield "function", f"{function['kind']} {function['qualified_name']} {function['function_id']}"
    left_out = (pl.col("survivor_id") == function["function_id"]) & ~pl.col("kept")
    found = dataset.copies().filter(left_out).select("path", "start_line", "similarity")
    copies = collect(found).sort("similarity", "path", descending=[True, False])
    yield "cluster", f"{function['cluster_id']}, copies left out for it: {copies.height}"
    for path, line, similarity in copies.head(_MEMBERS_NAMED).iter_rows():
        yield "", f"{similarity:.2f}  {path}:{line}"


def _passed(dataset: Dataset, row: Row, function: Row | None) -> Iterator[tuple[str, str]]:
    """Yield the stages that the row went through, and what each of them refused elsewhere."""
    stages = [row["task"]]
    if function or row["task"] == "knowledge":
        stages = ["paths", "files", "dedup", row["task"]]
    if function:
        refused = (pl.col("id") == function["function_id"]) & (pl.col("stage") == "filter")
        if collect(dataset.rejects().filter(refused).head(1)).is_empty():
            stages.insert(-1, "filter")
    rejects = dataset.figures["rejects"]
    for stage in stages:
        counts = rejects.get(stage, {}).items()
        others = ", ".join(f"{reason} ({count:,})" for reason, count in counts)
        yield f"passed {stage}", f"left out elsewhere: {others}" if others else "left out nothing"
