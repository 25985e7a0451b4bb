"""fix: a function with a fault and the complaint in, the corrected function and why out."""

from __future__ import annotations

from typing import Any

from corpus.tasks.base import Change, Pair, Task
from corpus.tasks.evidence import changed_lines, declared
from corpus.tasks.samples import changed_samples
from corpus.tasks.snippets import SLOTS, context_slots

_TELLING = 40  # characters of a line that is no chance match


def change_slots(change: Change) -> dict[str, Any]:
    """Return what templates may say of any change."""
    row = change.row
    return {
        "language": row["language"],
        "name": row["before_name"],
        **{name: row[name] for name in ("path", "before", "after")},
        **{name: row[name] for name in ("summaries", "signatures", "helpers")},
    }


CHANGE_SLOTS = {
    "language": "the language's name, as a code fence has it",
    "name": "the function's qualified name, as `before` has it",
    "path": "the file's path in the repo",
    "before": "the function as it stood before the commit",
    "after": "the function as the commit left it",
    "summaries": "what changed, a sentence each",
    "signatures": "signatures of what the function calls in its file",
    "helpers": "functions that the commit added to the file and that the function calls now",
}


def given_away_by(before: str, after: str) -> tuple[str, ...]:
    """Return what a prompt must not hold: the corrected function, or a telling line of it."""
    old = set(map(str.strip, before.split("\n")))
    added = [line.strip() for line in after.split("\n") if line.strip() not in old]
    return after, *(line for line in added if len(line) >= _TELLING)


def _make(change: Change) -> Pair | None:
    row = change.row
    if row["kind"] != "fix":
        return None
    return Pair(
        slots={
            **change_slots(change),
            "complaint": change.message,
            "changed_lines": changed_lines(row["before"], row["after"]),
            "declared": declared(row["before"], row["after"], row["signatures"]),
            "test_name": row["test_name"] or "",
            "test_path": row["test_path"] or "",
            "test_code": row["test_code"] or "",
            **context_slots(change.context),
        },
        answers=given_away_by(row["before"], row["after"]),
        evidence=change.evidence,
    )


TASK = Task(
    name="fix",
    subject=Change,
    slots={
        **CHANGE_SLOTS,
        "complaint": "what the commit's message says of the problem; empty where a test says it",
        "changed_lines": "lines of `before` that the commit changed or took out, each with line "
        "(from 1) and source",
        "declared": "those of the signatures that the changed lines call, each with name and "
        "signature",
        "test_name": "a test that came with the commit and calls the function, or nothing",
        "test_path": "the path of that test, or nothing",
        "test_code": "the code of that test, or nothing",
        **SLOTS,
    },
    make=_make,
    samples=lambda: changed_samples("fix"),
)
