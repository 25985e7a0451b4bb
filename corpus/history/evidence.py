"""Gathers what a commit says of its changes, and tells from it what each is for."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.config import Pipeline
from corpus.history.freshness import DocHistory
from corpus.history.kinds import Circumstances, Kind, classify, classify_doc
from corpus.history.schemas import CHANGE_KIND, TEST_CHANGE
from corpus.rejects import Rejects
from corpus.schemas import Columns
from corpus.store import Store

_EXAMPLE = re.compile(r"/(?:examples?|demos?|samples?|docs?|tutorials?|bench(?:es|marks?)?)/", re.I)
_LONGEST_TEST = 60  # lines
_TELLING = ["change_id", "repo", "commit", "path", "name", "start_line", "shapes", "share"]


@dataclass(frozen=True, slots=True)
class JudgedChange:
    """A change without its code. ``accepted`` is false where its commit was too large."""

    change_id: str
    repo: str
    path: str
    line: int
    kind: str
    confidence: float
    authored_at: datetime
    accepted: bool


def classify_changes(store: Store, pipeline: Pipeline, rejects: Rejects) -> list[JudgedChange]:
    """Write ``change_kinds``; return every change, without its code."""
    judged: list[JudgedChange] = []
    if shards := store.count("changes"):
        kinds = _kinds(store, pipeline, rejects, judged)
        store.write_few("change_kinds", CHANGE_KIND, kinds, shards)
    return judged


def _kinds(
    store: Store, pipeline: Pipeline, rejects: Rejects, judged: list[JudgedChange]
) -> Iterator[tuple[int, pa.Table]]:
    """Yield the rows of every shard that has some; add the changes to ``judged``."""
    commits = {row["commit"]: row for t in store.shards("commits") for row in t.to_pylist()}
    linker = _Linker(store)
    outdated = dict(DocHistory(store).outdated())
    changes = store.numbered("changes", lambda rows: rows.select(_TELLING))
    functions = Counter(map(_counted, changes.select("commit", "shapes").iter_rows(named=True)))
    for shard, of_shard in groupby(changes.iter_rows(named=True), key=itemgetter("shard")):
        rows = Columns(CHANGE_KIND)
        for change in of_shard:
            commit = commits[change["commit"]]
            count = functions[_counted(change)]
            if _only_doc(change):
                share = outdated.get(change["change_id"], 0.0)
                kind = classify_doc(commit["subject"], share)
                row = _kind_row(commit, kind, {})
            else:
                kind, test = _kind(change, commit, count, linker)
                row = _kind_row(commit, kind, test)
            rows.add(**row)
            place = change["repo"], change["path"], change["start_line"]
            small = count <= pipeline.history.max_functions
            if not small:
                rejects.add(change["change_id"], "large_commit", *place[:2], line=place[2])
            judged.append(
                JudgedChange(
                    change["change_id"], *place, row["kind"], row["confidence"],
                    row["authored_at"], small,
                )
            )  # fmt: skip
        yield shard, rows.table()


@dataclass
class _Tests:
    """What one commit did to tests. ``places`` are rows of the table of all test changes."""

    added: bool = False
    expectations_changed: bool = False
    by_call: dict[str, int] = field(default_factory=dict)


def _counted(change: dict[str, Any]) -> tuple[str, bool]:
    """Return what a change is counted with: the commit's others, those of docs apart."""
    return change["commit"], _only_doc(change)


def _only_doc(change: dict[str, Any]) -> bool:
    return "only_doc" in change["shapes"]


def _kind(
    change: dict[str, Any], commit: dict[str, Any], functions: int, linker: _Linker
) -> tuple[Kind, dict[str, Any]]:
    """Return what a change is for, and the test that came with it; empty for none."""
    tests = linker.of(change["commit"])
    test = linker.test(tests.by_call.get(change["name"]))
    circumstances = Circumstances(
        subject=commit["subject"],
        body=commit["body"],
        functions=functions,
        tests_touched=bool(commit["touched_tests"]) or bool(tests.by_call),
        tests_added=tests.added,
        expectations_changed=tests.expectations_changed,
        tested_by=bool(test),
        example=_EXAMPLE.search("/" + change["path"]) is not None,
    )
    return classify(circumstances, change["shapes"], change["share"]), test


def _kind_row(commit: dict[str, Any], kind: Kind, test: dict[str, Any]) -> dict[str, Any]:
    return {
        "authored_at": commit["authored_at"],
        "subject": commit["subject"],
        "body": commit["body"],
        "kind": kind.name,
        "confidence": kind.confidence,
        "evidence": kind.evidence,
        "touched_tests": commit["touched_tests"],
        "test_path": test.get("path"),
        "test_name": test.get("name"),
        "test_code": test.get("code"),
    }


class _Linker:
    """Finds the test that a commit added or changed and that calls a function by its name."""

    def __init__(self, store: Store) -> None:
        # Mapped from disk: a row's code takes memory only when it is taken.
        self._rows = pa.concat_tables([TEST_CHANGE.empty_table(), *store.shards("test_changes")])
        self._by_commit: dict[str, _Tests] = defaultdict(_Tests)
        names = ["commit", "calls", "added", "new_expectations"]
        light = [self._rows[name].to_pylist() for name in names]
        lines = pc.count_substring(self._rows["code"], "\n").to_pylist()
        is_added = light[2]
        for place, (commit, calls, added, new, length) in enumerate(
            zip(*light, lines, strict=True)
        ):
            tests = self._by_commit[commit]
            tests.added |= added
            tests.expectations_changed |= new
            if length < _LONGEST_TEST:
                for name in calls:
                    known = tests.by_call.get(name)
                    if known is None or (added and not is_added[known]):
                        tests.by_call[name] = place

    def of(self, commit: str) -> _Tests:
        """Return what a commit did to tests."""
        return self._by_commit.get(commit, _Tests())

    def test(self, place: int | None) -> dict[str, Any]:
        """Return a test's row; empty for none."""
        return {} if place is None else self._rows.slice(place, 1).to_pylist()[0]
