"""The text of rows as text: made visible, compared, and taken out of its Markdown."""

from __future__ import annotations

import difflib
import re

# Control characters but for tab and newline; marks that turn, join or hide: Unicode Standard Annex
# 9 (bidirectional), chapter 23.2 (layout controls), and the line ends that only JavaScript knows.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
_BLOCK = re.compile(r"^(`{3,}|~{3,})[^\n]*\n(.*?)^\1[ \t]*$", re.MULTILINE | re.DOTALL)


def visible(text: str) -> str:
    """Return ``text`` with every character that can't be seen written as ``<U+202E>``."""
    return _UNSEEN.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)


def unified(before: str, after: str, old: str = "before", new: str = "after") -> str:
    """Return how one text became another, as a unified diff; empty if nothing changed."""
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), old, new, n=3, lineterm=""
    )
    return "\n".join(lines)


def first_block(markdown: str) -> str | None:
    """Return the first fenced code block of a Markdown text, or None."""
    found = _BLOCK.search(markdown)
    return found[2] if found else None
