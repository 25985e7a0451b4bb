"""What the linker needs of one file: its calls, imports, classes, and tests that are no functions.

The calls and classes are what the language's own query captures; ``queries/`` here holds the rest,
so that extraction pays nothing for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import tree_sitter

from corpus.languages import LANGUAGES, Language
from corpus.links.imports import Bound, bound_names
from corpus.links.receivers import Receiver, arguments, receiver

_QUERIES = Path(__file__).parent / "queries"
_SHARED = {"javascript": "ecmascript", "typescript": "ecmascript", "tsx": "ecmascript"}
READ, MENTIONED = -2, -3
"""In place of a number of arguments: an attribute that is read, a name that is handed on."""

_KINDS = ("call", "read", "import", "test", "group", "hook", "class")


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the name, what it is made on, how many arguments (-1: unknown), and its line."""

    name: str
    on: Receiver
    arguments: int
    line: int


@dataclass(frozen=True, slots=True)
class Block:
    """A test, hook, group of tests, or class. Lines from 1; ``header`` is what it begins with."""

    kind: str
    title: str
    header: str
    start_line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class Import:
    """An import statement and what it binds."""

    text: str
    start_line: int
    bound: tuple[Bound, ...]


@dataclass(slots=True)
class View:
    """What is seen in a file, in the order that it stands there."""

    calls: list[Call] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)


Captured = dict[str, list[tree_sitter.Node]]
"""What a match of a query captured, by the names in the query."""


@cache
def _query(name: str, kinds: tuple[str, ...]) -> tuple[tree_sitter.Parser, tree_sitter.Query]:
    """Return a parser, and of the language's query and ours the patterns for some kinds."""
    language = LANGUAGES[name]
    grammar = language.load_grammar()
    own = (_QUERIES / f"{_SHARED.get(name, name)}.scm").read_text("utf-8")
    if "c" in language.queries:
        own += (_QUERIES / "c.scm").read_text("utf-8")
    text = language.query_text() + own
    query = tree_sitter.Query(grammar, text)
    wanted = re.compile("@(" + "|".join(kinds) + r")\b")
    source = text.encode()
    for number in range(query.pattern_count):
        pattern = source[query.start_byte_for_pattern(number) : query.end_byte_for_pattern(number)]
        if not wanted.search(pattern.decode()):
            query.disable_pattern(number)
    return tree_sitter.Parser(grammar), query


def view(language: Language, text: str) -> View:
    """Parse a file and return what the linker needs of it."""
    return _view(language, text, _KINDS)


def outline(language: Language, text: str) -> View:
    """Parse a file and return its classes and imports alone, which costs half as much."""
    return _view(language, text, ("import", "class"))


def _view(language: Language, text: str, kinds: tuple[str, ...]) -> View:
    parser, query = _query(language.name, kinds)
    source = text.encode()
    is_ascii = len(source) == len(text)
    found = View()
    nodes: dict[tuple[int, str], tuple[tree_sitter.Node, Captured]] = {}
    tree = parser.parse(source)
    for _, captured in tree_sitter.QueryCursor(query).matches(tree.root_node):
        for kind in captured:
            if kind in kinds:
                node = captured[kind][0]
                nodes[node.start_byte, kind] = node, captured
    for start, kind in sorted(nodes):
        node, captured = nodes[start, kind]
        if kind in ("call", "read"):
            if kind == "read" and (start, "call") in nodes:
                continue
            end = node.end_byte
            if not is_ascii:
                start, end = len(source[:start].decode()), len(source[:end].decode())
            on = receiver(text, start)
            given = READ if kind == "read" else arguments(text, end)
            found.calls.append(Call(text[start:end], on, given, node.start_point.row + 1))
        elif kind == "import":
            statement = _text(node)
            bound = bound_names(statement)
            found.imports.append(Import(statement, node.start_point.row + 1, bound))
        else:
            names = captured.get("title") or captured.get("name") or captured.get("path")
            found.blocks.append(_block(kind, node, names[0] if names else None))
    return found


def _block(kind: str, node: tree_sitter.Node, named: tree_sitter.Node | None) -> Block:
    body = node.child_by_field_name("body")
    whole = _text(node)
    header = whole[: body.start_byte - node.start_byte] if body else whole.partition("\n")[0]
    title = _text(named).strip("\"'`()") if named else ""
    return Block(
        kind, title, header.rstrip(" \n{"), node.start_point.row + 1, node.end_point.row + 1
    )


def _text(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
