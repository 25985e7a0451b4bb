"""What code calls, going by its text alone: the same for every language."""

from __future__ import annotations

import re
from collections.abc import Sequence

# A value given to a name, a parameter or loop variable, a definition inside; more is no harm.
_GIVEN = re.compile(
    r"(?<![\w.>])(\w+)\s*(?::=|=(?![=>]))|\b(?:for|as|let|var|val)\s+(\w+)"
    r"|[(,]\s*\*{0,2}(\w+)\s*(?=[,):])"
)
_BODY = re.compile(r"\{|:[ \t]*\n|=>|\Z")
_RECEIVER = re.compile(r"^func \([^)]*\)", re.MULTILINE)  # Go's: its own methods are called on it
_PARENTHESES = re.compile(r"\(([^()]*)\)")
_OWN = {"self", "this", "cls"}
# What a call is made on, if anything: a word, and whether more stands before that.
_CALL = re.compile(r"(?:([\w)\]?!]\s*(?:\.|->|::)\s*)?\b(\w+)\s*(?:\.|->|::)\s*)?\b(\w+)\s*\(")
_ON_RESULT = re.compile(r"[)\]?!'\"]\s*(?:\.|->|::)\s*\Z")


def called(code: str) -> set[str]:
    """Return the names that stand before a parenthesis."""
    return set(re.findall(r"([^\W\d]\w*)\s*\(", code))


def defined_elsewhere(calls: Sequence[str], code: str) -> list[str]:
    """Return those of the names that code calls of which a definition in the repo can be meant.

    A call of a parameter or of a local variable means none. One that is made on these, on a member
    or on what another call returns may mean a method of any type: that its name is in the repo once
    proves nothing.
    """
    given = {name for found in _GIVEN.finditer(code) for name in found.groups() if name}
    body = _BODY.search(code)
    head = _RECEIVER.sub("", code[: body.start()] if body else "")
    given |= {word for words in _PARENTHESES.findall(head) for word in re.findall(r"\w+", words)}
    given -= _OWN
    sure = {
        found[3]
        for found in _CALL.finditer(code)
        if not found[1]
        and found[2] not in given
        and not _ON_RESULT.search(code, max(0, found.start() - 9), found.start())
    }
    return [name for name in calls if name in sure and name not in given]
