"""The stage from judged changes to rows of the configurations ``changes`` and ``instructions``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.config import Pipeline
from corpus.fingerprint import fingerprint
from corpus.guard import Guard
from corpus.history.message import complaint
from corpus.history.schemas import PUBLISHED_CHANGE
from corpus.rejects import Rejects
from corpus.render.pairs import PairRenderer, compose_fingerprint, reject
from corpus.safety.redact import Placeholders
from corpus.safety.rows import RowGate
from corpus.tasks.audit import load_remedies, mended
from corpus.tasks.base import Change, Task
from corpus.tasks.registry import tasks_of
from corpus.tasks.security import Audited

KINDS = {"fix": ("fix", "preferences"), "refactor": ("refactor",), "docs": ("update_doc",)}
"""The tasks that take a kind of change."""


@dataclass(frozen=True)
class ComposeChangesStage:
    """Makes pairs of the changes that dedup kept, and renders them.

    ``proved`` are the ids of changes that are known to be fixes; None where that is not asked for.
    """

    pipeline: Pipeline
    gate: RowGate
    proved: frozenset[str] | None = None
    name: str = "render changes"

    @property
    def inputs(self) -> tuple[str, ...]:
        """The tables that it reads; what was mended is looked for only where a task asks for it."""
        asked = ("mended",) if tasks_of(Audited, self.pipeline.tasks) else ()
        return ("changes", "change_kinds", "change_verdicts", "change_contexts", *asked)

    @property
    def fingerprint(self) -> str:
        """A hash of the settings and templates."""
        return fingerprint(compose_fingerprint(self.pipeline, self.gate), self.proved)

    def __call__(self, tables: Mapping[str, pa.Table], guard: Guard) -> Mapping[str, pa.Table]:
        """Return ``published_changes``, ``change_examples``, ``preferences`` and their rejects."""
        rejects = Rejects("changes")
        renderer = PairRenderer(self.pipeline, self.gate, rejects)
        changes = self._safe(_kept(tables), rejects)
        tasks = {task.name: task for task in tasks_of(Change, self.pipeline.tasks)}
        contexts = {row["id"]: row for row in tables["change_contexts"].to_pylist()}
        for task, change in self._certain(changes, tasks, rejects):
            renderer.add(task, replace(change, context=contexts.get(change.id)))
        for review in tasks_of(Audited, self.pipeline.tasks):
            remedies = load_remedies(self.pipeline.templates)
            for subject in mended(changes.to_pylist(), tables["mended"].to_pylist(), remedies):
                renderer.add(review, subject)
        return {
            "published_changes": changes,
            "change_examples": renderer.examples.table(),
            "preferences": renderer.preferences.table(),
            "change_row_rejects": rejects.table(),
        }

    def _safe(self, changes: pa.Table, rejects: Rejects) -> pa.Table:
        """Return the changes that may be published; the words of their commits are redacted.

        Code is not: a change that has anything to redact is rejected, as the place that it leads
        back to would say something else.
        """
        safe = []
        for row in changes.to_pylist():
            code = [row[name] or "" for name in ("before", "after", "test_code")]
            placeholders = Placeholders()
            reason = self.gate.fault(row, code)
            redacted = set()
            for name in ("subject", "body"):
                scrubbed = self.gate.scrubber.scrub(row[name].encode(), None, placeholders)
                row[name] = scrubbed.text.decode()
                redacted |= {redaction.kind for redaction in scrubbed.redactions}
                reason = reason or scrubbed.reason
            row["redactions"] = sorted(redacted)
            if reason:
                reject(rejects, Change(row, ""), reason, "history")
            else:
                safe.append(row)
        return pa.Table.from_pylist(safe, schema=PUBLISHED_CHANGE)

    def _certain(
        self, changes: pa.Table, tasks: Mapping[str, Task[Change]], rejects: Rejects
    ) -> Iterator[tuple[Task[Change], Change]]:
        """Yield the changes that a task takes; reject those uncertain or without a word on them."""
        known = changes.filter(pc.is_in(changes["kind"], pa.array([*KINDS], pa.string())))
        for row in known.to_pylist():
            if (row["kind"] == "docs") != ("only_doc" in row["shapes"]):
                continue
            # A refactoring is asked for by its name; a correction must not be told in advance.
            is_fix = row["kind"] == "fix"
            after, name = (row["after"], row["qualified_name"]) if is_fix else ("", "")
            message = complaint(row["subject"], row["body"], row["before"], after, name)
            change = Change(row, message)
            for task in [tasks[name] for name in KINDS[row["kind"]] if name in tasks]:
                if row["confidence"] < self.pipeline.history.min_confidence:
                    reject(rejects, change, "low_confidence", task.name)
                elif not (change.message or row["kind"] == "docs" or _is_tested_fix(row)):
                    reject(rejects, change, "no_complaint", task.name)
                elif is_fix and self.proved is not None and change.id not in self.proved:
                    reject(rejects, change, "unproved", task.name)
                else:
                    yield task, change


def _is_tested_fix(row: Mapping[str, Any]) -> bool:
    return row["kind"] == "fix" and bool(row["test_code"])


def _kept(tables: Mapping[str, pa.Table]) -> pa.Table:
    """Return the changes that dedup kept, with their kinds, clusters and splits, in their order."""
    changes, verdicts = tables["changes"], tables["change_verdicts"]
    kinds = tables["change_kinds"]
    for name in kinds.column_names:
        changes = changes.append_column(kinds.field(name), kinds[name])
    kept = verdicts.filter(verdicts["kept"])
    changes = changes.filter(pc.is_in(changes["change_id"], kept["id"].combine_chunks()))
    for name in ("cluster_id", "split"):
        changes = changes.append_column(PUBLISHED_CHANGE.field(name), kept[name])
    return changes
