"""Finds the functions of one file: parse, one query, one sweep over what it captured.

The query says what is a function, a class, a comment, a call (see ``docs/languages.md``);
everything after that works on byte offsets and is the same for every language.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import tree_sitter

from corpus.extract.captures import Calls, Definition, sort_captures
from corpus.extract.docs import Trivia, preceding_doc, string_doc
from corpus.languages import LANGUAGES, Language


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


class _Grammar:
    """A language's parser and query. ``roles`` is what each pattern of the query captures."""

    def __init__(self, language: Language) -> None:
        grammar = language.load_grammar()
        self.parser = tree_sitter.Parser(grammar)
        self.query = tree_sitter.Query(grammar, language.query_text())
        self.roles: dict[int, str] = {}
        self._faults = tree_sitter.Query(grammar, "(ERROR) @fault")

    def faults(self, tree: tree_sitter.Tree) -> int:
        """Count the places that the parser could make nothing of."""
        return len(tree_sitter.QueryCursor(self._faults).matches(tree.root_node))


@cache
def _grammar(name: str) -> _Grammar:
    return _Grammar(LANGUAGES[name])


def extract(language: Language, source: bytes) -> list[Function]:
    """Return the functions of ``source`` in the order they begin.

    ``source`` is as ``sources.text.decode`` gives it: UTF-8, line feeds for line ends. A file with
    syntax errors gives the functions that the parser could make out.
    """
    return ParsedFile(language, source).functions()


class Located(NamedTuple):
    """Where a function stands in a parsed file: its definition, and those around it."""

    definition: Definition
    scope: tuple[Definition, ...]

    @property
    def qualified_name(self) -> str:
        """The dotted name; the same for overloads."""
        around = (*self.scope, self.definition)
        return ".".join([part for d in around for part in (d.owner, d.name) if part])


class ParsedFile:
    """A file and what it defines; a function is made of a definition only where one asks for it."""

    def __init__(self, language: Language, source: bytes) -> None:
        grammar = _grammar(language.name)
        tree = _parse(language, grammar, source)
        matches = tree_sitter.QueryCursor(grammar.query).matches(tree.root_node)
        definitions, self._trivia, self._calls = sort_captures(
            language, source, grammar.roles, matches
        )
        self.language = language
        self.source = source
        self.tree = tree
        self.located = list(_with_scopes(definitions))
        self._made: dict[int, Function] = {}

    def functions(self) -> list[Function]:
        """Return all functions, in the order that they begin."""
        return [self.function(located) for located in self.located]

    def function(self, located: Located) -> Function:
        """Return the function with its doc, its code and what it calls."""
        found = self._made.get(id(located))
        if found is None:
            found = _function(self.language, self.source, located, self._trivia, self._calls)
            self._made[id(located)] = found
        return found


def _parse(language: Language, grammar: _Grammar, source: bytes) -> tree_sitter.Tree:
    if language.repairs_first:
        return grammar.parser.parse(_repaired(language, source))
    tree = grammar.parser.parse(source)
    if not (language.repairs and tree.root_node.has_error):
        return tree
    repaired = _repaired(language, source)
    if repaired == source or not (faults := grammar.faults(tree)):  # a missing token alone is none
        return tree
    second = grammar.parser.parse(repaired)
    better = not second.root_node.has_error or grammar.faults(second) < faults
    return second if better else tree


def _repaired(language: Language, source: bytes) -> bytes:
    for pattern, replacement in language.repairs:
        source = re.sub(pattern, replacement, source)
    return source


def _with_scopes(
    definitions: list[Definition],
) -> Iterator[Located]:
    """Yield every function with the definitions around it, outermost first."""
    scope: list[Definition] = []
    for definition in definitions:
        if definition.kind == "file":  # a namespace that holds until the next, or the end
            scope = [definition]
            definition.end = sys.maxsize
            continue
        while scope and scope[-1].end <= definition.start:
            scope.pop()
        if definition.name and definition.kind in ("function", "constructor"):
            yield Located(definition, tuple(scope))
        scope.append(definition)


def _function(
    language: Language,
    source: bytes,
    located: Located,
    trivia: Trivia,
    calls: Calls,
) -> Function:
    definition, scope = located
    is_member = bool(definition.owner) or (bool(scope) and scope[-1].kind == "class")
    start, end, body = definition.start, definition.end, definition.body
    start_line = definition.node.start_point.row + 1
    end_line = definition.node.end_point.row + 1
    if source[end - 1 : end].isspace():
        last = _solid_end(source, definition.node)
        end, end_line = last.end_byte, last.end_point.row + 1
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
        located.qualified_name,
        _dedent(header.rstrip(), indent),
        code,
        bare,
        doc.text,
        doc.raw,
        start,
        start_line,
        end_line,
        declaration_line,
        calls.between(body.start_byte, end) if body else [],
    )


def _solid_end(source: bytes, node: tree_sitter.Node) -> tree_sitter.Node:
    """Return what a node ends with: in Scala, a block by indent reaches to the next token."""
    inner: tree_sitter.Node | None = node
    while inner is not None and source[inner.end_byte - 1 : inner.end_byte].isspace():
        node = inner
        inner = next((child for child in reversed(node.children) if not child.is_extra), None)
    return inner or node


def _kind(language: Language, definition: Definition, is_member: bool) -> str:
    if definition.kind == "constructor" or (is_member and definition.name in language.constructors):
        return "constructor"
    return "method" if is_member else "function"


_WHITE_SPACE = re.compile(rb"[ \t\f]*")


def _indent(source: bytes, start: int) -> bytes:
    """Return the white space that the line of ``start`` begins with."""
    found = _WHITE_SPACE.match(source, source.rfind(b"\n", 0, start) + 1, start)
    return found[0] if found else b""


def _dedent(code: bytes, indent: bytes) -> str:
    """Take the first line's indent off every line that has it.

    Lines that have less (inside a string) stay as they are, so valid code stays valid.
    """
    if indent:
        code = code.replace(b"\n" + indent, b"\n")
    return code.decode("utf-8", "replace")
