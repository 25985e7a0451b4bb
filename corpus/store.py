"""Stage tables on disk: one Arrow file per table and shard."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    import polars as pl

_AT_ONCE = 64
"""Shards that are mapped at the same time while parts of them are copied."""


@dataclass(frozen=True)
class Store:
    """A folder of ``table/shard.arrow`` files. Picklable: workers read and write through it."""

    root: Path

    def write(self, table: str, shard: int, rows: pa.Table) -> None:
        """Write one shard of a table.

        Nobody reads it before that is done: a store is one build's, and goes when the build does.
        """
        path = self.path(table, shard)
        try:
            sink = pa.OSFile(path, "wb")
        except FileNotFoundError:
            os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120 - half the cost
            sink = pa.OSFile(path, "wb")
        with sink, pa.ipc.new_file(sink, rows.schema) as writer:
            writer.write_table(rows)

    def write_few(
        self, table: str, schema: pa.Schema, rows: Iterable[tuple[int, pa.Table]], shards: int
    ) -> None:
        """Write all shards of a table: those that ``rows`` yields have some, the others none."""
        empty = set(range(shards))
        for shard, of_shard in rows:
            if of_shard.num_rows:
                self.write(table, shard, of_shard)
                empty.remove(shard)
        first = min(empty, default=-1)
        for shard in sorted(empty):
            if shard == first:
                self.write(table, shard, schema.empty_table())
            else:
                self.write_empty(table, shard, first)

    def write_empty(self, table: str, shard: int, like: int) -> None:
        """Write a shard without rows: a link to one that has none is a tenth of a file's cost."""
        source, target = self.path(table, like), self.path(table, shard)
        with suppress(FileNotFoundError):
            os.unlink(target)  # noqa: PTH108 - half the cost
        try:
            os.link(source, target)
        except OSError:  # a file system that has no links
            shutil.copyfile(source, target)

    def read(self, table: str, shard: int) -> pa.Table:
        """Return one shard, mapped from disk: it takes memory only as it is touched."""
        with pa.memory_map(self.path(table, shard)) as file:
            # All at once: else threads read it piece by piece, at three times a small file's cost.
            whole = file.read_buffer()
        return pa.ipc.open_file(whole).read_all()

    def read_some(self, table: str, shards: Sequence[int]) -> pa.Table:
        """Return several shards as one table."""
        return pa.concat_tables(self.read(table, shard) for shard in shards)

    def shards(self, table: str) -> Iterator[pa.Table]:
        """Yield the shards of a table in order, one in memory at a time."""
        for shard in range(self.count(table)):
            yield self.read(table, shard)

    def count(self, table: str) -> int:
        """Return how many shards a table has."""
        return len(self.numbers(table))

    def numbers(self, table: str) -> list[int]:
        """Return the numbers of the shards that a table has, in order."""
        try:
            names = os.listdir(self.root / table)  # noqa: PTH208 - a tenth of the cost
        except FileNotFoundError:
            return []
        return sorted(int(name[:-6]) for name in names if name.endswith(".arrow"))

    def columns(self, table: str, names: Sequence[str]) -> pl.DataFrame:
        """Return some columns of all shards of a table."""
        import polars as pl  # takes as long to import as Arrow does, and not all who read need it

        frame = pl.from_arrow(self.gather(table, lambda rows: rows.select(names)))
        assert isinstance(frame, pl.DataFrame)
        return frame

    def numbered(self, table: str, part: Callable[[pa.Table], pa.Table]) -> pl.DataFrame:
        """Return a part of every shard, each row with its number (``row``) and its ``shard``'s."""
        import polars as pl

        counts: list[int] = []

        def counted(rows: pa.Table) -> pa.Table:
            counts.append(rows.num_rows)
            return part(rows)

        frame = pl.DataFrame(self.gather(table, counted))
        shard = np.repeat(self.numbers(table), counts)
        row = np.arange(len(shard)) - np.repeat(np.cumsum([0, *counts])[:-1], counts)
        return frame.with_columns(shard=pl.Series(shard), row=pl.Series(row))

    def gather(self, table: str, part: Callable[[pa.Table], pa.Table]) -> pa.Table:
        """Return a part of every shard as one table, in one piece, apart from the shards.

        A part of a mapped file would keep whole pages of it in memory, all its columns with them.
        """
        numbers = self.numbers(table)
        runs = (numbers[at : at + _AT_ONCE] for at in range(0, len(numbers), _AT_ONCE))
        return pa.concat_tables(
            pa.concat_tables(part(self.read(table, shard)) for shard in run).combine_chunks()
            for run in runs
        ).combine_chunks()

    def size(self, table: str, shard: int) -> int:
        """Return the bytes of a shard."""
        return Path(self.path(table, shard)).stat().st_size

    def path(self, table: str, shard: int) -> str:
        """Return where a shard of a table lies."""
        return f"{self.root}/{table}/{shard:06d}.arrow"


def cut(rows: pa.Table, start: int, count: int) -> pa.Table:
    """Return rows from one on, so that they are written as the same bytes whatever is around them.

    Those of a slice hang on where it is cut.
    """
    return rows.take(pa.array(np.arange(start, start + count)))
