"""explain_failure: a function with a fault put into it, and what a test said; why, out."""

from __future__ import annotations

from corpus.tasks.base import Mutated, Pair, Task
from corpus.tasks.fix_mutant import SLOTS, evidence, mutant_slots
from corpus.tasks.samples import mutated_samples


def _make(mutated: Mutated) -> Pair:
    slots = mutant_slots(mutated)
    return Pair(
        slots, answers=(slots["code"],), evidence=evidence(mutated), unscanned=(slots["message"],)
    )


TASK = Task(
    name="explain_failure", subject=Mutated, slots=SLOTS, samples=mutated_samples, make=_make
)
