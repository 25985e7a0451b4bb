"""What code calls, going by its text alone: the same for every language."""

from __future__ import annotations

import re
from collections.abc import Sequence

# A value given to a name, a parameter or loop variable, a definition inside; more is no harm.
_GIVEN = re.compile(
    r"(?<![\w.>])(\w+)\s*(?::=|=(?![=>]))|\b(?:for|as|let|var|val)\s+(\w+)"
    r"|[(,]\s*\*{0,2}(\w+)\s*(?=[,):])"
)


def called(code: str) -> set[str]:
    """Return the names that stand before a parenthesis."""
    return set(re.findall(r"([^\W\d]\w*)\s*\(", code))


def defined_elsewhere(calls: Sequence[str], code: str) -> list[str]:
    """Return those of the names that code calls which it does not itself give a value.

    A call of a parameter or of a local variable means no definition of that name.
    """
    given = {name for found in _GIVEN.finditer(code) for name in found.groups() if name}
    return [name for name in calls if name not in given]
