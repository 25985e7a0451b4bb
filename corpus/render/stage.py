"""The stage from deduplicated files and functions to the rows of the three configurations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.config import Pipeline
from corpus.extract.sections import Sections, parse_sections
from corpus.guard import Guard
from corpus.ids import content_id
from corpus.languages import LANGUAGES
from corpus.rejects import Rejects
from corpus.render.examples import Examples, provenance
from corpus.render.templates import KNOWLEDGE_SLOTS, Rendered, Templates
from corpus.safety.scrub import Scrubber
from corpus.safety.tombstones import Forgotten
from corpus.schemas import DOC_SECTIONS, KNOWLEDGE, PUBLISHED_FUNCTION, REJECT, Columns
from corpus.tasks.base import Documented, Pair
from corpus.tasks.filters import doc_verdict, is_trivial
from corpus.tasks.registry import TASKS

# Rows are measured without a tokenizer. Code models' BPE tokenizers take 3 to 4 characters of
# code a token; the low end rejects a row too many instead of one too few.
_CHARACTERS_PER_TOKEN = 3


@cache
def load_templates(folder: str | None, tasks: tuple[str, ...]) -> Templates:
    """Load the templates of some tasks, once per process."""
    slots = {name: TASKS[name].slots for name in tasks if name in TASKS}
    if "knowledge" in tasks:
        slots["knowledge"] = KNOWLEDGE_SLOTS
    return Templates(folder, slots)


@dataclass(frozen=True)
class ComposeStage:
    """Filters what dedup kept, makes pairs of it, and renders them."""

    pipeline: Pipeline
    scrubber: Scrubber
    forgotten: Forgotten = field(default_factory=Forgotten)
    name: str = "render"
    inputs: tuple[str, ...] = ("files", "file_verdicts", "functions", "function_verdicts")

    def __call__(self, tables: Mapping[str, pa.Table], guard: Guard) -> Mapping[str, pa.Table]:
        """Return the tables ``functions``, ``knowledge``, ``instructions`` and ``row_rejects``."""
        rejects = Rejects("filter")
        templates = load_templates(self.pipeline.templates, tuple(self.pipeline.tasks))
        functions = _kept(tables["functions"], tables["function_verdicts"])
        functions = self._without_forgotten(functions, rejects)
        has_doc = functions["doc"].is_valid()
        documented = functions.filter(has_doc).to_pylist()
        parsed = [parse_sections(row["doc"], LANGUAGES[row["language"]]) for row in documented]
        examples = Examples()
        for function in self._worth_teaching(documented, parsed, rejects):
            self._add_examples(examples, function, templates, rejects)
        files = _kept(tables["files"], tables["file_verdicts"])
        files = self._without_forgotten(files, rejects)
        return {
            "functions": _published(functions, has_doc, parsed),
            "knowledge": self._knowledge(files, templates),
            "instructions": examples.table(),
            "row_rejects": pa.concat_tables(
                [_without_doc(functions.filter(pc.invert(has_doc))), rejects.table()]
            ),
        }

    def _without_forgotten(self, rows: pa.Table, rejects: Rejects) -> pa.Table:
        """Return functions or files without those that were taken down, and reject these."""
        if not self.forgotten.tombstones:
            return rows
        is_file = "file_id" in rows.column_names
        kept = []
        columns = [
            "repo",
            "commit",
            "path",
            *(["lines"] if is_file else ["start_line", "end_line"]),
        ]
        for place, row_id in zip(
            rows.select(columns).to_pylist(), rows[0].to_pylist(), strict=True
        ):
            lines = {"start_line": 1, "end_line": place["lines"]} if is_file else {}
            kept.append(not self.forgotten.covers({**place, **lines}))
            if not kept[-1]:
                rejects.add(
                    row_id, "forgotten", place["repo"], place["path"],
                    line=place.get("start_line"), stage="knowledge" if is_file else "filter",
                )  # fmt: skip
        return rows.filter(pa.array(kept, pa.bool_()))

    def _worth_teaching(
        self, documented: list[dict[str, Any]], parsed: list[Sections], rejects: Rejects
    ) -> Iterator[Documented]:
        """Yield the functions whose doc and body pass the filters, and reject the others."""
        for row, sections in zip(documented, parsed, strict=True):
            body = _dedent_body(row["code_without_doc"][len(row["signature"]) :])
            reason = doc_verdict(row["doc"], sections, self.pipeline.docs)
            if reason is None and is_trivial(row["signature"], body):
                reason = "trivial_body"
            if reason is None:
                yield Documented(row, sections, body)
            else:
                _reject(rejects, row, reason, "filter")

    def _add_examples(
        self, examples: Examples, function: Documented, templates: Templates, rejects: Rejects
    ) -> None:
        row = function.row
        for name in self.pipeline.tasks:
            task = TASKS.get(name)
            if task is None:
                continue
            pair = task.make(function)
            pair_id = content_id(name, row["function_id"])
            template = templates.choose(name, pair_id)
            rendered = template.render(pair.slots)
            if reason := self._fault(rendered, pair):
                _reject(rejects, row, reason, name)
                continue
            examples.add(row, task, pair, pair_id, template, rendered)

    def _fault(self, rendered: Rendered, pair: Pair) -> str | None:
        if not rendered.output.strip():
            return "empty_output"
        texts = (rendered.system, rendered.instruction, rendered.input, rendered.output)
        if sum(map(len, texts)) > self.pipeline.length.max_tokens * _CHARACTERS_PER_TOKEN:
            return "too_long"
        if _gives_away(rendered, pair.answers):
            return "answer_in_prompt"
        # What a template or the decoding of markup put together is scanned once more.
        if self.scrubber.find("\n".join(texts).encode()):
            return "unsafe_text"
        return None

    def _knowledge(self, files: pa.Table, templates: Templates) -> pa.Table:
        rows = Columns(KNOWLEDGE)
        if "knowledge" in self.pipeline.tasks:
            for file in files.to_pylist():
                template = templates.choose("knowledge", file["file_id"])
                slots = {name: file[name] for name in ("language", "path", "repo", "text")}
                comment = LANGUAGES[file["language"]].line_comment
                rows.add(
                    example_id=content_id(file["file_id"], template.digest),
                    blob_id=file["blob_id"],
                    text=template.render_text({**slots, "line_comment": comment}),
                    template=template.name,
                    template_digest=template.digest,
                    split=file["split"],
                    language=file["language"],
                    license=file["license"],
                    provenance=provenance(file, 1, file["lines"], "file"),
                )
        return rows.table()


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


def _dedent_body(body: str) -> str:
    """Take its own indent off a body that begins on a line of its own; braces stay as they are."""
    if not body.startswith("\n"):
        return body.strip()
    body = body.strip("\n").rstrip()
    indent = body[: len(body) - len(body.lstrip())]
    return body.lstrip().replace("\n" + indent, "\n") if indent else body


def _gives_away(rendered: Rendered, answers: tuple[str, ...]) -> bool:
    """Tell whether the prompt holds an answer, or the whole output, white space aside."""
    prompt = " ".join(f"{rendered.instruction} {rendered.input}".split())
    for answer in (*answers, rendered.output):
        # The beginning is looked up first: it is nearly always enough to say no.
        beginning = " ".join(answer.split(None, 5)[:5])
        if beginning and beginning in prompt and " ".join(answer.split()) in prompt:
            return True
    return False


def _reject(rejects: Rejects, row: Mapping[str, Any], reason: str, stage: str) -> None:
    rejects.add(
        row["function_id"], reason, row["repo"], row["path"], line=row["start_line"], stage=stage
    )
