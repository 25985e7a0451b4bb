"""Finds the functions of one file: parse, one query, one sweep over what it captured.

The query says what is a function, a class, a comment, a call (see ``docs/languages.md``);
everything after that works on byte offsets and is the same for every language.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import tree_sitter

from corpus.extract.docs import Piece, Trivia, preceding_doc, string_doc
from corpus.languages import LANGUAGES, Language
from corpus.languages.names import dotted_path, plain_name

_Match = tuple[int, dict[str, list[tree_sitter.Node]]]


class Function(NamedTuple):
    """One function as the file has it. Lines count from 1; see ``schemas.FUNCTION``.

    ``calls`` are the names that the body calls, each once, sorted: the last part of a dotted name.
    """

    kind: str
    name: str
    qualified_name: str
    signature: str
    code: str
    code_without_doc: str
    doc: str | None
    doc_raw: str | None
    start_byte: int
    start_line: int
    end_line: int
    declaration_line: int
    calls: list[str]


class _Definition:
    """A captured function, class or namespace.

    ``owner`` is what the source itself puts before the name: a receiver, a prototype, the class of
    a method that is defined outside of it. ``place`` is the same for all captures of one function.
    """

    __slots__ = ("body", "end", "kind", "name", "node", "owner", "place", "start")

    def __init__(
        self, kind: str, captured: dict[str, list[tree_sitter.Node]], noise: str | None
    ) -> None:
        self.kind = kind
        self.node = captured[kind][0]
        self.start = self.node.start_byte
        self.end = self.node.end_byte
        self.body = captured["body"][0] if "body" in captured else None
        if "name" in captured:
            named = captured["name"][0]
            self.name = plain_name(_text(named))
            self.owner = _text(captured["owner"][0]) if "owner" in captured else ""
        else:
            named = captured["path"][0]
            self.owner, self.name = dotted_path(_text(named), noise)
        self.place = (self.body or named).start_byte

    def merge(self, other: _Definition) -> _Definition:
        """Return the wider of two captures of one function, by the first name that there is."""
        wide, narrow = (other, self) if other.start < self.start else (self, other)
        if not wide.name:
            wide.name, wide.owner = narrow.name, narrow.owner
        return wide


class _Calls:
    """The names called in a file, by position."""

    def __init__(self, nodes: list[tree_sitter.Node]) -> None:
        self._names = {node.start_byte: node for node in nodes}
        self._starts = sorted(self._names)

    def between(self, start: int, end: int) -> list[str]:
        """Return the names called in a byte range, each once, sorted."""
        first = bisect_left(self._starts, start)
        called = self._starts[first : bisect_left(self._starts, end, first)]
        return sorted({_text(self._names[at]) for at in called}) if called else []


class _Grammar:
    """A language's parser and query. ``roles`` is what each pattern of the query captures."""

    def __init__(self, language: Language) -> None:
        grammar = language.load_grammar()
        self.parser = tree_sitter.Parser(grammar)
        self.query = tree_sitter.Query(grammar, language.query_text())
        self.roles: dict[int, str] = {}


@cache
def _grammar(name: str) -> _Grammar:
    return _Grammar(LANGUAGES[name])


def extract(language: Language, source: bytes) -> list[Function]:
    """Return the functions of ``source`` in the order they begin.

    ``source`` is as ``sources.text.decode`` gives it: UTF-8, line feeds for line ends. A file with
    syntax errors gives the functions that the parser could make out.
    """
    grammar = _grammar(language.name)
    tree = _parse(language, grammar.parser, source)
    matches = tree_sitter.QueryCursor(grammar.query).matches(tree.root_node)
    definitions, trivia, calls = _sort_captures(language, grammar.roles, matches)
    return [
        _function(language, source, definition, scope, trivia, calls)
        for definition, scope in _with_scopes(definitions)
    ]


def _parse(language: Language, parser: tree_sitter.Parser, source: bytes) -> tree_sitter.Tree:
    tree = parser.parse(source)
    if tree.root_node.has_error and language.repairs:
        repaired = source
        for pattern, replacement in language.repairs:
            repaired = re.sub(pattern, replacement, repaired)
        if repaired != source:
            second = parser.parse(repaired)
            return tree if second.root_node.has_error else second
    return tree


_ROLES = ("call", "comment", "attribute", "function", "constructor", "class", "namespace", "file")


def _sort_captures(
    language: Language, roles: dict[int, str], matches: list[_Match]
) -> tuple[list[_Definition], Trivia, _Calls]:
    """Part the query's matches into definitions, trivia and calls.

    Two patterns may take the same function: with and without what is wrapped around it (a
    decorator, an export), by its own name and by the one it is bound to. The body tells that they
    are one.
    """
    found: dict[int, _Definition] = {}
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
            definition = _Definition(role, captured, language.path_noise)
            known = found.get(definition.place)
            found[definition.place] = known.merge(definition) if known else definition
    named = (definition for definition in found.values() if definition.name)
    return sorted(named, key=lambda d: (d.start, -d.end)), Trivia(pieces), _Calls(calls)


def _text(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _with_scopes(
    definitions: list[_Definition],
) -> Iterator[tuple[_Definition, list[_Definition]]]:
    """Yield every function with the definitions around it, outermost first."""
    scope: list[_Definition] = []
    for definition in definitions:
        if definition.kind == "file":  # a namespace that holds until the next, or the end
            scope = [definition]
            definition.end = sys.maxsize
            continue
        while scope and scope[-1].end <= definition.start:
            scope.pop()
        if definition.kind in ("function", "constructor"):
            yield definition, scope
        scope.append(definition)


def _function(
    language: Language,
    source: bytes,
    definition: _Definition,
    scope: list[_Definition],
    trivia: Trivia,
    calls: _Calls,
) -> Function:
    names = [part for d in (*scope, definition) for part in (d.owner, d.name) if part]
    is_member = bool(definition.owner) or (bool(scope) and scope[-1].kind == "class")
    start, end, body = definition.start, definition.end, definition.body
    start_line = definition.node.start_point.row + 1
    if language.doc_openers:
        doc = preceding_doc(language, source, start, trivia)
        declaration_line = doc.declaration_line or start_line
        if doc.first is not None:
            start, start_line = doc.first.start, doc.first.line
    else:
        doc = string_doc(source, body)
        declaration_line = start_line
    indent = _indent(source, start)
    code = bare = _dedent(source[start:end], indent)
    header = source[start : body.start_byte if body else end]
    if doc.text is not None:
        bare = _dedent(doc.cut(source, start, end), indent)
        if doc.first is not None:
            header = doc.cut(source, start, start + len(header))
    return Function(
        _kind(language, definition, is_member),
        definition.name,
        ".".join(names),
        _dedent(header.rstrip(), indent),
        code,
        bare,
        doc.text,
        doc.raw,
        start,
        start_line,
        definition.node.end_point.row + 1,
        declaration_line,
        calls.between(body.start_byte, end) if body else [],
    )


def _kind(language: Language, definition: _Definition, is_member: bool) -> str:
    if definition.kind == "constructor" or (is_member and definition.name in language.constructors):
        return "constructor"
    return "method" if is_member else "function"


def _indent(source: bytes, start: int) -> bytes:
    """Return the white space before ``start`` on its line; empty if something else stands there."""
    before = source[source.rfind(b"\n", 0, start) + 1 : start]
    return before if before.isspace() else b""


def _dedent(code: bytes, indent: bytes) -> str:
    """Take the first line's indent off every line that has it.

    Lines that have less (inside a string) stay as they are, so valid code stays valid.
    """
    if indent:
        code = code.replace(b"\n" + indent, b"\n")
    return code.decode("utf-8", "replace")
