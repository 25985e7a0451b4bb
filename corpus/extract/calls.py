"""What code calls, going by its text alone: the same for every language."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable
from typing import NamedTuple

# A value given to a name, a parameter or loop variable, a definition inside; more is no harm.
_GIVEN = re.compile(
    r"(?<![\w.>])(\w+)\s*(?::=|=(?![=>]))|\b(?:for|as|let|var|val|def|fn|func|function|fun)\s+(\w+)"
    r"|[(,]\s*\*{0,2}(\w+)\s*(?=[,):])"
)
_COMMENT = re.compile(r"^[ \t]*(?://|#|\* |-- ).*$", re.MULTILINE)  # a line that is nothing else
_BODY = re.compile(r"\{|:[ \t]*\n|=>|\Z")
# Go's: its own methods are called on it.
_RECEIVER = re.compile(r"^func \(\s*(\w+)?[^)]*\)", re.MULTILINE)
_PARENTHESES = re.compile(r"\(([^()]*)\)")
_OWN = {"self", "this", "cls", "Self", "static", "super"}
# What a call is made on, if anything: a word, and whether more stands before that.
_CALL = re.compile(r"(?:([\w)\]?!]\s*(?:\.|->|::)\s*)?\b(\w+)\s*(?:\.|->|::)\s*)?\b(\w+)\s*\(")
_ON_RESULT = re.compile(r"[)\]?!'\"]\s*(?:\.|->|::)\s*\Z")


# Names that a call on a built-in value has as well: one definition in the repo proves nothing.
BUILT_IN = {
    name
    for kind in (builtins, str, bytes, list, dict, set, int, float, re.Pattern, re.Match)
    for name in dir(kind)
} | {"close", "read", "write", "open", "log", "run", "start", "stop", "size", "map", "filter"}
# Here a call on nothing means no method, not even one of the object's own.
_NO_BARE_METHODS = {"python", "javascript", "typescript", "tsx", "go", "rust", "php", "lua"}


class Called(NamedTuple):
    """How some code calls a name: on nothing, on the object itself, on words, on a value.

    Words are modules, classes and the like. Values are parameters, local variables, members, and
    what another call returns: it may be a method of any type.
    """

    is_bare: bool
    is_own: bool
    words: tuple[str, ...]
    on_value: bool


def called(code: str) -> set[str]:
    """Return the names that stand before a parenthesis."""
    return set(re.findall(r"([^\W\d]\w*)\s*\(", code))


def defined_elsewhere(calls: Iterable[str], code: str) -> dict[str, Called]:
    """Return those of the names that code calls of which a definition in the repo can be meant.

    Not those that are called on values alone: that a name is in the repo once proves nothing.
    """
    found = defined_outside(calls, code)
    return {name: c for name, c in found.items() if c.is_bare or c.is_own or c.words}


def defined_outside(calls: Iterable[str], code: str) -> dict[str, Called]:
    """Return how code calls those of the names that are no parameters or local variables of it."""
    code = _COMMENT.sub("", code)
    given = {name for found in _GIVEN.finditer(code) for name in found.groups() if name}
    body = _BODY.search(code)
    head = _RECEIVER.sub("", code[: body.start()] if body else "")
    given |= {word for words in _PARENTHESES.findall(head) for word in re.findall(r"\w+", words)}
    own = _OWN | set(_RECEIVER.findall(code))
    given -= own
    made: dict[str, set[str | None]] = {}
    on_values: set[str] = set()
    for found in _CALL.finditer(code):
        on_result = _ON_RESULT.search(code, max(0, found.start() - 9), found.start())
        on = made.setdefault(found[3], set())
        if found[1] or found[2] in given or on_result:
            on_values.add(found[3])
        else:
            on.add(found[2])
    result = {
        name: Called(
            None in made[name] and name not in given,
            not made[name].isdisjoint(own),
            tuple(sorted(word for word in made[name] if word and word not in own)),
            name in on_values,
        )
        for name in calls
        if name in made
    }
    return {name: call for name, call in result.items() if any(call)}


def can_mean(call: Called, language: str, kind: str, path: str, qualified_name: str) -> bool:
    """Tell whether a definition can be meant by calls.

    Each word that they are made on must name its file, a folder or a class that it is in:
    ``time.Duration()`` is not the one method of the repo that has the name. ``self.retry()`` is no
    function of the module; nor is ``retry()`` a method, in most languages. Where it is called on
    values alone, which says nothing of it, it has to be a method and of a telling name.
    """
    if call.on_value and not (call.is_bare or call.is_own or call.words):
        return kind == "method" and qualified_name.rpartition(".")[2] not in BUILT_IN
    if call.is_own and kind == "function":
        return False
    if call.is_bare and kind == "method" and language in _NO_BARE_METHODS:
        return False
    stem = path.rpartition(".")[0]
    around = {_plain(part) for part in (*stem.split("/"), *re.split(r"\W+", qualified_name)[:-1])}
    return all(_plain(word) in around for word in call.words)


def _plain(word: str) -> str:
    return word.replace("_", "").replace("-", "").lower()
