"""Plans what goes with changes: definitions with fixes, tests with refactorings.

Which ones follows from the repo of today, where all functions are known; their code is looked for
in the files of the commit or its parent (``corpus.context.changes``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
import pyarrow as pa

from corpus.config import Context
from corpus.context.definitions import (
    Asker,
    Callers,
    Definitions,
    Place,
    calling,
    defined_once,
    share_of,
)
from corpus.context.records import CONTEXT_PLAN
from corpus.extract.calls import called, defined_elsewhere
from corpus.schemas import SPLITS, Columns
from corpus.store import Store

PLANNED = ("places", "chains", "changes", "change_kinds",
           "change_verdicts")  # fmt: skip
"""The tables that contexts are planned from."""

_FIELDS = ["change_id", "repo", "commit", "parent", "chain", "language", "name",
           "qualified_name", "calls"]  # fmt: skip


def plan_change_contexts(store: Store, context: Context) -> None:
    """Write the table ``context_plans`` for refactorings and a share of the fixes."""
    if shards := store.count("changes"):
        store.write_few("context_plans", CONTEXT_PLAN, _plans(store, context), shards)


def _plans(store: Store, context: Context) -> Iterator[tuple[int, pa.Table]]:
    """Yield the plans of each shard."""
    functions = pl.DataFrame(store.read("places", 0))
    names, only = _Names(store, functions), defined_once(functions, context)
    fixes, refactorings = _changes(store, only, context)
    askers = {
        shard: [(_asker(row, names), row["parent"]) for row in of_shard]
        for shard, of_shard in fixes.items()
    }
    every = [asker for of_shard in askers.values() for asker, _ in of_shard]
    definitions = Definitions(functions, only, context, every)
    tests = Callers(functions, {row["name"] for rows in refactorings.values() for row in rows})
    for shard in sorted(askers.keys() | refactorings.keys()):
        plans = Columns(CONTEXT_PLAN)
        for asker, parent in askers.get(shard, ()):
            if chosen := definitions.choose(asker):
                plans.add(
                    id=asker.place.id,
                    repo=asker.place.repo,
                    revision=parent,
                    places=[_wanted(place, names) for place in chosen.shown],
                    asked=chosen.asked,
                    missing=chosen.missing,
                )
        for change in refactorings.get(shard, ()):
            if found := tests.of(change, change["split"]):
                plans.add(
                    id=change["change_id"],
                    repo=change["repo"],
                    revision=change["commit"],
                    places=[_wanted(place, names, change["name"]) for place in found],
                    asked=[],
                    missing=[],
                )
        yield shard, plans.table()


class _Names:
    """The paths that files had one after the other, and the one that each has today."""

    def __init__(self, store: Store, functions: pl.DataFrame) -> None:
        self._chains: dict[tuple[str, str], str] = {}
        self._paths: dict[tuple[str, str], list[str]] = {}
        for row in (row for table in store.shards("chains") for row in table.to_pylist()):
            self._chains[row["repo"], row["path"]] = row["chain"]
            self._paths.setdefault((row["repo"], row["chain"]), [row["chain"]]).append(row["path"])
        self._today = {
            (repo, self._chains.get((repo, path), path)): path
            for repo, path in functions.select("repo", "path").unique(maintain_order=True).rows()
        }

    def ever(self, repo: str, path: str) -> list[str]:
        """Return all paths of a file."""
        return self._paths.get((repo, self._chains.get((repo, path), path)), [path])

    def today(self, repo: str, chain: str) -> str:
        """Return the path of today; where the file is gone, what stands for all of its paths."""
        return str(self._today.get((repo, chain), chain))


_ByShard = dict[int, list[dict[str, Any]]]


def _changes(store: Store, only: pl.DataFrame, context: Context) -> tuple[_ByShard, _ByShard]:
    """Return the chosen fixes and all refactorings that dedup kept, by shard, with their splits.

    Fixes that call none of the functions ``only`` are left out; they alone have their code.
    """
    changes = store.numbered("changes", lambda rows: rows.select(_FIELDS))
    changes = changes.hstack(store.columns("change_kinds", ["kind"]))
    verdicts = store.columns("change_verdicts", ["id", "kept", "split"]).filter("kept")
    kept = verdicts.select("split", change_id="id")
    changes = changes.join(kept, on="change_id", maintain_order="left")
    fixes = calling(changes.filter(pl.col("kind") == "fix"), only)
    chosen = [share_of(id_, "context") < context.fixes for id_ in fixes["change_id"]]
    by_shard = _by_shard(fixes.filter(chosen))
    for shard, rows in by_shard.items():
        code = store.read("changes", shard)
        for row in rows:
            row |= {side: code[side][row["row"]].as_py() for side in ("before", "after")}
    return by_shard, _by_shard(changes.filter(pl.col("kind") == "refactor"))


def _by_shard(rows: pl.DataFrame) -> _ByShard:
    found = defaultdict(list)
    for row in rows.iter_rows(named=True):
        found[row["shard"]].append(row)
    return found


def _asker(change: Mapping[str, Any], names: _Names) -> Asker:
    """Return what a fix asks for: first what its new lines call.

    What is missing must be called before the fix as well: the prompt tells nothing of the answer.
    """
    place = Place(
        id=change["change_id"],
        repo=change["repo"],
        path=names.today(change["repo"], change["chain"]),
        language=change["language"],
        kind="",
        name=change["name"],
        qualified_name=change["qualified_name"],
        split=SPLITS.index(change["split"]),
        shard=0,  # it stands in no table of functions
        row=0,
    )
    before, after = change["before"], change["after"]
    added = "\n".join(set(after.split("\n")) - set(before.split("\n")))
    calls = defined_elsewhere(change["calls"], after)
    known = frozenset(calls)
    return Asker(place, calls, known & called(added), known & called(before))


def _wanted(place: Place, names: _Names, calls: str = "") -> dict[str, Any]:
    what = {name: getattr(place, name) for name in ("qualified_name", "name", "language")}
    return {"paths": names.ever(place.repo, place.path), "calls": calls, **what}
