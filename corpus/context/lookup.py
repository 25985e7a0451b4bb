"""Finds the definitions to show with a function, over the whole corpus at once.

The code of what is shown is taken from the store, which maps it from disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

import polars as pl
import pyarrow as pa

from corpus.config import Context
from corpus.context.calls import defined_elsewhere
from corpus.context.definitions import Asker, Definitions, Place, located, share_of
from corpus.context.records import CONTEXT, SNIPPET
from corpus.schemas import Columns
from corpus.store import Store

LOOKED_UP = ("functions", "function_verdicts")
"""The tables that definitions are looked up in."""


def find_contexts(store: Store, context: Context) -> None:
    """Write the table ``contexts`` (``records.CONTEXT``) for a share of the documented functions.

    A training row is shown nothing from validation or test, and a validation row nothing from test.
    """
    shards = list(store.shards("functions"))
    places = located(store)
    askers = list(_askers(places, shards, context.share))
    definitions = Definitions(places, context, askers)
    by_shard = {
        shard: list(of_shard) for shard, of_shard in groupby(askers, key=lambda a: a.place.shard)
    }
    for shard in range(len(shards)):
        found = Columns(CONTEXT)
        for asker in by_shard.get(shard, ()):
            if chosen := definitions.choose(asker):
                found.add(
                    id=asker.place.id,
                    shown=list(_snippets(chosen.shown, shards)),
                    asked=chosen.asked,
                    missing=chosen.missing,
                )
        store.write("contexts", shard, found.table())


def _askers(places: pl.DataFrame, shards: Sequence[pa.Table], share: float) -> Iterator[Asker]:
    """Yield the functions to show definitions with, in their order."""
    has_doc = (shard["doc"].is_valid().to_pylist() for shard in shards)
    documented = pl.Series([valid for of_shard in has_doc for valid in of_shard], dtype=pl.Boolean)
    wanted = places.filter(documented & pl.col("kept") & ~pl.col("is_test"))
    for row in wanted.iter_rows(named=True):
        if share_of(row["function_id"], "context") < share:
            shard, at = shards[row["shard"]], row["row"]
            calls = shard["calls"][at].as_py()
            calls = defined_elsewhere(calls, shard["code_without_doc"][at].as_py())
            yield Asker(Place.of(row), calls, first=frozenset(), known=frozenset(calls))


def _snippets(places: Iterable[Place], shards: Sequence[pa.Table]) -> Iterator[dict[str, Any]]:
    names = [field.name for field in SNIPPET]
    for place in places:
        yield from shards[place.shard].select(names).slice(place.row, 1).to_pylist()
