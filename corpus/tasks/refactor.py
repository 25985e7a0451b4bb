"""refactor: a function and what to better in, the function that does the same out."""

from __future__ import annotations

from corpus.tasks.base import Change, Pair, Task
from corpus.tasks.samples import changed_samples


def _make(change: Change) -> Pair | None:
    row = change.row
    if row["kind"] != "refactor":
        return None
    return Pair(
        slots={
            "language": row["language"],
            "name": row["qualified_name"],
            "path": row["path"],
            "before": row["before"],
            "after": row["after"],
            "goal": change.message,
            "summaries": row["summaries"],
            "signatures": row["signatures"],
            "helpers": row["helpers"],
        },
        answers=(row["after"],),
        evidence="commit",
    )


TASK = Task(
    name="refactor",
    subject=Change,
    slots={
        "language": "the language's name, as a code fence has it",
        "name": "the function's qualified name",
        "path": "the file's path in the repo",
        "before": "the function as it stood before the commit",
        "after": "the function as the commit left it",
        "goal": "what the commit's message says that it was for",
        "summaries": "what changed, a sentence each",
        "signatures": "signatures of what the function calls in its file",
        "helpers": "functions that the commit added to the file and that the function calls now",
    },
    make=_make,
    samples=lambda: changed_samples("refactor"),
)
