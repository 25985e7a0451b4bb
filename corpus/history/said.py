"""What is said of many changes at once, and is searched for the same words each time."""

from __future__ import annotations

import re
from functools import lru_cache


class Said:
    """A text of a commit; what a pattern finds in it first is looked for once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._found: dict[int, re.Match[str] | None] = {}

    def search(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Return what ``pattern.search`` finds; the pattern must be a constant of a module."""
        key = id(pattern)  # its hash would read all of it
        if key not in self._found:
            self._found[key] = pattern.search(self.text)
        return self._found[key]


@lru_cache(1 << 14)
def said(text: str) -> Said:
    """Return a text with what was found in it so far: a commit's changes lie in many shards."""
    return Said(text)
