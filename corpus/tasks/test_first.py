"""test_first: the tests in, the function that passes them out."""

from __future__ import annotations

from corpus.tasks.base import Pair, Specified, Task
from corpus.tasks.samples import specified_samples
from corpus.tasks.test import SLOTS, test_slots


def _make(specified: Specified) -> Pair:
    tested = specified.tested
    first = tested.row
    return Pair(
        slots={**test_slots(tested), "signature": tested.function["signature"]},
        answers=(tested.function["code"],),
        evidence=f"tested by {first['path']}:{first['start_line']} ({tested.evidence})",
    )


TASK = Task(
    name="test_first",
    subject=Specified,
    slots={**SLOTS, "signature": "the function up to its body"},
    samples=specified_samples,
    make=_make,
)
