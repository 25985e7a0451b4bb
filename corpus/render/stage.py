"""The stage from deduplicated files and functions to the rows of the three configurations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pyarrow as pa

from corpus.config import Pipeline
from corpus.extract.sections import Sections, parse_sections
from corpus.ids import content_id
from corpus.languages import LANGUAGES
from corpus.rejects import Rejects
from corpus.render.templates import KNOWLEDGE_SLOTS, Rendered, Templates
from corpus.schemas import (
    DOC_SECTIONS,
    EXAMPLE,
    KNOWLEDGE,
    PUBLISHED_FUNCTION,
    Columns,
)
from corpus.tasks.registry import TASKS
from corpus.tasks.base import Documented, Pair, Task
from corpus.tasks.filters import doc_verdict, is_trivial

# Rows are measured without a tokenizer. Code models' BPE tokenizers take 3 to 4 characters of
# code a token; the low end rejects a row too many instead of one too few.
_CHARACTERS_PER_TOKEN = 3
# A summary of fewer words turns up in code by chance ("Close the file").
_TELLING_WORDS = 5


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
    name: str = "render"
    inputs: tuple[str, ...] = ("files", "file_verdicts", "functions", "function_verdicts")

    def __call__(self, tables: Mapping[str, pa.Table]) -> Mapping[str, pa.Table]:
        """Return the tables ``functions``, ``knowledge``, ``instructions`` and ``row_rejects``."""
        rejects = Rejects("filter")
        templates = load_templates(self.pipeline.templates, tuple(self.pipeline.tasks))
        functions = _kept(tables["functions"], tables["function_verdicts"])
        sections = _parse_docs(functions)
        examples = Columns(EXAMPLE)
        for function in self._documented(functions, sections, rejects):
            self._add_examples(examples, function, templates, rejects)
        published = functions.append_column(
            "doc_sections",
            pa.array([s and s.as_record() for s in sections], DOC_SECTIONS),
        )
        return {
            "functions": published.select(PUBLISHED_FUNCTION.names).cast(PUBLISHED_FUNCTION),
            "knowledge": self._knowledge(
                _kept(tables["files"], tables["file_verdicts"]), templates, rejects
            ),
            "instructions": examples.table(),
            "row_rejects": rejects.table(),
        }

    def _documented(
        self, functions: pa.Table, sections: list[Sections | None], rejects: Rejects
    ) -> Iterator[Documented]:
        """Yield the functions whose doc is worth teaching from, and record why the others are not."""
        for row, parsed in zip(functions.to_pylist(), sections, strict=True):
            reason: str | None = "no_doc"
            if parsed is not None:
                body = row["code_without_doc"][len(row["signature"]) :]
                function = Documented(row, parsed, _dedent_body(body))
                reason = doc_verdict(row["doc"], parsed, self.pipeline.docs)
                if reason is None and is_trivial(row["signature"], function.body):
                    reason = "trivial_body"
                if reason is None:
                    yield function
            if reason is not None:
                _reject(rejects, row, reason, "filter")

    def _add_examples(
        self, examples: Columns, function: Documented, templates: Templates, rejects: Rejects
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
            _add_example(examples, row, task, pair, pair_id, template.name, template.digest, rendered)

    def _fault(self, rendered: Rendered, pair: Pair) -> str | None:
        if not rendered.output.strip():
            return "empty_output"
        texts = (rendered.system, rendered.instruction, rendered.input, rendered.output)
        if sum(map(len, texts)) > self.pipeline.length.max_tokens * _CHARACTERS_PER_TOKEN:
            return "too_long"
        if _gives_away(rendered, pair.answers):
            return "answer_in_prompt"
        return None

    def _knowledge(self, files: pa.Table, templates: Templates, rejects: Rejects) -> pa.Table:
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
                    provenance=_provenance(file, 1, file["lines"], "file"),
                )
        return rows.table()


def _kept(rows: pa.Table, verdicts: pa.Table) -> pa.Table:
    """Return the rows that dedup kept, with the columns ``cluster_id`` and ``split``."""
    for column in ("cluster_id", "split"):
        rows = rows.append_column(column, verdicts[column])
    return rows.filter(verdicts["kept"])


def _parse_docs(functions: pa.Table) -> list[Sections | None]:
    docs = functions["doc"].to_pylist()
    languages = functions["language"].to_pylist()
    return [
        parse_sections(doc, LANGUAGES[language]) if doc else None
        for doc, language in zip(docs, languages, strict=True)
    ]


def _dedent_body(body: str) -> str:
    """Take the body's own indent off it; a body in braces keeps them."""
    body = body.strip("\n").rstrip()
    indent = body[: len(body) - len(body.lstrip())]
    return body.lstrip().replace("\n" + indent, "\n") if indent else body


def _gives_away(rendered: Rendered, answers: tuple[str, ...]) -> bool:
    """Tell whether the prompt holds an answer, or the whole output, white space aside."""
    prompt = " ".join(f"{rendered.instruction} {rendered.input}".split())
    for answer in (*answers, rendered.output):
        words = answer.split()
        telling = len(words) >= _TELLING_WORDS or answer is rendered.output
        if words and telling and " ".join(words) in prompt:
            return True
    return False


def _add_example(
    examples: Columns,
    row: Mapping[str, Any],
    task: Task,
    pair: Pair,
    pair_id: str,
    template: str,
    digest: str,
    rendered: Rendered,
) -> None:
    prompt = f"{rendered.instruction}\n\n{rendered.input}" if rendered.input else rendered.instruction
    examples.add(
        example_id=content_id(pair_id, digest),
        pair_id=pair_id,
        task=task.name,
        system=rendered.system,
        instruction=rendered.instruction,
        input=rendered.input,
        output=rendered.output,
        messages=[
            {"role": "system", "content": rendered.system},
            {"role": "user", "content": prompt},
            {"role": "assistant", "content": rendered.output},
        ],
        template=template,
        template_digest=digest,
        split=row["split"],
        language=row["language"],
        license=row["license"],
        provenance=_provenance(row, row["start_line"], row["end_line"], pair.evidence),
    )


def _provenance(row: Mapping[str, Any], start: int, end: int, evidence: str) -> dict[str, Any]:
    return {
        "repo": row["repo"],
        "commit": row["commit"],
        "path": row["path"],
        "start_line": start,
        "end_line": end,
        "evidence": evidence,
    }


def _reject(rejects: Rejects, row: Mapping[str, Any], reason: str, stage: str) -> None:
    rejects.add(
        row["function_id"], reason, row["repo"], row["path"], line=row["start_line"], stage=stage
    )
