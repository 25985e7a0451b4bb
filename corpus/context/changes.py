"""Finds what goes with changes: definitions with fixes, tests with refactorings.

Definitions are as they were before the commit; a test calls the function, as it was after it. Which
ones follows from the repo of today, where all functions are known; their code and lines are
those of the commit or its parent, and what was not there then is not taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.config import Context, Files
from corpus.context.calls import called, defined_elsewhere
from corpus.context.definitions import Asker, Callers, Definitions, Place, located, share_of
from corpus.context.records import CONTEXT, CONTEXT_PLAN
from corpus.extract.functions import ParsedFile
from corpus.fingerprint import fingerprint
from corpus.guard import Guard
from corpus.languages import LANGUAGES
from corpus.safety.rows import RowGate
from corpus.schemas import Columns
from corpus.sources.base import Blob, Reader
from corpus.sources.skip import source_text
from corpus.sources.text import UnreadableTextError
from corpus.store import Store

PLANNED = ("functions", "function_verdicts", "chains", "changes", "change_kinds",
           "change_verdicts")  # fmt: skip
"""The tables that contexts are planned from."""

_FIELDS = ["change_id", "repo", "commit", "parent", "chain", "language", "name",
           "qualified_name", "before", "after", "calls"]  # fmt: skip


def plan_change_contexts(store: Store, context: Context) -> None:
    """Write the table ``context_plans`` for refactorings and a share of the fixes."""
    shards = range(store.count("changes"))
    if not shards:
        return
    names = _Names(store)
    askers = {shard: list(_askers(store, shard, context, names)) for shard in shards}
    every = [asker for of_shard in askers.values() for asker, _ in of_shard]
    places = located(store, "calls")
    definitions, tests = Definitions(places, context, every), Callers(places)
    for shard, of_shard in askers.items():
        plans = Columns(CONTEXT_PLAN)
        for asker, parent in of_shard:
            if chosen := definitions.choose(asker):
                plans.add(
                    id=asker.place.id,
                    repo=asker.place.repo,
                    revision=parent,
                    places=[_wanted(place, names) for place in chosen.shown],
                    asked=chosen.asked,
                    missing=chosen.missing,
                )
        for change, split in _kept(store, shard, "refactor"):
            if found := tests.of(change, split):
                plans.add(
                    id=change["change_id"],
                    repo=change["repo"],
                    revision=change["commit"],
                    places=[_wanted(place, names, change["name"]) for place in found],
                    asked=[],
                    missing=[],
                )
        store.write("context_plans", shard, plans.table())


class _Names:
    """The paths that files had one after the other, and the one that each has today."""

    def __init__(self, store: Store) -> None:
        self._chains: dict[tuple[str, str], str] = {}
        self._paths: dict[tuple[str, str], list[str]] = {}
        for row in (row for table in store.shards("chains") for row in table.to_pylist()):
            self._chains[row["repo"], row["path"]] = row["chain"]
            self._paths.setdefault((row["repo"], row["chain"]), [row["chain"]]).append(row["path"])
        self._today = {
            (repo, self._chains.get((repo, path), path)): path
            for table in store.shards("functions")
            for repo, path in set(
                zip(*(table[c].to_pylist() for c in ("repo", "path")), strict=True)
            )
        }

    def ever(self, repo: str, path: str) -> list[str]:
        """Return all paths of a file."""
        return self._paths.get((repo, self._chains.get((repo, path), path)), [path])

    def today(self, repo: str, chain: str) -> str:
        """Return the path of today; where the file is gone, what stands for all of its paths."""
        return str(self._today.get((repo, chain), chain))


def _askers(
    store: Store, shard: int, context: Context, names: _Names
) -> Iterator[tuple[Asker, str]]:
    """Yield the chosen fixes of a shard, each with its commit's parent."""
    for row, split in _kept(store, shard, "fix"):
        id_ = row["change_id"]
        if share_of(id_, "context") < context.fixes:
            path = names.today(row["repo"], row["chain"])
            place = {**row, "function_id": id_, "path": path, "split": split}
            yield _asker(Place.of({**place, "shard": shard, "row": 0}), row), row["parent"]


def _kept(store: Store, shard: int, kind: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the changes of a kind that dedup kept, each with its split."""
    changes, kinds = store.read("changes", shard), store.read("change_kinds", shard)
    rows = changes.select(_FIELDS).filter(pc.equal(kinds["kind"], kind))
    verdicts = store.read("change_verdicts", shard).to_pylist()
    splits = {row["id"]: row["split"] for row in verdicts if row["kept"]}
    for row in rows.to_pylist():
        if row["change_id"] in splits:
            yield row, splits[row["change_id"]]


def _asker(place: Place, change: Mapping[str, Any]) -> Asker:
    """Return what a fix asks for: first what its new lines call.

    What is missing must be called before the fix as well: the prompt tells nothing of the answer.
    """
    before, after = change["before"], change["after"]
    added = "\n".join(set(after.split("\n")) - set(before.split("\n")))
    calls = defined_elsewhere(change["calls"], after)
    names = frozenset(calls)
    return Asker(place, calls, names & called(added), names & called(before))


def _wanted(place: Place, names: _Names, calls: str = "") -> dict[str, Any]:
    what = {name: getattr(place, name) for name in ("qualified_name", "name", "language")}
    return {"paths": names.ever(place.repo, place.path), "calls": calls, **what}


@dataclass(frozen=True)
class ChangeContextStage:
    """Reads what is shown with changes from the files of their commits' parents."""

    readers: Mapping[str, Reader]
    files: Files
    context: Context
    gate: RowGate
    name: str = "context of changes"
    inputs: tuple[str, ...] = ("context_plans",)

    @property
    def fingerprint(self) -> str:
        """A hash of the settings."""
        gate = self.gate.scrubber.fingerprint, self.gate.forgotten.fingerprint
        return fingerprint(self.files, self.context, gate)

    def blobs(self, tables: Mapping[str, pa.Table]) -> dict[str, list[Blob]]:
        """Return what it reads for a shard's plans, by repo."""
        found: dict[str, list[Blob]] = {}
        for plan in tables["context_plans"].to_pylist():
            found.setdefault(plan["repo"], []).extend(_blobs(plan))
        return found

    def reading(self, readers: Mapping[str, Reader]) -> ChangeContextStage:
        """Return the same stage with other readers."""
        return replace(self, readers=readers)

    def __call__(self, tables: Mapping[str, pa.Table], guard: Guard) -> Mapping[str, pa.Table]:
        """Return ``change_contexts``, as ``records.CONTEXT``."""
        found = Columns(CONTEXT)
        for number, plan in enumerate(tables["context_plans"].to_pylist()):
            guard.at(number)
            shown = [] if number in guard.poisoned else list(self._shown(plan))
            asked = {snippet["name"] for snippet in shown} & {*plan["asked"]}
            missing = set(plan["missing"]) if len(shown) > len(asked) else set()
            is_test = not plan["asked"]
            if asked or missing or (is_test and shown):
                names = {"asked": sorted(asked | missing), "missing": sorted(missing)}
                found.add(id=plan["id"], shown=shown[:1] if is_test else shown, **names)
        return {"change_contexts": found.table()}

    def _shown(self, plan: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield those of the wanted definitions that the parent has once, and that may be shown."""
        files, seen = self._read(plan), set()  # two of today may have been one then
        for place in plan["places"]:
            for path in place["paths"]:
                snippet = self._snippet(files.get(path), path, place)
                where = {**snippet, "repo": plan["repo"], "commit": plan["revision"]}
                if not snippet or (path, snippet["start_line"]) in seen:
                    continue
                seen.add((path, snippet["start_line"]))
                if not self.gate.fault(where, [snippet["code"], snippet["doc"] or ""]):
                    yield snippet

    def _read(self, plan: Mapping[str, Any]) -> dict[str, ParsedFile]:
        """Return the files of a change's places as they were in its parent, by path."""
        languages = _languages(plan)
        contents = self.readers[plan["repo"]].read(_blobs(plan))
        parsed = {}
        for (path, language), content in zip(languages.items(), contents, strict=True):
            if file := self._parse(content, language):
                parsed[path] = file
        return parsed

    def _parse(self, content: bytes | None, language: str) -> ParsedFile | None:
        try:
            text = source_text(content, LANGUAGES[language], self.files)
        except UnreadableTextError:
            return None
        return ParsedFile(LANGUAGES[language], text)

    def _snippet(
        self, file: ParsedFile | None, path: str, place: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the definition in a file, as ``records.SNIPPET``; empty where it is not there."""
        located = file.located if file else []
        found = [one for one in located if one.qualified_name == place["qualified_name"]]
        function = file.function(found[0]) if file and len(found) == 1 else None
        if function is None or function.end_line - function.start_line >= self.context.max_lines:
            return {}
        if place["calls"] and place["calls"] not in function.calls:
            return {}
        return {
            "name": function.name,
            "path": path,
            "start_line": function.start_line,
            "end_line": function.end_line,
            "language": place["language"],
            "code": function.code,
            "doc": function.doc,
        }


def _languages(plan: Mapping[str, Any]) -> dict[str, str]:
    """Return the languages of the files that a plan names, by path."""
    return {
        path: place["language"]
        for place in plan["places"]
        for path in place["paths"]
        if not re.search(r"\s", path)  # git can't tell the answers for such paths apart
    }


def _blobs(plan: Mapping[str, Any]) -> list[Blob]:
    return [(path, f"{plan['revision']}:{path}") for path in _languages(plan)]
