"""What the linker needs of one file: its calls, imports, classes, and tests that are no functions.

The calls and classes are what the language's own query captures; ``queries/`` here holds the rest,
so that extraction pays nothing for it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

import tree_sitter

from corpus.languages import LANGUAGES, Language
from corpus.links.imports import Bound, bound_names

_QUERIES = Path(__file__).parent / "queries"
_SHARED = {"javascript": "ecmascript", "typescript": "ecmascript", "tsx": "ecmascript"}
_KINDS = ("call", "read", "import", "test", "group", "hook", "class")


class Site(NamedTuple):
    """Where a name stands that is called, or read as an attribute, in characters."""

    start: int
    end: int
    is_read: bool


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
    bound: tuple[Bound, ...]


@dataclass(slots=True)
class View:
    """What is seen in a file, in the order that it stands there."""

    sites: list[Site] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)


def _own_query(language: Language) -> str:
    own = (_QUERIES / f"{_SHARED.get(language.name, language.name)}.scm").read_text("utf-8")
    if "c" in language.queries:
        own += (_QUERIES / "c.scm").read_text("utf-8")
    return own


@cache
def _query(name: str, kinds: tuple[str, ...]) -> tuple[tree_sitter.Parser, tree_sitter.Query]:
    """Return a parser, and of the language's query and ours the patterns for some kinds."""
    language = LANGUAGES[name]
    grammar = language.load_grammar()
    text = language.query_text() + _own_query(language)
    query = tree_sitter.Query(grammar, text)
    wanted = re.compile("@(" + "|".join(kinds) + r")\b")
    source = text.encode()
    for number in range(query.pattern_count):
        pattern = source[query.start_byte_for_pattern(number) : query.end_byte_for_pattern(number)]
        if not wanted.search(pattern.decode()):
            query.disable_pattern(number)
    return tree_sitter.Parser(grammar), query


@cache
def has_test_blocks(language: Language) -> bool:
    """Tell whether there are tests in a language that are no functions."""
    return "@test" in _own_query(language)


def view(language: Language, text: str) -> View:
    """Parse a file and return what the linker needs of it."""
    return _view(language, text, _KINDS)


def outline(language: Language, text: str) -> View:
    """Parse a file and return its classes and imports alone, which costs half as much."""
    return _view(language, text, ("import", "class"))


def _view(language: Language, text: str, kinds: tuple[str, ...]) -> View:
    parser, query = _query(language.name, kinds)
    source = text.encode()
    tree = parser.parse(source)
    # Not matches(): most of what is captured is called names, and a match of each costs more.
    captured = tree_sitter.QueryCursor(query).captures(tree.root_node)
    called = {node.start_byte: node.end_byte for node in captured.get("call", ())}
    read = {node.start_byte: node.end_byte for node in captured.get("read", ())}
    sites = sorted(
        [
            *((start, end, False) for start, end in called.items()),
            *((start, end, True) for start, end in read.items() if start not in called),
        ]
    )
    if len(source) != len(text):
        sites = list(_in_characters(source, sites))
    return View(
        list(map(Site._make, sites)),
        list(_blocks(captured)),
        [
            Import(statement, bound_names(statement, binds_first=language.name == "python"))
            for statement in map(_text, _in_order(captured.get("import", ())))
        ],
    )


def _in_characters(
    source: bytes, sites: list[tuple[int, int, bool]]
) -> Iterator[tuple[int, int, bool]]:
    """Yield byte ranges, sorted, as ranges of characters."""
    byte = character = 0
    for start, end, is_read in sites:
        character += len(source[byte:start].decode())
        byte = start
        yield character, character + len(source[start:end].decode()), is_read


def _in_order(nodes: Iterable[tree_sitter.Node]) -> list[tree_sitter.Node]:
    """Return nodes by where they begin, one for each place."""
    places = {node.start_byte: node for node in nodes}
    return [places[start] for start in sorted(places)]


def _blocks(captured: dict[str, list[tree_sitter.Node]]) -> Iterator[Block]:
    titles = sorted(captured.get("title", ()), key=attrgetter("start_byte"))
    starts = [title.start_byte for title in titles]
    blocks = [
        (node.start_byte, kind, node)
        for kind in ("class", "group", "hook", "test")
        for node in _in_order(captured.get(kind, ()))
    ]
    for start, kind, node in sorted(blocks, key=lambda block: block[:2]):
        # A block's own title stands before those of the blocks in it.
        own = bisect_left(starts, start) if kind in ("group", "test") else len(titles)
        title = _text(titles[own]).strip("\"'`()") if own < len(titles) else ""
        yield Block(kind, title, _header(node), node.start_point.row + 1, node.end_point.row + 1)


def _header(node: tree_sitter.Node) -> str:
    body = node.child_by_field_name("body")
    whole = _text(node)
    header = whole[: body.start_byte - node.start_byte] if body else whole.partition("\n")[0]
    return header.rstrip(" \n{")


def _text(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
