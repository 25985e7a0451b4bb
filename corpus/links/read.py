"""Reads what pairing needs: columns without texts, and then the texts of what was chosen."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import numpy as np
import polars as pl
import pyarrow as pa

from corpus.links.frames import read_all
from corpus.links.records import TEST_UNIT
from corpus.schemas import VERDICT
from corpus.store import Store

_AT_ONCE = 128


def read_units(store: Store) -> pl.DataFrame:
    """Return the test units of all shards without their texts, with where they are in the store."""
    columns = ["unit_id", "repo", "path", "language", "kind", "name", "start_line", "uses",
               "fixtures", "returns", "reason", "split"]  # fmt: skip
    return read_all(store, "test_units", TEST_UNIT, columns)


def read_verdicts(store: Store) -> pl.DataFrame:
    """Return every function's id, whether dedup kept it, its split, and where it is."""
    return read_all(store, "function_verdicts", VERDICT, ["id", "kept", "split"]).select(
        "kept", function_id="id", function_split="split", function_shard="shard", function_row="row"
    )


def units_at(store: Store, places: pl.DataFrame) -> pa.Table:
    """Return the test units at ``shard`` and ``row``, in the order of ``places``."""
    rows: dict[int, list[int]] = {}
    order: dict[int, list[int]] = {}
    for place, (shard, row) in enumerate(places.select("shard", "row").iter_rows()):
        rows.setdefault(shard, []).append(row)
        order.setdefault(shard, []).append(place)
    found = [store.read("test_units", shard).take(numbers) for shard, numbers in rows.items()]
    units = pa.concat_tables([TEST_UNIT.empty_table(), *found]).combine_chunks()
    back = np.argsort(np.fromiter(chain.from_iterable(order.values()), np.int64))
    return units.take(pa.array(back))


def structs(rows: pa.Table) -> pa.StructArray:
    """Return rows as one column."""
    columns = [column.combine_chunks() for column in rows.columns]
    return pa.StructArray.from_arrays(columns, fields=list(rows.schema))


def in_batches(rows: pl.DataFrame, count: int) -> Iterator[tuple[range, pl.DataFrame]]:
    """Yield ``count`` shards, some at a time, with their rows by ``function_shard``.

    So many that their texts can be held at once; the more, the fewer times a shard of tests is
    opened for one of them.
    """
    for first in range(0, count, _AT_ONCE):
        shards = range(first, min(first + _AT_ONCE, count))
        yield shards, rows.filter(pl.col("function_shard").is_between(shards[0], shards[-1]))
