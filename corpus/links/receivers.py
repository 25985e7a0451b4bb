"""What a call is made on, and what a variable holds, read from the text around a name.

Seventeen grammars call a receiver by seventeen names; the text before the name is much the same in
all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

# Read backwards, from the name on: an anchored match looks no further than the path goes.
_HTAP = re.compile(r"[\w$@]+(?:(?:\.\??|::|>-|\\)[\w$@]+)*")
_JOIN = re.compile(r"::|->|\?\.|\\")
_CLOSING = {")": "(", "]": "[", "}": "{", ">": "<"}
_LONGEST_PATH = 100  # characters
_LOOK_BACK = 400  # characters: a longer chain of calls says nothing of its beginning


class Receiver(NamedTuple):
    """What stands before a called name. ``made`` says that it is itself the result of a call.

    ``path`` is a dotted path; empty for a bare call, ``?`` for any other expression.
    """

    path: str
    made: bool = False


_BARE = Receiver("")


def receiver(text: str, at: int) -> Receiver:
    """Return what a call is made on whose name begins at ``at``."""
    mark, last = text[at - 1 : at], text[at - 2 : at - 1]
    is_word = last.isalnum() or last == "_"
    if not mark or mark not in ".:>! \t\n" or (mark == " " and is_word):
        return _BARE
    if mark == "." and is_word:  # most calls: nothing to look for behind the path
        return _path(text[max(0, at - 1 - _LONGEST_PATH) : at - 1])
    before = text[max(0, at - _LOOK_BACK) : at]
    is_colon = before.endswith(":") and before[-2:-1].isalnum()  # Lua; else a space follows it
    before = before.rstrip()
    if before.endswith(("::", "->", "?.")):
        before = before[:-2]
    elif before.endswith(".") or is_colon:
        before = before[:-1].rstrip("!")
    else:
        return _BARE
    before = before.rstrip()
    made = False
    while before and before[-1] in ")]":
        opening = _opening(before)
        made = made or before[-1] == ")"
        before = before[:opening].rstrip() if opening else ""
    return _path(before[-_LONGEST_PATH:], made=made)


def _path(before: str, *, made: bool = False) -> Receiver:
    """Return the path that a text ends with."""
    found = _HTAP.match(before[::-1])
    if not found:
        return Receiver("?", made)
    path = found[0][::-1]
    if not path.isidentifier():
        path = _JOIN.sub(".", path).lstrip("$@")
    return Receiver(path, made)


def _opening(text: str) -> int:
    """Return where the bracket opens that ``text`` ends with the closing of; 0 if nowhere."""
    close, open_ = text[-1], _CLOSING[text[-1]]
    depth = 0
    for place in range(len(text) - 1, -1, -1):
        depth += (text[place] == close) - (text[place] == open_)
        if depth == 0:
            return place
    return 0


_MARKS = re.compile("[\"'`()\\[\\]{},]")
_LOOK_AHEAD = 4000  # characters: longer arguments are not counted
# What most calls are given: no text, no brackets.
_PLAIN = re.compile("[^\"'`()\\[\\]{}]*\\)")
_OPENS = re.compile(r"\s*(?:<[^()]{0,200}>)?\s*\(")


def arguments(text: str, end: int) -> int:
    """Return how many arguments a call has whose name ends at ``end``; -1 if that can't be told."""
    if text.startswith("(", end):
        begin = end + 1
    elif start := _OPENS.match(text, end):
        begin = start.end()
    else:
        return -1
    if plain := _PLAIN.match(text, begin, begin + _LOOK_AHEAD):
        inside = text[begin : plain.end() - 1]
        return inside.count(",") + 1 if inside.strip() else 0
    depth, commas = 0, 0
    quote = ""
    for mark in _MARKS.finditer(text, begin, begin + _LOOK_AHEAD):
        character = mark[0]
        if quote:
            quote = "" if character == quote and text[mark.start() - 1] != "\\" else quote
        elif character in "\"'`":
            quote = character
        elif character in "([{":
            depth += 1
        elif character == ",":
            commas += depth == 0
        elif depth:
            depth -= 1
        else:
            return commas + 1 if text[begin : mark.start()].strip() else 0
    return -1


# Patterns begin with a sign that is rarer than a word; what stands before it is then looked at.
_ASSIGNED = re.compile(
    r"=\s*(?:await\s+|try[!?]?\s+|&)*(?:new\s+)?&?(?P<kind>[A-Za-z_][\w.:]*)\s*"
    r"(?:<[^<>()=]*>)?\s*[({]"
)
_DECLARED = re.compile(
    r"\b(?P<kind>[A-Z]\w*)(?:<[^;(){}=]*>)?[ \t]+[*&]?(?P<name>\w+)\s*(?:=[^=]|;|,|\))"
)
_ANNOTATED = re.compile(r":[ \t]*[&*]?(?:mut\s+)?(?P<kind>[A-Z]\w*)")
_GO_PARAMETER = re.compile(r"\b(?P<name>\w+)\s+[*&]?(?:\w+\.)?(?P<kind>[A-Z]\w*)\s*[,)={\n]")
_WITH = re.compile(r"with(?<!\wwith)\s+(?P<kind>[A-Za-z_][\w.]*)\([^\n]*\)\s+as\s+(?P<name>\w+)")
# Read backwards, as paths are: ``name``, ``name: Type`` or ``name:`` before an equals sign, all on
# one line: what a colon ends above is no name.
_EMAN = re.compile(r"\s*(\w+)")
_EPYT_EMAN = re.compile(r":?(?:[ \t]*[\w.]+&?[ \t]*:)?\s*(\w+)")

# What a text must hold for a pattern to be worth a search, the pattern, how sure it is, and what
# finds the name before it.
_SAYINGS = (
    ((";",), _DECLARED, 0, None),
    (("def ", "fn ", "let ", "val ", "const ", "fun ", "func "), _ANNOTATED, 0, _EMAN),
    (("=",), _ASSIGNED, 1, _EPYT_EMAN),
    (("with ",), _WITH, 1, None),
    ((":= ",), _GO_PARAMETER, 2, None),
)


_BRACKETS = re.compile(r"[()]")
_ATTRIBUTE = re.compile(r"(?:\[[^\]\n]*\])*\.[A-Za-z_]\w*\b(?!\s*[(<:!])")


class Holding(NamedTuple):
    """A variable, what it is made by, how sure that is (0 is surest), and where that is said."""

    name: str
    kind: str
    order: int
    at: int


def holdings(text: str) -> list[Holding]:
    """Return what is said of variables in a text: declared, assigned, or given as parameters."""
    found = []
    for signs, pattern, order, before in _SAYINGS:
        if not any(sign in text for sign in signs):
            continue
        last = 0
        for said in pattern.finditer(text):
            at = said.start()
            if before is None:
                name = said["name"]
            elif named := before.match(text[max(last, at - _LONGEST_PATH) : at][::-1]):
                name, at = named[1][::-1], at - named.end()
            else:
                continue
            last = said.end()
            kind = said["kind"].replace("::", ".").strip(".")
            if pattern is _ASSIGNED and (
                kind.startswith(f"{name}.") or _is_attribute(text, said.end() - 1)
            ):
                continue
            found.append(Holding(name, kind, order, at))
    return found


def _is_attribute(text: str, opening: int) -> bool:
    """Tell whether an attribute of what a call gives is meant, whose brackets open at a place."""
    if text[opening] != "(":
        return False
    depth = 0
    for mark in _BRACKETS.finditer(text, opening, opening + _LOOK_BACK):
        depth += 1 if mark[0] == "(" else -1
        if depth == 0:
            return bool(_ATTRIBUTE.match(text, mark.end()))
    return False


def held(found: Iterable[Holding]) -> dict[str, str]:
    """Return what variables hold: a class or function, its path dotted.

    A declared type counts more than the call that a variable was assigned from. A variable that
    is made in several ways is left out.
    """
    made: dict[str, dict[int, set[str]]] = {}
    for name, kind, order, _ in found:
        made.setdefault(name, {}).setdefault(order, set()).add(kind)
    surest = {name: kinds[min(kinds)] for name, kinds in made.items()}
    return {name: next(iter(kinds)) for name, kinds in surest.items() if len(kinds) == 1}


_DECLARED_RESULT = re.compile(
    r"\)\s*->\s*(?:[\w.]*(?:Iterator|Generator|Iterable)\[\s*)?[\"']?(?:\w+\.)*([A-Z]\w*)"
)
_NO_CLASS = frozenset({"Any", "Callable", "None", "Union", "Optional", "T", "Type", "Iterator"})


def returned(code: str) -> str:
    """Return what makes the value that a fixture gives: ``Runner`` of ``return Runner(x)``.

    A class that its signature names counts before that.
    """
    if (declared := _DECLARED_RESULT.search(code)) and declared[1] not in _NO_CLASS:
        return declared[1]
    found = re.search(r"\b(?:return|yield)\s+(?:new\s+)?([A-Za-z_][\w.]*)\s*(\()?", code)
    if found is None:
        return ""
    return found[1] if found[2] else held(holdings(code)).get(found[1], "")
