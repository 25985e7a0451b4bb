"""refactor: a function and what to better in, the function that does the same out."""

from __future__ import annotations

from corpus.tasks.base import Change, Pair, Task
from corpus.tasks.fix import CHANGE_SLOTS, change_slots
from corpus.tasks.samples import changed_samples


def _make(change: Change) -> Pair | None:
    if change.row["kind"] != "refactor":
        return None
    return Pair(
        slots={**change_slots(change), "goal": change.message, **_test(change)},
        answers=(change.row["after"],),
        evidence=change.evidence,
    )


def _test(change: Change) -> dict[str, str]:
    """Return the test that came with the commit, or one that was there and calls the function."""
    row, shown = change.row, change.context["shown"] if change.context else []
    if row.get("test_code") or not shown:
        return {name: row.get(name) or "" for name in _TEST}
    return {"test_name": shown[0]["name"], "test_path": shown[0]["path"],
            "test_code": shown[0]["code"]}  # fmt: skip


_TEST = {
    "test_name": "a test that calls the function, as it was after the commit, or nothing",
    "test_path": "the path of that test, or nothing",
    "test_code": "the code of that test, or nothing",
}
TASK = Task(
    name="refactor",
    subject=Change,
    slots={**CHANGE_SLOTS, "goal": "what the commit's message says that it was for", **_TEST},
    make=_make,
    samples=lambda: changed_samples("refactor"),
)
