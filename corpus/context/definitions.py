"""Which definitions to show with a piece of code: what it calls, and near misses.

All functions are held as columns of ids, names and places; as objects only those that are called
by what definitions are shown with, or may be mistaken for that.
"""

from __future__ import annotations

import builtins
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from corpus.config import Context
from corpus.ids import content_id
from corpus.schemas import SPLITS
from corpus.store import Store

FIELDS = [
    "function_id",
    "repo",
    "path",
    "language",
    "name",
    "qualified_name",
    "start_line",
    "end_line",
    "is_test",
]
"""The columns of ``schemas.FUNCTION`` that tell where a definition is."""

_MOST_CALLED = 3
# Names that a call on a built-in value has as well: one definition in the repo proves nothing.
_BUILT_IN = {
    name
    for kind in (builtins, str, bytes, list, dict, set, int, float, re.Pattern, re.Match)
    for name in dir(kind)
} | {"close", "read", "write", "open", "log", "run", "start", "stop", "size", "map", "filter"}


class Place(NamedTuple):
    """Where a definition is; ``shard`` and ``row`` in the store."""

    id: str
    repo: str
    path: str
    language: str
    name: str
    qualified_name: str
    split: int
    shard: int
    row: int

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Place:
        """Return the place of a record of ``FIELDS`` with split, shard and row."""
        return cls(
            id=row["function_id"],
            repo=row["repo"],
            path=row["path"],
            language=row["language"],
            name=row["name"],
            qualified_name=row["qualified_name"],
            split=SPLITS.index(row["split"]),
            shard=row["shard"],
            row=row["row"],
        )


class Asker(NamedTuple):
    """Code that definitions are shown with, and the names that it calls.

    ``first`` are those of the names that matter most. What the context lacks is one of ``known``:
    a name that the prompt says.
    """

    place: Place
    calls: Sequence[str]
    first: frozenset[str]
    known: frozenset[str]


@dataclass(frozen=True)
class Choice:
    """What is shown, the called names that the repo defines, and those of them not shown."""

    shown: list[Place]
    asked: list[str]
    missing: list[str]


class Definitions:
    """What the askers call, and its neighbours."""

    def __init__(self, functions: pl.DataFrame, context: Context, askers: Sequence[Asker]) -> None:
        """Look at all functions, as ``located`` returns them."""
        self._context = context
        lines = pl.col("end_line") - pl.col("start_line") + 1
        may_be_shown = pl.col("kept") & ~pl.col("is_test") & (lines <= context.max_lines)
        # Copies count as definitions too: with one of them a name is not unique.
        is_only = pl.len().over("repo", "language", "name") == 1
        calls = {call for asker in askers for call in asker.calls} - _BUILT_IN
        only = functions.filter(is_only & may_be_shown & pl.col("name").is_in(list(calls)))
        places = map(Place.of, only.iter_rows(named=True))
        self._only = {(p.repo, p.language, p.name): p for p in places}
        files = {p.path for p in self._only.values()} | {asker.place.path for asker in askers}
        near = functions.filter(may_be_shown & pl.col("path").is_in(list(files)))
        self._by_file: dict[tuple[str, str], list[Place]] = defaultdict(list)
        for place in map(Place.of, near.iter_rows(named=True)):
            self._by_file[place.repo, place.path].append(place)

    def choose(self, asker: Asker) -> Choice | None:
        """Return what to show with some code; None where it calls nothing that can be shown.

        Training rows are shown nothing from validation or test, validation rows nothing from test.
        """
        me = asker.place
        found = (self._only.get((me.repo, me.language, call)) for call in asker.calls)
        called = [p for p in found if p and not _is_inside(p, me) and p.split <= me.split]
        called.sort(key=lambda p: (p.name not in asker.first, content_id(me.id, p.id)))
        called = called[:_MOST_CALLED]
        is_lacking = share_of(me.id, "lacking") < self._context.lacking
        missing = [p for p in called if p.name in asker.known][:1] if is_lacking else []
        names = {me.name, *asker.calls}
        near = [p for place in (*called, me) for p in self._near(place, me, names)]
        if not called or (missing and not near):
            return None  # an empty context would tell that something is missing
        present = [place for place in called if place not in missing]
        shown = [*present, *dict.fromkeys(near)][: self._context.snippets]
        return Choice(
            sorted(shown, key=lambda p: content_id(me.id, p.id, "order")),
            sorted(place.name for place in called),
            [place.name for place in missing],
        )

    def _near(self, place: Place, asker: Place, names: Iterable[str]) -> list[Place]:
        """Return two definitions from a file that are not called, the most alike in name."""
        words = _words(place.name)
        others = self._by_file[place.repo, place.path]
        near = [p for p in others if p.name not in names and not _is_inside(p, asker)]
        near = [p for p in near if p.split <= asker.split]
        return sorted(near, key=lambda p: (-len(words & _words(p.name)), p.id))[:2]


class Callers:
    """The tests that call a function by a name that it alone has, and are named after it."""

    def __init__(self, functions: pl.DataFrame) -> None:
        """Look at all functions, as ``located`` returns them with ``calls``."""
        self._counts = Counter(functions.filter(~pl.col("is_test")).select("repo", "name").rows())
        tests = functions.filter(pl.col("kept") & pl.col("is_test"))
        self._by_call: dict[tuple[str, str], list[Place]] = defaultdict(list)
        for row in tests.iter_rows(named=True):
            for name in row["calls"]:
                self._by_call[row["repo"], name].append(Place.of(row))

    def of(self, change: Mapping[str, Any], split: str) -> list[Place]:
        """Return some tests of a changed function, shortest name first; none if unsure."""
        key = change["repo"], change["name"]
        if change["name"] in _BUILT_IN or self._counts[key] != 1:
            return []
        about = change["name"].lower().strip("_")
        found = [
            place
            for place in self._by_call[key]
            if about in place.name.lower()
            and "test" in place.qualified_name.lower()
            and place.split in (0, SPLITS.index(split))
        ]
        return sorted(found, key=lambda place: (len(place.name), place.id))[:3]


def _is_inside(place: Place, asker: Place) -> bool:
    """Tell whether a definition is the asker itself, or stands inside it."""
    return (place.repo, place.path) == (asker.repo, asker.path) and (
        f"{place.qualified_name}.".startswith(f"{asker.qualified_name}.")
    )


def share_of(id_: str, purpose: str) -> float:
    """Return a number from 0 to 1 that follows from an id."""
    return int(content_id(id_, purpose)[:8], 16) / 16**8


def located(store: Store, *more: str) -> pl.DataFrame:
    """Return ``FIELDS`` and ``more`` of all functions, with the verdict on each and its place."""
    counts = [shard.num_rows for shard in store.shards("functions")]
    places = pl.DataFrame(
        {
            "shard": np.repeat(np.arange(len(counts)), counts),
            "row": [row for count in counts for row in range(count)],
        },
        schema={"shard": pl.Int64, "row": pl.Int64},
    )
    functions = store.columns("functions", [*FIELDS, *more])
    verdicts = store.columns("function_verdicts", ["kept", "split"])
    return pl.concat([functions, verdicts, places], how="horizontal")


def _words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+|\d+", name)}
