"""Lists what a build left out as copies: the largest clusters first, with a diff of two members."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Group, RenderableType
from rich.syntax import Syntax
from rich.text import Text

from corpus.errors import UsageError
from corpus.report.dataset import Dataset, readable
from corpus.report.markup import unified, visible
from corpus.report.measure import collect

_MEMBERS_NAMED = 8
Row = dict[str, Any]


def sizes(dataset: Dataset) -> pl.DataFrame:
    """Return the clusters of copies, the largest first: columns ``cluster_id`` and ``size``."""
    counts = dataset.copies().group_by("cluster_id").agg(size=pl.len())
    return collect(counts.sort(["size", "cluster_id"], descending=[True, False]))


def largest(dataset: Dataset, most: int) -> Iterator[tuple[list[Row], Row, Row]]:
    """Yield the ``most`` largest clusters: members, the first survivor, and its least like copy.

    The survivor comes first among the members, then the others from like to unlike. Only the last
    two have their ``code``.
    """
    for cluster_id in sizes(dataset)["cluster_id"].head(most):
        found = dataset.copies().filter(pl.col("cluster_id") == cluster_id)
        members = collect(found.drop("code")).sort("kept", "similarity", descending=True).to_dicts()
        kept = next(member for member in members if member["kept"])
        other = [member for member in members if member["survivor_id"] == kept["id"]][-1]
        both = found.filter(pl.col("id").is_in([kept["id"], other["id"]])).select("id", "code")
        code = dict(collect(both).iter_rows())
        kept, other = ({**member, "code": code[member["id"]]} for member in (kept, other))
        yield members, kept, other


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
        counts = sizes(dataset)
        yield Text(
            f"{removed:,} of {counts['size'].sum():,} functions in {counts.height:,} clusters left "
            "out as copies"
        )
        for members, kept, other in largest(dataset, most):
            yield _cluster(members, kept, other)


def _cluster(members: list[Row], kept: Row, other: Row) -> RenderableType:
    lines: list[RenderableType] = [Text(f"\n{len(members)} alike", style="bold")]
    for member in members[:_MEMBERS_NAMED]:
        verdict = "kept" if member["kept"] else f"{member['similarity']:.2f}"
        lines.append(Text(f"  {verdict}  {_place(member)}"))
    if len(members) > _MEMBERS_NAMED:
        lines.append(Text(f"  and {len(members) - _MEMBERS_NAMED} more", style="dim"))
    text = visible(unified(kept["code"], other["code"], _place(kept), _place(other)))
    lines.append(Syntax(text, "diff") if text else Text("  the same to the letter", style="dim"))
    return Group(*lines)


def _place(member: Row) -> str:
    return visible(f"{member['path']}:{member['start_line']}")
