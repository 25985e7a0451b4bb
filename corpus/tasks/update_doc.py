"""update_doc: the code with a doc that is out of date in, the code with the doc put right out."""

from __future__ import annotations

from corpus.tasks.base import Change, Pair, Task
from corpus.tasks.samples import changed_samples


def _make(change: Change) -> Pair | None:
    row = change.row
    if row["kind"] != "docs":
        return None
    names = ("path", "before", "after")
    return Pair(
        slots={
            "language": row["language"],
            "name": row["before_name"],
            **{name: row[name] for name in names},
        },
        answers=(row["after"],),
        evidence="commit",
    )


TASK = Task(
    name="update_doc",
    subject=Change,
    slots={
        "language": "the language's name, as a code fence has it",
        "name": "the function's qualified name, as `before` has it",
        "path": "the file's path in the repo",
        "before": "the function with the doc that was out of date, as it stood before the commit",
        "after": "the function with the doc as the commit left it",
    },
    make=_make,
    samples=lambda: changed_samples("docs"),
)
