"""document: the code without its doc in, the code with its doc in place out."""

from __future__ import annotations

from corpus.tasks.base import Documented, Pair, Task
from corpus.tasks.samples import documented_samples


def _make(function: Documented) -> Pair:
    row = function.row
    return Pair(
        slots={
            "language": row["language"],
            "name": row["qualified_name"],
            "path": row["path"],
            "code": row["code_without_doc"],
            "documented_code": row["code"],
        },
        answers=(row["doc"], function.sections.summary),
        evidence="doc",
    )


TASK = Task(
    name="document",
    subject=Documented,
    slots={
        "language": "the language's name, as a code fence has it",
        "name": "the function's qualified name",
        "path": "the file's path in the repo",
        "code": "the function without its doc",
        "documented_code": "the function as it stands in the repo, doc included",
    },
    make=_make,
    samples=documented_samples,
)
