"""Lists what a build left out as copies: the largest clusters first, with a diff of two members."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Group, RenderableType
from rich.text import Text

from corpus.errors import UsageError
from corpus.report.dataset import Dataset, readable
from corpus.report.listing import Listing
from corpus.report.measure import cluster_sizes, collect, largest_clusters
from corpus.report.plain import unified, visible

_MEMBERS_NAMED = 8
Row = Mapping[str, Any]


def clusters(folder: Path, most: int) -> Iterator[RenderableType]:
    """Yield a heading and the ``most`` largest clusters of a dataset folder.

    Raises UsageError if the folder is no dataset, or has lost its work files, SourceError if those
    can't be read.
    """
    table = folder / ".tunesmith" / "clusters.parquet"
    if not table.is_file():
        raise UsageError(f"{folder} is not a dataset folder with its work files: no {table}")
    dataset = Dataset(folder)
    with readable(folder):
        removed = collect(dataset.copies().select((~pl.col("kept")).sum())).item()
        counts = cluster_sizes(dataset)
        yield Text(
            f"{removed:,} of {counts['size'].sum():,} functions in {counts.height:,} clusters left "
            "out as copies"
        )
        for members, kept, other in largest_clusters(dataset, most):
            yield _cluster(members, kept, other)


def _cluster(members: Sequence[Row], kept: Row, other: Row) -> RenderableType:
    lines: list[RenderableType] = [Text(f"\n{len(members)} alike", style="bold")]
    for member in members[:_MEMBERS_NAMED]:
        verdict = "kept" if member["kept"] else f"{member['similarity']:.2f}"
        lines.append(Text(f"  {verdict}  {_place(member)}"))
    if len(members) > _MEMBERS_NAMED:
        lines.append(Text(f"  and {len(members) - _MEMBERS_NAMED} more", style="dim"))
    text = unified(kept["code"], other["code"], _place(kept), _place(other))
    same = Text("  the same to the letter", style="dim")
    lines.append(Listing(text, "diff") if text else same)
    return Group(*lines)


def _place(member: Row) -> str:
    return visible(f"{member['path']}:{member['start_line']}")
