"""Finds the definitions to show with a function, over the whole corpus at once.

The code of what is shown is taken from the store, which maps it from disk.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from itertools import groupby

import polars as pl
import pyarrow as pa

from corpus.config import Context
from corpus.context.definitions import (
    Asker,
    Definitions,
    calling,
    defined_once,
    places,
    share_of,
)
from corpus.context.records import CONTEXT, SNIPPET
from corpus.extract.calls import defined_elsewhere
from corpus.schemas import Columns
from corpus.store import Store

LOOKED_UP = ("places", "functions")
"""The tables that definitions are looked up in."""
_SHARDS_AT_ONCE = 64


def find_contexts(store: Store, context: Context) -> None:
    """Write the table ``contexts`` (``records.CONTEXT``) for a share of the documented functions.

    A training row is shown nothing from validation or test, and a validation row nothing from test.
    """
    functions = pl.DataFrame(store.read("places", 0))
    only = defined_once(functions, context)
    askers = list(_askers(store, functions, only, context.share))
    definitions = Definitions(functions, only, context, askers)
    del functions, only
    contexts = _contexts(store, definitions, askers)
    store.write_few("contexts", CONTEXT, contexts, store.count("functions"))


def _contexts(
    store: Store, definitions: Definitions, askers: Sequence[Asker]
) -> Iterator[tuple[int, pa.Table]]:
    """Yield what is shown with the askers of each shard."""
    snippets = lru_cache(_SHARDS_AT_ONCE)(partial(_snippets, store))
    for shard, of_shard in groupby(askers, key=lambda asker: asker.place.shard):
        found = Columns(CONTEXT)
        for asker in of_shard:
            if chosen := definitions.choose(asker):
                found.add(
                    id=asker.place.id,
                    shown=[
                        {name: column[p.row].as_py() for name, column in snippets(p.shard).items()}
                        for p in chosen.shown
                    ],
                    asked=chosen.asked,
                    missing=chosen.missing,
                )
        yield shard, found.table()


def _askers(
    store: Store, functions: pl.DataFrame, only: pl.DataFrame, share: float
) -> Iterator[Asker]:
    """Yield the functions to show definitions with, in their order."""
    documented = functions.filter(pl.col("is_documented") & pl.col("kept") & ~pl.col("is_test"))
    wanted = calling(documented, only)
    wanted = wanted.filter([share_of(id_, "context") < share for id_ in wanted["function_id"]])
    rows = zip(places(wanted), wanted["calls"].to_list(), strict=True)
    for shard, of_shard in groupby(rows, key=lambda row: row[0].shard):
        codes = store.read("functions", shard)["code_without_doc"]
        for place, calls in of_shard:
            called = defined_elsewhere(calls, codes[place.row].as_py())
            yield Asker(place, called, first=frozenset(), known=frozenset(called))


def _snippets(store: Store, shard: int) -> dict[str, pa.Array]:
    functions = store.read("functions", shard)
    return {field.name: functions[field.name].combine_chunks() for field in SNIPPET}
