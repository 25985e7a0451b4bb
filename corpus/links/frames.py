"""The tables that linking joins, as polars has them, and what is read from names in all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl
import pyarrow as pa

from corpus.links.callables import FAMILIES
from corpus.store import Store

IMPORTS_ALL = ["python", "ecmascript"]
"""Where nothing can be called by its bare name that was not imported or defined in the file."""


def frame(rows: pa.Table) -> pl.DataFrame:
    """Return a table as polars has it."""
    made = pl.from_arrow(rows)
    assert isinstance(made, pl.DataFrame)
    return made


def unnested(lists: pa.ChunkedArray) -> pl.DataFrame:
    """Return the structs of lists as the rows of one table."""
    return frame(pa.Table.from_struct_array(lists.combine_chunks().flatten()))


def read_all(store: Store, table: str, schema: pa.Schema, columns: Sequence[str]) -> pl.DataFrame:
    """Return some columns of all shards of a table, with ``shard`` and ``row`` in the store."""
    if store.count(table):
        return store.numbered(table, lambda rows: rows.select(columns))
    place = pl.lit(None, pl.Int64)
    return frame(schema.empty_table().select(columns)).with_columns(shard=place, row=place)


def counts(places: pl.Series, shards: Iterable[int]) -> list[int]:
    """Return how many rows have each shard as their place."""
    found = Counter(places)
    return [found[shard] for shard in shards]


def nested(rows: pl.DataFrame, of: pl.Series, each: Sequence[int], kind: pa.StructType) -> pa.Array:
    """Return a list of structs for each number, of rows that are sorted by ``of``, theirs."""
    arrays = [rows[field.name].to_arrow().cast(field.type) for field in kind]
    ends = np.cumsum([0, *counts(of, each)], dtype=np.int32)
    return pa.ListArray.from_arrays(ends, pa.StructArray.from_arrays(arrays, fields=list(kind)))


def family(language: pl.Expr) -> pl.Expr:
    """Return what stands for the languages whose code calls each other."""
    return language.replace_strict(FAMILIES, default=language)


def last(path: pl.Expr) -> pl.Expr:
    """Return the last name of a dotted path."""
    return path.str.split(".").list.last()


def maker(path: pl.Expr) -> pl.Expr:
    """Return what of a dotted path made the value: its last name, with the class of an instance."""
    return path.str.extract(r"((?:\w+\(\)\.)?[^.]*)$")


def of_fixture(made: str) -> pl.Expr:
    """Return what a type is that begins with a fixture's name; ``made`` holds what the fixture is.

    What its method gave is that of an instance: ``Runner().invoke`` of ``runner.invoke``.
    """
    method = pl.col("type").str.extract(r"\.(\w+)$")
    given = pl.when(method.is_null()).then(made).otherwise(pl.format("{}().{}", made, method))
    return pl.coalesce(given, "type")


def asked_first(type_: pl.Expr) -> pl.Expr:
    """Return the name in a type that may be a fixture's: all of it, or what a method is of."""
    return type_.str.extract(r"^(\w+)(?:\.\w+)?$")


def last_but_one(path: pl.Expr) -> pl.Expr:
    """Return the name before the last of a dotted path, or null."""
    return path.str.split(".").list.get(-2, null_on_oob=True)


def submodule() -> pl.Expr:
    """Return what ``original`` of ``module`` is called if it is a module itself, or null."""
    return pl.when(pl.col("original") != "").then(pl.format("{}/{}", "module", "original"))


def plain(text: pl.Expr) -> pl.Expr:
    """Return a name without its case and its separators."""
    return text.str.replace_all(r"[^A-Za-z0-9]", "").str.to_lowercase()
