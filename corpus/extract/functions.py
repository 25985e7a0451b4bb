"""Finds the functions of one file: parse, one query, one sweep over what it captured.

The query says what is a function, a class, a comment (see ``languages/queries``); everything after
that works on byte offsets and is the same for every language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import tree_sitter

from corpus.extract.docs import Piece, Trivia, preceding_doc, string_doc
from corpus.languages import LANGUAGES, Language

_DEFINITIONS = ("function", "constructor", "class", "namespace")


class Function(NamedTuple):
    """One function as the file has it. Lines count from 1; see ``schemas.FUNCTION``."""

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


@dataclass(slots=True)
class _Definition:
    """A captured function, class or namespace. ``owner`` is a receiver's or prototype's name."""

    kind: str
    start: int
    end: int
    node: tree_sitter.Node
    name: str
    owner: str | None
    body: tree_sitter.Node | None


@dataclass(frozen=True, slots=True)
class _Grammar:
    parser: tree_sitter.Parser
    query: tree_sitter.Query


@cache
def _grammar(name: str) -> _Grammar:
    language = LANGUAGES[name]
    grammar = language.load_grammar()
    query = tree_sitter.Query(grammar, language.query_path.read_text("utf-8"))
    return _Grammar(tree_sitter.Parser(grammar), query)


def extract(language: Language, source: bytes) -> list[Function]:
    """Return the functions of ``source`` in the order they begin.

    ``source`` is as ``sources.text.decode`` gives it: UTF-8, line feeds for line ends. A file with syntax errors gives the functions that the parser could make out.
    """
    grammar = _grammar(language.name)
    tree = _parse(language, grammar.parser, source)
    matches = tree_sitter.QueryCursor(grammar.query).matches(tree.root_node)
    definitions, trivia = _sort_captures(matches)
    return [
        _function(language, source, definition, scope, trivia)
        for definition, scope in _with_scopes(definitions)
    ]


def _parse(language: Language, parser: tree_sitter.Parser, source: bytes) -> tree_sitter.Tree:
    tree = parser.parse(source)
    if tree.root_node.has_error and language.repair:
        repaired = re.sub(*language.repair, source)
        if repaired != source:
            second = parser.parse(repaired)
            return tree if second.root_node.has_error else second
    return tree


def _sort_captures(
    matches: list[tuple[int, dict[str, list[tree_sitter.Node]]]],
) -> tuple[list[_Definition], Trivia]:
    """Part the query's matches into definitions and trivia, both in source order.

    Two patterns may take the same function, with and without what is wrapped around it (a
    decorator, an export): the name tells that they are one, and the wider match is the function.
    """
    by_name: dict[int, _Definition] = {}
    pieces = []
    for _, captured in matches:
        if "comment" in captured:
            pieces.append(Piece(captured["comment"][0]))
        elif "attribute" in captured:
            pieces.append(Piece(captured["attribute"][0], is_attribute=True))
        else:
            found = _definition(captured)
            at = captured["name"][0].start_byte
            known = by_name.get(at)
            if known is None or (found.start, -found.end) < (known.start, -known.end):
                by_name[at] = found
            elif known.owner is None:
                known.owner = found.owner
    return sorted(by_name.values(), key=lambda d: (d.start, -d.end)), Trivia(pieces)


def _definition(captured: dict[str, list[tree_sitter.Node]]) -> _Definition:
    kind = next(kind for kind in _DEFINITIONS if kind in captured)
    node = captured[kind][0]
    owner = captured.get("owner")
    body = captured.get("body")
    return _Definition(
        kind,
        node.start_byte,
        node.end_byte,
        node,
        _text(captured["name"][0]),
        _text(owner[0]) if owner else None,
        body[0] if body else None,
    )


def _text(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _with_scopes(
    definitions: list[_Definition],
) -> Iterator[tuple[_Definition, list[_Definition]]]:
    """Yield every function with the definitions around it, outermost first."""
    scope: list[_Definition] = []
    for definition in definitions:
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
) -> Function:
    names = [part for d in (*scope, definition) for part in (d.owner, d.name) if part]
    is_member = definition.owner is not None or (bool(scope) and scope[-1].kind == "class")
    start, end = definition.start, definition.end
    declaration_line = definition.node.start_point.row + 1
    if language.doc_openers:
        doc = preceding_doc(language, source, start, trivia)
        if doc.attribute is not None:
            start = doc.attribute.start
            declaration_line = doc.attribute.line
    else:
        doc = string_doc(source, definition.body)
    first = min(start, doc.start) if doc.text is not None else start
    indent = _indent(source, first)
    code = _dedent(source[first:end], indent)
    bare = code if doc.text is None else _dedent(doc.cut(source, first, end), indent)
    header_end = definition.body.start_byte if definition.body else end
    header = source[start:header_end].rstrip()
    return Function(
        _kind(language, definition, is_member),
        definition.name,
        ".".join(names),
        _dedent(header, indent),
        code,
        bare,
        doc.text,
        doc.raw,
        first,
        doc.line if first < start else declaration_line,
        definition.node.end_point.row + 1,
        declaration_line,
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
