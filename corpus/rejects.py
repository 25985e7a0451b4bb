"""Collects what is left out, and why: nothing leaves the flow without a row here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from corpus.schemas import REJECT, Columns

if TYPE_CHECKING:
    import polars as pl


class Rejects:
    """The rejects of one stage on one shard."""

    def __init__(self, stage: str) -> None:
        self._stage = stage
        self._columns = Columns(REJECT)

    def add(
        self,
        row_id: str,
        reason: str,
        repo: str,
        path: str,
        *,
        line: int | None = None,
        detail: str | None = None,
        stage: str | None = None,
    ) -> None:
        """Record that a row was left out."""
        self._columns.add(
            id=row_id,
            stage=stage or self._stage,
            reason=reason,
            detail=detail,
            repo=repo,
            path=path,
            line=line,
        )

    def table(self) -> pa.Table:
        """Return them as ``schemas.REJECT``."""
        return self._columns.table()


def rejects_of(rows: pl.DataFrame, stage: str, row_id: str, detail: str) -> pa.Table:
    """Return ``schemas.REJECT`` for rows with a ``reason``, ``repo``, ``path`` and ``start_line``.

    ``row_id`` and ``detail`` are the columns that have these.
    """
    import polars as pl  # not all who reject rows have it imported

    rejects = rows.select(
        pl.col(row_id).alias("id"),
        pl.lit(stage).alias("stage"),
        "reason",
        pl.col(detail).alias("detail"),
        "repo",
        "path",
        pl.col("start_line").alias("line"),
    )
    return rejects.to_arrow().cast(REJECT)
