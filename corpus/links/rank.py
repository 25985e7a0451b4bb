"""Ranks what every test calls by how much the test is about it, over the whole corpus at once."""

from __future__ import annotations

import polars as pl

from corpus.links.confidence import confidence
from corpus.links.fixtures import fixtures_asked
from corpus.links.frames import plain, read_all
from corpus.links.records import CALLABLE, LINK, MEANT
from corpus.store import Store

_FLAGS = ("imported", "sourced", "typed", "placed", "alone", "near", "named", "compound", "called",
          "read", "always", "direct")  # fmt: skip
_DEFINITION = ["repo", "path", "qualified_name", "number"]


def rank_links(store: Store, units: pl.DataFrame) -> pl.DataFrame:
    """Return the links (``records.LINK``), best first for each test, tests in their order.

    ``units`` are those of all shards, without their texts.
    """
    columns = ["function_id", *_DEFINITION, "key", "start_line", "end_line"]
    functions = read_all(store, "callables", CALLABLE, columns).drop("shard", "row")
    # There is no shard of it where no test calls anything.
    meant = read_all(store, "meant", MEANT, MEANT.names).drop("shard", "row")
    meant = meant.join(units.select("unit_id", "repo"), on="unit_id", maintain_order="left")
    meant = meant.join(functions, on=_DEFINITION, maintain_order="left")
    tests = units.filter(pl.col("kind") == "test").select(
        pl.col("unit_id").alias("test_id"), "language",
        pl.col("path").alias("test_path"), pl.col("name").alias("test_name"),
        pl.col("start_line").alias("test_line"),
        order=pl.int_range(pl.len()),
    )  # fmt: skip
    own = meant.with_columns(test_id="unit_id", direct=pl.lit(value=True))
    own = own.join(tests.select("test_id"), on="test_id", how="semi")
    used = meant.with_columns(direct=pl.lit(value=False)).join(
        _uses(units), left_on="unit_id", right_on="uses", maintain_order="left_right"
    )
    both = pl.concat([own, used.select(own.columns)]).join(tests, on="test_id",
                                                           maintain_order="left")  # fmt: skip
    word = plain(pl.col("key"))
    both = both.with_columns(
        named=(word.str.len_chars() > 2)
        & plain(pl.col("test_name")).str.contains(word, literal=True),
        compound=pl.col("key").str.contains(r"[a-z0-9]_[a-z]|[a-z0-9][A-Z]"),
    ).with_columns(confidence=confidence(pl.col))
    return _ranked(both).select(LINK.names)


def _ranked(links: pl.DataFrame) -> pl.DataFrame:
    """Return one link per test and function: the surest, with its evidence and rank."""
    links = links.sort("confidence", descending=True, maintain_order=True)
    links = links.unique(["test_id", "function_id"], keep="first", maintain_order=True)
    links = links.with_columns(tests=pl.len().over("function_id")).sort(
        ["order", "direct", "named", "near", "tests", "path", "start_line"],
        descending=[False, True, True, True, False, False, False],
        maintain_order=True,
    )
    evidence = pl.concat_list(
        pl.when(pl.col(flag)).then(pl.lit(flag)) for flag in _FLAGS
    ).list.drop_nulls()
    return links.with_columns(evidence=evidence, rank=pl.int_range(1, pl.len() + 1).over("test_id"))


def _uses(units: pl.DataFrame) -> pl.DataFrame:
    """Return which units run with a test: hooks and helpers of its file, the fixtures it names."""
    tests = units.filter(pl.col("kind") == "test").select("uses", test_id="unit_id")
    fixtures = fixtures_asked(units).select("fixture_id", test_id="unit_id")
    fixtures = fixtures.join(tests, on="test_id", how="semi", maintain_order="left")
    pairs = [
        tests.explode("uses").drop_nulls("uses").select("test_id", "uses"),
        fixtures.select("test_id", uses="fixture_id"),
    ]
    return pl.concat(pairs).unique(maintain_order=True)
