"""Chooses a few mutants of a function that teach different things."""

from __future__ import annotations

import re

from corpus.mutants.mutate import Mutant, mutants


def choose(language: str, code: str, function_id: str, most: int) -> list[Mutant]:
    """Return up to ``most`` mutants of a function, always the same ones for the same function.

    Of mutants with one operator on one line, and of those that are alike but for names and
    numbers, the first is taken.
    """
    seen: set[tuple[str, int | str]] = set()
    different = []
    lines = code.split("\n")
    for mutant in mutants(language, code):
        shape = re.sub(r"\w+", "w", lines[mutant.line])
        if not {(mutant.operator, mutant.line), (mutant.operator, shape)} & seen:
            seen |= {(mutant.operator, mutant.line), (mutant.operator, shape)}
            different.append(mutant)
    different.sort(key=lambda mutant: mutant.id(function_id))
    return different[:most]
