"""Stage tables on disk: one Arrow file per table and shard, there whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa


@dataclass(frozen=True)
class Store:
    """A folder of ``table/shard.arrow`` files. Picklable: workers read and write through it."""

    root: Path

    def write(self, table: str, shard: int, rows: pa.Table) -> None:
        """Write one shard of a table under its final name once it is complete."""
        path = self.path(table, shard)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        with pa.OSFile(str(partial), "wb") as sink, pa.ipc.new_file(sink, rows.schema) as writer:
            writer.write_table(rows)
        partial.replace(path)

    def read(self, table: str, shard: int) -> pa.Table:
        """Return one shard, mapped from disk: it takes memory only as it is touched."""
        with pa.memory_map(str(self.path(table, shard))) as source:
            return pa.ipc.open_file(source).read_all()

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
        return sorted(int(path.stem) for path in (self.root / table).glob("*.arrow"))

    def path(self, table: str, shard: int) -> Path:
        """Return where a shard of a table lies."""
        return self.root / table / f"{shard:06d}.arrow"
