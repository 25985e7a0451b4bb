"""What a change itself says of the fault that it mends: the steps of a reasoned answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

_MOST = 3  # lines or calls that a reasoned answer names


def changed_lines(before: str, after: str) -> list[dict[str, Any]]:
    """Return the first lines of ``before`` that are not in ``after``: line (from 1) and source."""
    old, new = before.split("\n"), after.split("\n")
    found = [
        {"line": number + 1, "source": old[number].strip()}
        for tag, start, end, _, _ in _opcodes(old, new)
        if tag in ("replace", "delete")
        for number in range(start, end)
        if re.search(r"\w", old[number])
    ]
    return found[:_MOST]


def declared(before: str, after: str, signatures: Sequence[str]) -> list[dict[str, str]]:
    """Return the signatures of what the changed lines call, on either side: name and signature."""
    old, new = before.split("\n"), after.split("\n")
    lines: list[str] = []
    for tag, start, end, new_start, new_end in _opcodes(old, new):
        if tag != "equal":
            lines += [*old[start:end], *new[new_start:new_end]]
    called = re.findall(r"([^\W\d]\w*)\s*\(", "\n".join(lines))
    found: list[dict[str, str]] = []
    for signature in signatures:
        name = next((name for name in called if re.search(rf"\b{name}\b", signature)), None)
        if name and name not in (one["name"] for one in found):
            found.append({"name": name, "signature": " ".join(signature.split())})
    return found[:_MOST]


def _opcodes(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, int, int, int, int]]:
    yield from SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
