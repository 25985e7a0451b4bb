"""The stage from deduplicated files and functions to knowledge, doc rows and functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.config import Pipeline
from corpus.extract.sections import Sections, parse_sections
from corpus.guard import Guard
from corpus.languages import LANGUAGES
from corpus.rejects import Rejects
from corpus.render.analysed import add_findings, add_policies
from corpus.render.knowledge import knowledge_rows
from corpus.render.pairs import PairRenderer, compose_fingerprint, reject
from corpus.safety.rows import RowGate
from corpus.schemas import DOC_SECTIONS, PUBLISHED_FUNCTION, REJECT
from corpus.tasks.base import Documented
from corpus.tasks.filters import doc_verdict, is_trivial
from corpus.tasks.registry import tasks_of

# A doc that holds one of these may read otherwise than it is written.
_MARKUP = re.compile(r"[&<\\]|\{@")


@dataclass(frozen=True)
class ComposeStage:
    """Filters what dedup kept, makes pairs of it, and renders them."""

    pipeline: Pipeline
    gate: RowGate
    name: str = "render"
    inputs: tuple[str, ...] = (
        "files",
        "file_verdicts",
        "functions",
        "function_verdicts",
        "contexts",
        "doc_ages",
    )

    @property
    def fingerprint(self) -> str:
        """A hash of the settings and templates."""
        return compose_fingerprint(self.pipeline, self.gate)

    def __call__(self, tables: Mapping[str, pa.Table], guard: Guard) -> Mapping[str, pa.Table]:
        """Return ``published_functions``, ``knowledge``, ``doc_examples`` and ``row_rejects``."""
        rejects = Rejects("filter")
        renderer = PairRenderer(self.pipeline, self.gate, rejects)
        functions = _aged(tables["functions"], tables["doc_ages"])
        functions = _kept(functions, tables["function_verdicts"])
        functions = self._without_forgotten(functions, rejects)
        functions, parsed = self._parsed(functions, rejects)
        has_doc = functions["doc"].is_valid()
        documented = functions.filter(has_doc).to_pylist()
        tasks = tasks_of(Documented, self.pipeline.tasks)
        contexts = {row["id"]: row for row in tables["contexts"].to_pylist()}
        taught = []
        for function in self._worth_teaching(documented, parsed, contexts, rejects):
            taught.append(function)
            for task in tasks:
                renderer.add(task, function)
        add_policies(renderer, self.pipeline, taught)
        add_findings(renderer, self.pipeline, functions, tables["files"])
        files = _kept(tables["files"], tables["file_verdicts"])
        files = self._without_forgotten(files, rejects)
        return {
            "published_functions": _published(functions, has_doc, parsed),
            "knowledge": knowledge_rows(files, self.pipeline, rejects),
            "doc_examples": renderer.examples.table(),
            "row_rejects": pa.concat_tables(
                [_without_doc(functions.filter(pc.invert(has_doc))), rejects.table()]
            ),
        }

    def _without_forgotten(self, rows: pa.Table, rejects: Rejects) -> pa.Table:
        """Return functions or files without those that were taken down, and reject these."""
        if not self.gate.forgotten.tombstones:
            return rows
        is_file = "file_id" in rows.column_names
        kept = []
        columns = [
            "repo",
            "path",
            *(["lines"] if is_file else ["start_line", "end_line"]),
        ]
        for place, row_id in zip(
            rows.select(columns).to_pylist(), rows[0].to_pylist(), strict=True
        ):
            lines = {"start_line": 1, "end_line": place["lines"]} if is_file else {}
            kept.append(not self.gate.forgets({**place, **lines}))
            if not kept[-1]:
                rejects.add(
                    row_id, "forgotten", place["repo"], place["path"],
                    line=place.get("start_line"), stage="knowledge" if is_file else "filter",
                )  # fmt: skip
        return rows.filter(pa.array(kept, pa.bool_()))

    def _parsed(self, functions: pa.Table, rejects: Rejects) -> tuple[pa.Table, list[Sections]]:
        """Return the functions and what their docs say, part by part.

        A function is rejected if its doc's markup hid what must not be published.
        """
        has_doc = functions["doc"].is_valid()
        columns = ["function_id", "repo", "path", "start_line", "language", "doc", "doc_raw"]
        rows = functions.select(columns).filter(has_doc).to_pylist()
        parsed = [parse_sections(row["doc"], LANGUAGES[row["language"]]) for row in rows]
        unsafe = self.gate.unsafe([
            "\n".join((row["doc"], *sections.texts())) if _MARKUP.search(row["doc_raw"]) else ""
            for row, sections in zip(rows, parsed, strict=True)
        ])  # fmt: skip
        for number in sorted(unsafe):
            row = rows[number]
            rejects.add(
                row["function_id"], "unsafe_text", row["repo"], row["path"],
                line=row["start_line"], stage="filter",
            )  # fmt: skip
        gone = pa.array([rows[number]["function_id"] for number in unsafe], pa.string())
        functions = functions.filter(pc.invert(pc.is_in(functions["function_id"], gone)))
        return functions, [s for number, s in enumerate(parsed) if number not in unsafe]

    def _worth_teaching(
        self,
        documented: list[dict[str, Any]],
        parsed: list[Sections],
        contexts: Mapping[str, Mapping[str, Any]],
        rejects: Rejects,
    ) -> Iterator[Documented]:
        """Yield the functions whose doc and body pass the filters, and reject the others."""
        for row, sections in zip(documented, parsed, strict=True):
            context = contexts.get(row["function_id"])
            function = Documented.of(row, sections, self._without_taken_down(row, context))
            reason = doc_verdict(row["doc"], sections, self.pipeline.docs)
            if reason is None and (row["changed_since_doc"] or 0) > self.pipeline.docs.max_changed:
                reason = "stale_doc"
            if reason is None and row["is_test"]:
                reason = "test_code"  # its doc says what must hold, not what its code does
            if reason is None and is_trivial(row["signature"], function.body):
                reason = "trivial_body"
            if reason is None:
                yield function
            else:
                reject(rejects, function, reason, "filter")

    def _without_taken_down(
        self, row: Mapping[str, Any], context: Mapping[str, Any] | None
    ) -> Mapping[str, Any] | None:
        """Return a function's context; None where a definition in it was taken down."""
        shown = context["shown"] if context else []
        taken_down = any(self.gate.forgets({"repo": row["repo"], **one}) for one in shown)
        return None if taken_down else context


def _aged(functions: pa.Table, ages: pa.Table) -> pa.Table:
    """Return the functions with the column ``changed_since_doc``."""
    age_of = dict(zip(*(ages[name].to_pylist() for name in ages.column_names), strict=True))
    column = [age_of.get(id_) for id_ in functions["function_id"].to_pylist()]
    return functions.append_column("changed_since_doc", pa.array(column, pa.float64()))


def _kept(rows: pa.Table, verdicts: pa.Table) -> pa.Table:
    """Return the rows that dedup kept, with the columns ``cluster_id`` and ``split``."""
    for column in ("cluster_id", "split"):
        rows = rows.append_column(column, verdicts[column])
    return rows.filter(verdicts["kept"])


def _published(functions: pa.Table, has_doc: pa.ChunkedArray, parsed: list[Sections]) -> pa.Table:
    """Return the functions with what their docs say, part by part."""
    records = pa.array([sections.as_record() for sections in parsed], DOC_SECTIONS)
    # replace_with_mask knows no structs: look each record up by its place instead.
    place = pc.subtract(pc.cumulative_sum(has_doc.cast(pa.int32())), 1)
    places = pc.if_else(has_doc, place, pa.scalar(None, pa.int32()))
    functions = functions.append_column("doc_sections", records.take(places.combine_chunks()))
    functions = functions.append_column("commit", pa.nulls(len(functions), pa.string()))
    return functions.select(PUBLISHED_FUNCTION.names).cast(PUBLISHED_FUNCTION)


def _without_doc(functions: pa.Table) -> pa.Table:
    """Reject the functions that have no doc, in one go: they are most of a corpus."""
    columns = {
        "id": functions["function_id"],
        "stage": pa.repeat("filter", len(functions)),
        "reason": pa.repeat("no_doc", len(functions)),
        "detail": pa.nulls(len(functions), pa.string()),
        "repo": functions["repo"],
        "path": functions["path"],
        "line": functions["start_line"],
    }
    return pa.table(columns).cast(REJECT)
