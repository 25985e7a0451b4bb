"""Which definitions to show with a piece of code: what it calls, and near misses.

All functions are held as columns of ids, names and places; as objects only those that are called
by what definitions are shown with, or may be mistaken for that.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import nsmallest
from typing import Any, NamedTuple

import polars as pl

from corpus.config import Context
from corpus.extract.calls import BUILT_IN, Called, can_mean
from corpus.ids import content_id
from corpus.schemas import SPLITS

_MOST_CALLED = 3


class Place(NamedTuple):
    """Where a definition is; ``shard`` and ``row`` in the store, ``split`` an index in SPLITS."""

    id: str
    repo: str
    path: str
    language: str
    kind: str
    name: str
    qualified_name: str
    split: int
    shard: int
    row: int


class Asker(NamedTuple):
    """Code that definitions are shown with, and the names that it calls, and how.

    ``first`` are those of the names that matter most. What the context lacks is one of ``known``:
    a name that the prompt says.
    """

    place: Place
    calls: Mapping[str, Called]
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

    def __init__(
        self, functions: pl.DataFrame, only: pl.DataFrame, context: Context, askers: Sequence[Asker]
    ) -> None:
        """Look at all functions, rows of the table ``places``, and at those of ``defined_once``."""
        self._context = context
        calls = {call for asker in askers for call in asker.calls}
        called = only.filter(pl.col("name").is_in(list(calls)))
        self._only = {(p.repo, p.language, p.name): p for p in places(called)}
        files = {p.path for p in self._only.values()} | {asker.place.path for asker in askers}
        near = functions.filter(_may_be_shown(context) & pl.col("path").is_in(list(files)))
        self._by_file: dict[tuple[str, str], list[Place]] = defaultdict(list)
        for place in places(near):
            self._by_file[place.repo, place.path].append(place)

    def choose(self, asker: Asker) -> Choice | None:
        """Return what to show with some code; None where it calls nothing that can be shown.

        Training rows are shown nothing from validation or test, validation rows nothing from test.
        """
        me = asker.place
        found = [
            (self._only.get((me.repo, me.language, name)), call)
            for name, call in asker.calls.items()
        ]
        called = [
            p
            for p, call in found
            if p and not _is_inside(p, me) and p.split <= me.split
            and can_mean(call, p.language, p.kind, p.path, p.qualified_name)
        ]  # fmt: skip
        if not called:
            return None
        called.sort(key=lambda p: (p.name not in asker.first, content_id(me.id, p.id)))
        called = called[:_MOST_CALLED]
        is_lacking = share_of(me.id, "lacking") < self._context.lacking
        missing = [p for p in called if p.name in asker.known][:1] if is_lacking else []
        names = {me.name, *asker.calls}
        near = [p for place in (*called, me) for p in self._near(place, me, names)]
        if missing and not near:
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
        near = [
            (-len(words & _words(p.name)), p.id, p)
            for p in others
            if p.split <= asker.split and p.name not in names and not _is_inside(p, asker)
        ]
        return [p for _, _, p in nsmallest(2, near)]


def defined_once(functions: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Return the functions (rows of ``places``) that a call by name means, and that may be shown.

    No other of the repo has the name. Copies count as well: with one of them it is not unique.
    """
    names = ("repo", "language", "name")
    is_only = functions.select(names).is_unique()
    is_telling = ~pl.col("name").is_in(list(BUILT_IN))
    return functions.filter(is_only, is_telling, _may_be_shown(context))


def calling(askers: pl.DataFrame, only: pl.DataFrame) -> pl.DataFrame:
    """Return the askers that call one of these functions, going by its name alone.

    The others are shown nothing, so that nobody has to read their code. ``askers`` have ``repo``,
    ``language`` and ``calls``.
    """
    of_each = askers.select("repo", "language", "calls").with_row_index("asker")
    names = of_each.explode("calls").rename({"calls": "name"})
    found = names.join(only, on=["repo", "language", "name"], how="semi")
    return askers[found["asker"].unique(maintain_order=True)]


def _may_be_shown(context: Context) -> pl.Expr:
    lines = pl.col("end_line") - pl.col("start_line") + 1
    return pl.col("kept") & ~pl.col("is_test") & (lines <= context.max_lines)


class Callers:
    """The tests that call a function by a name that it alone has, and are named after it."""

    def __init__(self, functions: pl.DataFrame, names: Iterable[str]) -> None:
        """Look for these names at all functions, rows of the table ``places``."""
        wanted = pl.Series(sorted({*names} - BUILT_IN), dtype=pl.String)
        named = functions.filter(~pl.col("is_test") & pl.col("name").is_in(wanted))
        self._counts = Counter(named.select("repo", "name").rows())
        tests = functions.filter(pl.col("kept") & pl.col("is_test"))
        calls = tests.select("calls").with_row_index("test").explode("calls")
        calls = calls.filter(pl.col("calls").is_in(wanted))
        self._by_call: dict[tuple[str, str], list[Place]] = defaultdict(list)
        for place, call in zip(places(tests[calls["test"]]), calls["calls"], strict=True):
            self._by_call[place.repo, call].append(place)

    def of(self, change: Mapping[str, Any], split: str) -> list[Place]:
        """Return some tests of a changed function, shortest name first; none if unsure."""
        key = change["repo"], change["name"]
        if self._counts[key] != 1:
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


def places(functions: pl.DataFrame) -> Iterator[Place]:
    """Yield some rows of the table ``places``."""
    fields = ["function_id", *Place._fields[1:]]
    return map(Place._make, functions.select(fields).iter_rows())


@lru_cache(1 << 14)  # a file's names are compared with each of its functions
def _words(name: str) -> frozenset[str]:
    return frozenset(word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+|\d+", name))
