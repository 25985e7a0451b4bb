"""Chooses which tests of which functions become rows, and says why of every other test."""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa

from corpus.config import Tests
from corpus.links.frames import counts
from corpus.links.nearby import Nearby
from corpus.links.rank import rank_links
from corpus.links.read import in_batches, read_units, read_verdicts, structs, units_at
from corpus.links.records import LINK, TEST_UNIT, TIERS
from corpus.links.support import REACH
from corpus.links.verified import read_tiers
from corpus.rejects import rejects_of
from corpus.schemas import record, required
from corpus.store import Store, cut

TESTED = record(
    "tested",
    4,
    [
        required("function_id"),
        required("split"),
        required("evidence", pa.list_(pa.string())),
        required("tests", pa.list_(pa.struct(list(TEST_UNIT)))),
        *REACH,
    ],
)
"""A function with some of its tests, those that are most about it first, and what they may use."""

PAIRED = ("test_units", "helpers", "needed", "meant", "callables", "function_verdicts")
"""The tables that ranking and pairing read."""

_WITHOUT_TESTS = pa.schema([TESTED.field(name) for name in ("function_id", "split", "evidence")])


def pair_tests(store: Store, settings: Tests) -> None:
    """Write ``links``, ``test_rejects``, and ``tested``, the last in the shards of the functions.

    A test goes with the function that it is most about. What is held out must not be shown in
    training: a row is in the split of what it teaches to write, and the other half of it is in the
    same split, or in training.
    """
    units = read_units(store)
    links = rank_links(store, units)
    store.write("links", 0, links.to_arrow().cast(LINK))
    tests = _judged(store, units, links, settings)
    good = tests.filter(pl.col("reason").is_null()).with_columns(
        about=pl.col("evidence").list.contains("named").cast(pl.Int8)
        + pl.col("evidence").list.contains("near").cast(pl.Int8)
    )
    good = good.sort("about", descending=True, maintain_order=True)
    good = good.with_columns(number=pl.int_range(pl.len()).over("function_id"))
    chosen = good.filter(pl.col("number") < settings.per_function)
    more = good.filter(pl.col("number") >= settings.per_function)
    more = more.with_columns(reason=pl.lit("enough_tests"))
    left_out = pl.concat([tests.filter(pl.col("reason").is_not_null()), more.select(tests.columns)])
    store.write("test_rejects", 0, rejects_of(left_out, "test", "unit_id", "name"))
    _write_tested(store, chosen, together=settings.together)


def _judged(
    store: Store, units: pl.DataFrame, links: pl.DataFrame, settings: Tests
) -> pl.DataFrame:
    """Return all tests that are no copies, with their functions, or the reason why not."""
    tests = units.filter(
        (pl.col("kind") == "test")
        & (pl.col("reason").is_null() | (pl.col("reason") != "duplicate"))
    )
    linked = links["test_id"].unique().implode()
    sure = pl.col("confidence") >= settings.min_confidence
    links = links.filter(pl.col("rank") == pl.col("rank").filter(sure).min().over("test_id"))
    tests = tests.join(
        links.select(pl.col("test_id").alias("unit_id"), "function_id", "evidence"),
        on="unit_id",
        how="left",
        maintain_order="left",
    )
    tests = tests.join(read_verdicts(store), on="function_id", how="left", maintain_order="left")
    tests = tests.join(
        read_tiers(settings).rename({"test_id": "unit_id"}),
        on=["unit_id", "function_id"],
        how="left",
        maintain_order="left",
    )
    reason = (
        pl.when(pl.col("reason").is_not_null())
        .then(pl.col("reason"))
        .when(pl.col("function_id").is_null() & pl.col("unit_id").is_in(linked))
        .then(pl.lit("unsure_link"))
        .when(pl.col("function_id").is_null())
        .then(pl.lit("no_link"))
        .when(~pl.col("kept"))
        .then(pl.lit("duplicate_function"))
        .when(pl.col("proof").fill_null(0) < TIERS.index(settings.tier))
        .then(pl.lit("tier_too_low"))
    )
    return tests.with_columns(reason=reason)


def _write_tested(store: Store, chosen: pl.DataFrame, *, together: bool) -> None:
    """Write the rows: one per function and file of its tests if ``together``, else one per test."""
    chosen = chosen.sort("function_shard", "function_row", maintain_order=True)
    nearby = Nearby(store)
    by = ["function_shard", "function_id", "function_split", "path" if together else "unit_id"]
    grouped = chosen.group_by(by, maintain_order=True).agg(
        pl.col("evidence").first(), pl.struct("shard", "row").alias("tests")
    )
    for shards, rows in in_batches(grouped, store.count("function_verdicts")):
        places = rows.select(pl.col("tests").explode()).unnest("tests")
        units = units_at(store, places)
        plain = rows.select("function_id", "evidence", split="function_split").to_arrow()
        plain = plain.select(_WITHOUT_TESTS.names).cast(_WITHOUT_TESTS)
        sizes = rows["tests"].list.len().to_numpy()
        reach = nearby.of(units, places["shard"], sizes)
        place = unit = 0
        for shard, count in zip(shards, counts(rows["function_shard"], shards), strict=True):
            made = TESTED.empty_table()
            if count:
                ends = np.cumsum([0, *sizes[place : place + count]], dtype=np.int32)
                lists = pa.ListArray.from_arrays(ends, structs(cut(units, unit, ends[-1])))
                own, near = cut(plain, place, count), cut(reach, place, count)
                made = pa.table([*own.columns, lists, *near.columns], TESTED)
                place, unit = place + count, unit + ends[-1]
            store.write("tested", shard, made)
