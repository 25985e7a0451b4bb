"""Lists what a build left out as copies: the largest clusters first, with a diff of two members."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Group, RenderableType
from rich.syntax import Syntax
from rich.text import Text

from corpus.errors import UsageError

_MEMBERS_NAMED = 8


def clusters(folder: Path, most: int) -> Iterator[RenderableType]:
    """Yield a heading and the ``most`` largest clusters of a dataset folder.

    Raises UsageError if the folder is no dataset, or has lost its work files.
    """
    table = folder / ".tunesmith" / "clusters.parquet"
    if not table.is_file():
        raise UsageError(f"{folder} is not a dataset folder with its work files: no {table}")
    rows = pl.read_parquet(table)
    removed = rows.height - rows["kept"].sum()
    count = rows["cluster_id"].n_unique()
    yield Text(f"{removed:,} of {rows.height:,} functions in {count:,} clusters left out as copies")
    sizes = rows.group_by("cluster_id").len().sort(["len", "cluster_id"], descending=[True, False])
    for cluster_id in sizes["cluster_id"].head(most):
        members = rows.filter(pl.col("cluster_id") == cluster_id)
        yield _cluster(members.sort("kept", "similarity", descending=True).to_dicts())


def _cluster(members: list[dict[str, Any]]) -> RenderableType:
    lines: list[RenderableType] = [Text(f"\n{len(members)} alike", style="bold")]
    for member in members[:_MEMBERS_NAMED]:
        verdict = "kept" if member["kept"] else f"{member['similarity']:.2f}"
        lines.append(Text(f"  {verdict}  {_place(member)}"))
    if len(members) > _MEMBERS_NAMED:
        lines.append(Text(f"  and {len(members) - _MEMBERS_NAMED} more", style="dim"))
    kept = next(member for member in members if member["kept"])
    other = [m for m in members if m["survivor_id"] == kept["id"]][-1]  # the least alike
    diff = difflib.unified_diff(
        kept["code"].splitlines(), other["code"].splitlines(), _place(kept), _place(other), "", "",
        n=2, lineterm="",
    )  # fmt: skip
    text = "\n".join(diff)
    lines.append(Syntax(text, "diff") if text else Text("  the same to the letter", style="dim"))
    return Group(*lines)


def _place(member: dict[str, Any]) -> str:
    return f"{member['path']}:{member['start_line']}"
