"""implement: signature and doc in, the body out."""

from __future__ import annotations

from corpus.tasks.base import Documented, Pair, Task
from corpus.tasks.samples import documented_samples
from corpus.tasks.snippets import SLOTS, context_slots


def _make(function: Documented) -> Pair:
    row = function.row
    return Pair(
        slots={
            "language": row["language"],
            "name": row["qualified_name"],
            "path": row["path"],
            "signature": row["signature"],
            "doc": row["doc"],
            "body": function.body,
            **context_slots(function.context),
        },
        answers=(function.body,),
        evidence="body",
    )


TASK = Task(
    name="implement",
    subject=Documented,
    slots={
        "language": "the language's name, as a code fence has it",
        "name": "the function's qualified name",
        "path": "the file's path in the repo",
        "signature": "the function up to its body, decorators and attributes included",
        "doc": "the doc, without comment markers",
        "body": "the body as it stands in the repo, dedented",
        **SLOTS,
    },
    make=_make,
    samples=documented_samples,
)
