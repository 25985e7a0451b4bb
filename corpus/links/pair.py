"""Chooses which tests of which functions become rows, and says why of every other test."""

from __future__ import annotations

import polars as pl

from corpus.config import Tests
from corpus.links.frames import frame
from corpus.links.records import TESTED, TIERS
from corpus.links.verified import mutate_corpus, read_tiers
from corpus.schemas import REJECT
from corpus.store import Store

LINKED = ("files", "functions", "function_verdicts", "test_units", "test_calls")
"""The tables that linking and pairing read."""


def pair_corpus(store: Store, settings: Tests) -> None:
    """Write ``tested`` and ``mutated``, in the shards of the functions, and ``test_rejects``.

    A test goes with the function that it is most about. What is held out must not be shown in
    training: a row is in the split of what it teaches to write, and the other half of it is in the
    same split, or in training.
    """
    units = pl.concat(frame(rows) for rows in store.shards("test_units"))
    tests = units.filter(
        (pl.col("kind") == "test")
        & (pl.col("reason").is_null() | (pl.col("reason") != "duplicate"))
    )
    found = frame(store.read("links", 0))
    linked = found["test_id"].unique().implode()
    sure = pl.col("confidence") >= settings.min_confidence
    links = found.filter(pl.col("rank") == pl.col("rank").filter(sure).min().over("test_id"))
    tests = tests.join(
        links.select(pl.col("test_id").alias("unit_id"), "function_id", "evidence"),
        on="unit_id",
        how="left",
        maintain_order="left",
    )
    tests = tests.join(_kept(store), on="function_id", how="left", maintain_order="left")
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
    tests = tests.with_columns(reason=reason)
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
    store.write("test_rejects", 0, _rejects(left_out).to_arrow().cast(REJECT))
    mutate_corpus(store, units, settings)
    unit = pl.struct(units.columns).alias("test")
    for shard, rows in enumerate(store.shards("functions")):
        functions = frame(rows).join(
            chosen.select("function_id", "split_of_function", "evidence", "path", unit)
            .rename({"split_of_function": "split", "path": "test_path"}),
            on="function_id",
            maintain_order="left_right",
        )  # fmt: skip
        keys = [*rows.column_names, "split"]
        by = [*keys, "test_path"] if settings.together else [*keys, "test"]
        grouped = (
            functions.with_columns(tests=pl.col("test"))
            .group_by(by, maintain_order=True)
            .agg("tests", pl.col("evidence").first())
        )
        store.write("tested", shard, grouped.select(TESTED.names).to_arrow().cast(TESTED))


def _kept(store: Store) -> pl.DataFrame:
    """Return every function's id, whether dedup kept it, and its split."""
    return pl.concat(
        frame(verdicts).select(
            pl.col("id").alias("function_id"), "kept", pl.col("split").alias("split_of_function")
        )
        for verdicts in store.shards("function_verdicts")
    )


def _rejects(tests: pl.DataFrame) -> pl.DataFrame:
    return tests.select(
        pl.col("unit_id").alias("id"),
        pl.lit("test").alias("stage"),
        "reason",
        pl.col("name").alias("detail"),
        "repo",
        "path",
        pl.col("start_line").alias("line"),
    )
