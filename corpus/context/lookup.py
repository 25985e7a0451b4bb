"""Finds the definitions to show with a function, over the whole corpus at once.

All functions are held as columns of ids, names and places; as objects only those that the chosen
share of functions calls or may mistake for what it calls. The code of what is shown is taken from
the store, which maps it from disk.
"""

from __future__ import annotations

import builtins
import re
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa

from corpus.config import Context
from corpus.context.records import CONTEXT, SNIPPET
from corpus.ids import content_id
from corpus.schemas import SPLITS, Columns
from corpus.store import Store

LOOKED_UP = ("functions", "function_verdicts")
"""The tables that definitions are looked up in."""

_MOST_CALLED = 3
_VERDICT = ["kept", "split"]
_FIELDS = ["function_id", "repo", "path", "language", "name", "start_line", "end_line", "is_test"]
# Names that a call on a built-in value has as well: one definition in the repo proves nothing.
_BUILT_IN = {
    name
    for kind in (builtins, str, bytes, list, dict, set, int, float, re.Pattern, re.Match)
    for name in dir(kind)
} | {"close", "read", "write", "open", "log", "run", "start", "stop", "size", "map", "filter"}


class _Place(NamedTuple):
    """Where a definition is; ``row`` among the functions of all shards."""

    id: str
    repo: str
    path: str
    language: str
    name: str
    split: int
    row: int


class _Asker(NamedTuple):
    """A function that definitions are shown with, and the names that it calls."""

    place: _Place
    calls: list[str]


def find_contexts(store: Store, context: Context) -> None:
    """Write the table ``contexts`` (``records.CONTEXT``) for a share of the documented functions.

    A training row is shown nothing from validation or test, and a validation row nothing from test.
    """
    shards = list(store.shards("functions"))
    functions, verdicts = pa.concat_tables(shards), store.columns("function_verdicts", _VERDICT)
    places = pl.DataFrame(functions.select(_FIELDS)).hstack(verdicts).with_row_index("row")
    askers = _askers(places, functions, context.share)
    definitions = _Definitions(places, context, askers)
    chosen = [(asker, found) for asker in askers if (found := definitions.choose(asker))]
    shown = iter(_snippets([place.row for _, found in chosen for place in found.shown], shards))
    waiting, end = deque(chosen), 0
    for shard, rows in enumerate(shards):
        end += rows.num_rows
        contexts = Columns(CONTEXT)
        while waiting and waiting[0][0].place.row < end:
            asker, found = waiting.popleft()
            contexts.add(
                function_id=asker.place.id,
                shown=list(islice(shown, len(found.shown))),
                asked=found.asked,
                missing=found.missing,
            )
        store.write("contexts", shard, contexts.table())


def _askers(places: pl.DataFrame, functions: pa.Table, share: float) -> list[_Asker]:
    """Return the functions to show definitions with, in their order."""
    documented = pl.Series(functions["doc"].is_valid())
    wanted = places.filter(documented & pl.col("kept") & ~pl.col("is_test"))
    ids = wanted["function_id"]
    chosen = wanted.filter(
        pl.Series([_share_of(id_, "context") < share for id_ in ids], dtype=pl.Boolean)
    )
    calls = functions["calls"].take(pa.array(chosen["row"], pa.int64())).to_pylist()
    rows = chosen.iter_rows(named=True)
    return [_Asker(_place(row), called) for row, called in zip(rows, calls, strict=True)]


def _place(row: Mapping[str, Any]) -> _Place:
    return _Place(
        id=row["function_id"],
        repo=row["repo"],
        path=row["path"],
        language=row["language"],
        name=row["name"],
        split=SPLITS.index(row["split"]),
        row=row["row"],
    )


@dataclass(frozen=True)
class _Choice:
    shown: list[_Place]
    asked: list[str]
    missing: list[str]


class _Definitions:
    """What the askers call, and its neighbours."""

    def __init__(self, functions: pl.DataFrame, context: Context, askers: Sequence[_Asker]) -> None:
        self._context = context
        lines = pl.col("end_line") - pl.col("start_line") + 1
        may_be_shown = pl.col("kept") & ~pl.col("is_test") & (lines <= context.max_lines)
        # Copies count as definitions too: with one of them a name is not unique.
        is_only = pl.len().over("repo", "language", "name") == 1
        calls = {call for asker in askers for call in asker.calls} - _BUILT_IN
        only = functions.filter(is_only & may_be_shown & pl.col("name").is_in(list(calls)))
        places = map(_place, only.iter_rows(named=True))
        self._only = {(p.repo, p.language, p.name): p for p in places}
        files = {p.path for p in self._only.values()} | {asker.place.path for asker in askers}
        near = functions.filter(may_be_shown & pl.col("path").is_in(list(files)))
        self._by_file: dict[tuple[str, str], list[_Place]] = defaultdict(list)
        for place in map(_place, near.iter_rows(named=True)):
            self._by_file[place.repo, place.path].append(place)

    def choose(self, asker: _Asker) -> _Choice | None:
        """Return what to show with a function; None where it calls nothing that can be shown."""
        me = asker.place
        found = (self._only.get((me.repo, me.language, call)) for call in asker.calls)
        called = [p for p in found if p and p.id != me.id and p.split <= me.split]
        called = sorted(called, key=lambda p: content_id(me.id, p.id))[:_MOST_CALLED]
        is_lacking = _share_of(me.id, "lacking") < self._context.lacking
        missing = called[:1] if is_lacking else []
        names = {me.name, *asker.calls}
        near = [p for place in (*called, me) for p in self._near(place, me, names)]
        if not called or (missing and not near):
            return None  # an empty context would tell that something is missing
        present = [place for place in called if place not in missing]
        shown = [*present, *dict.fromkeys(near)][: self._context.snippets]
        return _Choice(
            sorted(shown, key=lambda p: content_id(me.id, p.id, "order")),
            sorted(place.name for place in called),
            [place.name for place in missing],
        )

    def _near(self, place: _Place, asker: _Place, names: Iterable[str]) -> list[_Place]:
        """Return two definitions from a file that are not called, the most alike in name."""
        words = _words(place.name)
        others = self._by_file[place.repo, place.path]
        near = [p for p in others if p.name not in names and p.split <= asker.split]
        return sorted(near, key=lambda p: (-len(words & _words(p.name)), p.id))[:2]


def _words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+|\d+", name)}


def _snippets(rows: Sequence[int], shards: Sequence[pa.Table]) -> list[dict[str, Any]]:
    """Return the code of some rows of all shards, touching no other code."""
    names = [field.name for field in SNIPPET]
    ends = np.cumsum([shard.num_rows for shard in shards])
    places = np.searchsorted(ends, rows, "right")
    found = []
    for row, place in zip(rows, places.tolist(), strict=True):
        shard = shards[place]
        start = int(ends[place]) - shard.num_rows
        found += shard.select(names).slice(row - start, 1).to_pylist()
    return found


def _share_of(id_: str, purpose: str) -> float:
    """Return a number from 0 to 1 that follows from an id."""
    return int(content_id(id_, purpose)[:8], 16) / 16**8
