"""Finds the definitions to show with documented functions, over the whole corpus at once.

The code of what is shown is taken from the store, which maps it from disk.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyarrow.compute as pc

from corpus.config import Context
from corpus.context.definitions import FIELDS, Asker, Definitions, Place, share_of
from corpus.context.records import CONTEXT, SNIPPET
from corpus.schemas import Columns
from corpus.store import Store


def find_contexts(store: Store, context: Context) -> None:
    """Write the table ``contexts`` (``records.CONTEXT``) for a share of the documented functions.

    A training row is shown nothing from validation or test, and a validation row nothing from test.
    """
    askers = [_askers(store, shard, context.share) for shard in range(store.count("functions"))]
    definitions = Definitions(store, context, [asker for shard in askers for asker in shard])
    for shard, of_shard in enumerate(askers):
        found = Columns(CONTEXT)
        for asker in of_shard:
            if chosen := definitions.choose(asker):
                found.add(
                    id=asker.place.id,
                    shown=_snippets(chosen.shown, store),
                    asked=chosen.asked,
                    missing=chosen.missing,
                )
        store.write("contexts", shard, found.table())


def _askers(store: Store, shard: int, share: float) -> list[Asker]:
    functions, verdicts = store.read("functions", shard), store.read("function_verdicts", shard)
    wanted = pc.and_(verdicts["kept"], functions["doc"].is_valid())
    wanted = pc.and_(wanted, pc.invert(functions["is_test"]))
    columns = functions.select([*FIELDS, "calls"]).append_column("split", verdicts["split"])
    rows = columns.filter(wanted).to_pylist() if share else []
    return [
        Asker(
            Place.of({**row, "shard": shard, "row": 0}),
            row["calls"],
            first=frozenset(),
            known=frozenset(row["calls"]),
        )
        for row in rows
        if share_of(row["function_id"], "context") < share
    ]


def _snippets(places: Iterable[Place], store: Store) -> list[dict[str, Any]]:
    names = [field.name for field in SNIPPET]
    return [
        row
        for place in places
        for row in store.read("functions", place.shard)
        .select(names)
        .slice(place.row, 1)
        .to_pylist()
    ]
