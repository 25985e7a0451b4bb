"""The tables of a build, where some shards lie in the cache until they are read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from corpus.run.cache import Cache, Files, LostError
from corpus.schemas import record, required
from corpus.store import Store

Place = tuple[str, int]
"""A table and a shard of it."""


PLACE = record(
    "place",
    1,
    [
        required("table"),
        required("shard", pa.int32()),
        required("rows", pa.int64()),
        required("entry"),
        required("first", pa.int32()),
    ],
)
"""Where a shard of a build's table is kept: in which entry, whose first shard is ``first``."""


@dataclass(frozen=True)
class CachedStore(Store):
    """A store to which some shards are promised: each is taken from the cache at its first use.

    So what a build does not read costs it nothing. Only its own process knows of promises: what
    others are to read has to be taken first. Whoever reads may meet LostError; not so where
    ``is_eager``: then all that is promised is taken at once. ``written`` is what was written here:
    table, shard and rows.
    """

    cache: Cache
    is_eager: bool = False
    written: list[tuple[str, int, int]] = field(default_factory=list)
    _promised: dict[Place, tuple[str, int, str]] = field(default_factory=dict)
    _numbers: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def promise(self, key: str, files: Files, first: int = 0) -> None:
        """Have the files of an entry as shards, its shard 0 as ``first``.

        Raises LostError for an eager store if one is lost; then it has none of them.
        """
        places = [(table, first + at) for table, at in files]
        for (table, shard), file in zip(places, files.values(), strict=True):
            self._promised[table, shard] = key, shard - first, file.digest
            self._numbers[table].add(shard)
        if not self.is_eager:
            return
        try:
            self.take(places)
        except LostError:
            for table, shard in places:
                self._promised.pop((table, shard), None)
                self._numbers[table].discard(shard)
                # Nothing may be written into a file that another build may have taken, too.
                Path(self.path(table, shard)).unlink(missing_ok=True)
            raise

    def take(self, places: Iterable[Place]) -> Store:
        """Take some shards from the cache; return the store as another process can read it."""
        for table, shard in places:
            self.path(table, shard)
        return Store(self.root)

    def write(self, table: str, shard: int, rows: pa.Table) -> None:
        """Write one shard of a table."""
        super().write(table, shard, rows)
        self.written.append((table, shard, rows.num_rows))

    def write_empty(self, table: str, shard: int, like: int) -> None:
        """Write a shard without rows."""
        super().write_empty(table, shard, like)
        self.written.append((table, shard, 0))

    def size(self, table: str, shard: int) -> int:
        """Return the bytes of a shard, wherever it lies."""
        promised = self._promised.get((table, shard))
        if promised is None:
            return super().size(table, shard)
        key, at, _ = promised
        return self.cache.size(key, table, at)

    def path(self, table: str, shard: int) -> str:
        """Return where a shard lies, and have it there if it was promised."""
        path = super().path(table, shard)
        promised = self._promised.pop((table, shard), None)
        if promised is not None:
            key, at, digest = promised
            self.cache.take(key, table, at, digest, path)
        return path

    def numbers(self, table: str) -> list[int]:
        """Return the numbers of the shards that a table has, those promised among them."""
        return sorted(self._numbers[table].union(super().numbers(table)))
