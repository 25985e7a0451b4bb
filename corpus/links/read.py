"""Reads what pairing needs: columns without texts, and then the texts of what was chosen."""

from __future__ import annotations

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from corpus.links.frames import read_all
from corpus.links.records import TEST_UNIT
from corpus.store import Store


def read_units(store: Store) -> pl.DataFrame:
    """Return the test units of all shards without their texts, with where they are in the store."""
    columns = ["unit_id", "repo", "path", "language", "kind", "name", "start_line", "uses",
               "reason", "split"]  # fmt: skip
    return read_all(store, "test_units", columns)


def read_verdicts(store: Store) -> pl.DataFrame:
    """Return every function's id, whether dedup kept it, its split, and where it is."""
    return read_all(store, "function_verdicts", ["id", "kept", "split"]).select(
        "kept", function_id="id", function_split="split", function_shard="shard", function_row="row"
    )


def units_at(store: Store, places: pl.DataFrame) -> pa.StructArray:
    """Return the test units at ``shard`` and ``row``, in the order of ``places``."""
    places = places.with_row_index("order")
    found = [TEST_UNIT.empty_table()]
    order = [pa.array([], pa.uint32())]
    for (shard,), part in places.partition_by("shard", as_dict=True).items():
        found.append(store.read("test_units", shard).take(part["row"].to_arrow()))
        order.append(part["order"].to_arrow())
    back = pc.sort_indices(pa.concat_arrays(order))
    units = pa.concat_tables(found).combine_chunks().take(back)
    return pa.StructArray.from_arrays(
        [column.combine_chunks() for column in units.columns], fields=list(TEST_UNIT)
    )
