"""refactor: a function and what to better in, the function that does the same out."""

from __future__ import annotations

from corpus.tasks.base import Change, Pair, Task
from corpus.tasks.fix import CHANGE_SLOTS, change_slots
from corpus.tasks.samples import changed_samples


def _make(change: Change) -> Pair | None:
    if change.row["kind"] != "refactor":
        return None
    return Pair(
        slots={**change_slots(change), "goal": change.message},
        answers=(change.row["after"],),
        evidence=change.evidence,
    )


TASK = Task(
    name="refactor",
    subject=Change,
    slots={**CHANGE_SLOTS, "goal": "what the commit's message says that it was for"},
    make=_make,
    samples=lambda: changed_samples("refactor"),
)
