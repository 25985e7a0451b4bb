"""What code calls, going by its text alone: the same for every language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

# A value given to a name, a parameter or loop variable, a definition inside; more is no harm.
_GIVEN = re.compile(
    r"(?<![\w.>])(\w+)\s*(?::=|=(?![=>]))|\b(?:for|as|let|var|val)\s+(\w+)"
    r"|[(,]\s*\*{0,2}(\w+)\s*(?=[,):])"
)
_BODY = re.compile(r"\{|:[ \t]*\n|=>|\Z")
# Go's: its own methods are called on it.
_RECEIVER = re.compile(r"^func \(\s*(\w+)?[^)]*\)", re.MULTILINE)
_PARENTHESES = re.compile(r"\(([^()]*)\)")
_OWN = {"self", "this", "cls", "Self", "static", "super"}
# What a call is made on, if anything: a word, and whether more stands before that.
_CALL = re.compile(r"(?:([\w)\]?!]\s*(?:\.|->|::)\s*)?\b(\w+)\s*(?:\.|->|::)\s*)?\b(\w+)\s*\(")
_ON_RESULT = re.compile(r"[)\]?!'\"]\s*(?:\.|->|::)\s*\Z")


def called(code: str) -> set[str]:
    """Return the names that stand before a parenthesis."""
    return set(re.findall(r"([^\W\d]\w*)\s*\(", code))


def defined_elsewhere(calls: Sequence[str], code: str) -> dict[str, tuple[str, ...]]:
    """Return those of the names that code calls of which a definition in the repo can be meant.

    With each go the words that it is called on: modules, classes and the like. A call of a
    parameter or of a local variable means none. One that is made on these, on a member or on what
    another call returns may mean a method of any type: that its name is in the repo once proves
    nothing.
    """
    given = {name for found in _GIVEN.finditer(code) for name in found.groups() if name}
    body = _BODY.search(code)
    head = _RECEIVER.sub("", code[: body.start()] if body else "")
    given |= {word for words in _PARENTHESES.findall(head) for word in re.findall(r"\w+", words)}
    own = _OWN | set(_RECEIVER.findall(code))
    given -= own
    sure: dict[str, set[str]] = {}
    for found in _CALL.finditer(code):
        on_result = _ON_RESULT.search(code, max(0, found.start() - 9), found.start())
        if not (found[1] or found[2] in given or on_result):
            sure.setdefault(found[3], set()).update({found[2]} - own - {None})
    return {name: tuple(sorted(sure[name])) for name in calls if name in sure and name not in given}


def can_mean(words: Iterable[str], path: str, qualified_name: str) -> bool:
    """Tell whether a definition can be meant by calls on these words.

    Each must name its file, a folder or a class that it is in: ``time.Duration()`` is not the one
    method of the repo that has the name.
    """
    stem = path.rpartition(".")[0]
    around = {_plain(part) for part in (*stem.split("/"), *re.split(r"\W+", qualified_name)[:-1])}
    return all(_plain(word) in around for word in words)


def _plain(word: str) -> str:
    return word.replace("_", "").replace("-", "").lower()
