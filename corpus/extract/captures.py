"""Sorts what a language's query captured: definitions, comments and attributes, calls."""

from __future__ import annotations

from bisect import bisect_left

import tree_sitter

from corpus.extract.docs import Piece, Trivia
from corpus.languages import Language
from corpus.languages.names import dotted_path, plain_name

_Captured = dict[str, list[tree_sitter.Node]]


class Definition:
    """A captured function, class or namespace.

    ``owner`` is what the source itself puts before the name: a receiver, a prototype, the class of
    a method that is defined outside of it. ``place`` is the same for all captures of one function.
    """

    __slots__ = ("body", "end", "kind", "name", "node", "owner", "place", "start")

    def __init__(self, kind: str, captured: _Captured, source: bytes, noise: str | None) -> None:
        self.kind = kind
        self.node = captured[kind][0]
        self.start = self.node.start_byte
        self.end = self.node.end_byte
        self.body = captured["body"][0] if "body" in captured else None
        named = self.body or self.node
        self.owner = self.name = ""
        if "name" in captured:
            named = captured["name"][0]
            self.name = plain_name(_text(source, named))
            if "owner" in captured:
                self.owner = _text(source, captured["owner"][0])
        elif "path" in captured:
            named = captured["path"][0]
            self.owner, self.name = dotted_path(_text(source, named), noise)
        self.place = (self.body or named).start_byte

    def merge(self, other: Definition) -> Definition:
        """Return the wider of two captures of one function, by the first name that there is."""
        wide, narrow = (other, self) if other.start < self.start else (self, other)
        if not wide.name:
            wide.name, wide.owner = narrow.name, narrow.owner
        return wide


class Calls:
    """The names called in a file, by position."""

    def __init__(self, source: bytes, nodes: list[tree_sitter.Node]) -> None:
        self._source = source
        self._ends = {node.start_byte: node.end_byte for node in nodes}
        self._starts = sorted(self._ends)

    def between(self, start: int, end: int) -> list[str]:
        """Return the names called in a byte range, each once, sorted."""
        first = bisect_left(self._starts, start)
        called = self._starts[first : bisect_left(self._starts, end, first)]
        names = {self._source[at : self._ends[at]] for at in called}
        return [name.decode("utf-8", "replace") for name in sorted(names)]


_ROLES = ("call", "comment", "attribute", "function", "constructor", "class", "namespace", "file")


def sort_captures(
    language: Language, source: bytes, roles: dict[int, str], matches: list[tuple[int, _Captured]]
) -> tuple[list[Definition], Trivia, Calls]:
    """Part the query's matches into definitions, trivia and calls.

    Two patterns may take the same function: with and without what is wrapped around it (a
    decorator, an export), by its own name and by the one it is bound to. The body tells that they
    are one.
    """
    found: dict[int, Definition] = {}
    pieces = []
    calls = []
    for pattern, captured in matches:
        role = roles.get(pattern)
        if role is None:
            role = roles[pattern] = next(role for role in _ROLES if role in captured)
        if role == "call":
            calls.append(captured["call"][0])
        elif role in ("comment", "attribute"):
            pieces.append(Piece(captured[role][0], is_attribute=role == "attribute"))
        else:
            definition = Definition(role, captured, source, language.path_noise)
            known = found.get(definition.place)
            found[definition.place] = known.merge(definition) if known else definition
    definitions = sorted(found.values(), key=lambda d: (d.start, -d.end))
    return definitions, Trivia(pieces), Calls(source, calls)


def _text(source: bytes, node: tree_sitter.Node) -> str:
    """Return a node's text; ``node.text`` takes longer."""
    return source[node.start_byte : node.end_byte].decode("utf-8", "replace")
