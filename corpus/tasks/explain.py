"""explain: the code without its doc in, what the doc says out."""

from __future__ import annotations

from typing import Any

from corpus.tasks.base import Documented, Pair, Task
from corpus.tasks.samples import documented_samples
from corpus.tasks.snippets import SLOTS, context_slots


def explanation(function: Documented) -> dict[str, Any]:
    """Return a function's code, and what its doc says, part by part."""
    row, sections = function.row, function.sections
    return {
        "language": row["language"],
        "name": row["qualified_name"],
        "path": row["path"],
        "code": row["code_without_doc"],
        "summary": sections.summary,
        "description": sections.description,
        "parameters": [item for item in sections.parameters if item.description],
        "returns": [item for item in sections.returns if item.description],
        "raises": [item for item in sections.raises if item.name],
    }


EXPLANATION_SLOTS = {
    "language": "the language's name, as a code fence has it",
    "name": "the function's qualified name",
    "path": "the file's path in the repo",
    "code": "the function without its doc",
    "summary": "the doc's first paragraph",
    "description": "the rest of the doc's prose, or nothing",
    "parameters": "documented parameters, each with name, type and description",
    "returns": "documented return values, each with name, type and description",
    "raises": "documented exceptions, each with name and description",
}


def _make(function: Documented) -> Pair:
    return Pair(
        slots={**explanation(function), **context_slots(function.context)},
        answers=(function.row["doc"], function.sections.summary),
        evidence="doc",
    )


TASK = Task(
    name="explain",
    subject=Documented,
    slots={
        **EXPLANATION_SLOTS,
        **SLOTS,
    },
    make=_make,
    samples=documented_samples,
)
