"""What the linker needs of one file: its calls, imports, classes, and tests that are no functions.

The calls and classes are what the language's own query captures; ``queries/`` here holds the rest,
which is looked for in the files alone that may hold tests, while extraction has their trees.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import tree_sitter

from corpus.extract.functions import ParsedFile
from corpus.languages import LANGUAGES, Language
from corpus.links.conventions import is_fixture, is_test
from corpus.schemas import record, required

_QUERIES = Path(__file__).parent / "queries"
_SHARED = {"javascript": "ecmascript", "typescript": "ecmascript", "tsx": "ecmascript"}
_KINDS = ("call", "read", "import", "test", "group", "hook", "class")


_BLOCK = pa.struct(
    [
        required("kind"),
        required("title"),
        required("header"),
        required("start_line", pa.int32()),
        required("end_line", pa.int32()),
    ]
)

VIEW = record(
    "view",
    1,
    [
        required("path"),
        required("starts", pa.list_(pa.int32())),
        required("ends", pa.list_(pa.int32())),
        required("reads", pa.list_(pa.bool_())),
        required("blocks", pa.list_(_BLOCK)),
        required("imports", pa.list_(pa.string())),
    ],
)
"""What is seen in the tree of a file that may hold tests.

``starts`` and ``ends``, in characters, are where names stand that are called, or read as attributes
where ``reads`` says so; ``imports`` are the import statements.
"""


class Site(NamedTuple):
    """Where a name stands that is called, or read as an attribute, in characters."""

    start: int
    end: int
    is_read: bool


class Block(NamedTuple):
    """A test, hook, group of tests, or class. Lines from 1; ``header`` is what it begins with."""

    kind: str
    title: str
    header: str
    start_line: int
    end_line: int


class View(NamedTuple):
    """What is seen in a file, in the order that it stands there."""

    sites: list[Site]
    blocks: list[Block]
    imports: list[str]


@dataclass(frozen=True)
class TestViews:
    """Looks at the files that may hold tests while extraction has their trees."""

    table: str = "views"
    schema: pa.Schema = VIEW

    def __call__(self, path: str, file: ParsedFile) -> dict[str, Any] | None:
        """Return what is seen in a file, as ``VIEW``."""
        if not may_hold_tests(path, file):
            return None
        seen = seen_in(file)
        starts, ends, reads = zip(*seen.sites, strict=True) if seen.sites else ((), (), ())
        return {
            "path": path,
            "starts": starts,
            "ends": ends,
            "reads": reads,
            "blocks": [block._asdict() for block in seen.blocks],
            "imports": seen.imports,
        }


def read_views(rows: pa.Table) -> dict[str, View]:
    """Read ``VIEW`` by path; a list of numbers is read at once, which costs a tenth."""
    listed = {name: rows[name].combine_chunks() for name in ("starts", "ends", "reads")}
    flat = {name: lists.flatten().to_numpy(zero_copy_only=False).tolist()
            for name, lists in listed.items()}  # fmt: skip
    sites = list(map(Site, flat["starts"], flat["ends"], flat["reads"]))
    ends = np.cumsum(listed["starts"].value_lengths().to_numpy()).tolist()
    plain = rows.select(["path", "blocks", "imports"]).to_pylist()
    return {
        row["path"]: View(
            sites[start:end], [Block(**block) for block in row["blocks"]], row["imports"]
        )
        for row, start, end in zip(plain, [0, *ends], ends, strict=False)
    }


def may_hold_tests(path: str, file: ParsedFile) -> bool:
    """Tell whether there may be tests or fixtures in a file."""
    language, functions = file.language, file.functions()
    in_tests = language.is_test_path(path)
    if not in_tests and not any(language.is_test_header(f.signature) for f in functions):
        return False
    # What only holds helpers is not looked at: no test of it can use them.
    return has_test_blocks(language) or any(
        is_test(language, f.name, f.signature, in_tests=in_tests) or is_fixture(f.signature)
        for f in functions
    )


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


def seen_in(file: ParsedFile) -> View:
    """Return what the linker needs of a file."""
    return _view(file.language, file.tree, file.source, _KINDS)


def outline(language: Language, text: str) -> View:
    """Parse a file and return its classes and imports alone, which costs half as much."""
    source = text.encode()
    parser, _ = _query(language.name, kinds := ("import", "class"))
    return _view(language, parser.parse(source), source, kinds)


def _view(
    language: Language, tree: tree_sitter.Tree, source: bytes, kinds: tuple[str, ...]
) -> View:
    _, query = _query(language.name, kinds)
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
    if not source.isascii():
        sites = list(_in_characters(source, sites))
    imports = list(map(_text, _in_order(captured.get("import", ()))))
    return View(list(map(Site._make, sites)), list(_blocks(captured)), imports)


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
        title = _title(_text(titles[own])) if own < len(titles) else ""
        yield Block(kind, title, _header(node), node.start_point.row + 1, node.end_point.row + 1)


def _title(text: str) -> str:
    """Return what a literal says, with or without brackets around it."""
    return (text.strip("()") if text.startswith("(") else text).strip("\"'`")


def _header(node: tree_sitter.Node) -> str:
    # Kotlin's grammar has no field for it.
    body = node.child_by_field_name("body") or next(
        (child for child in node.children if child.type.endswith("_body")), None
    )
    whole = _text(node)
    header = whole[: body.start_byte - node.start_byte] if body else whole.partition("\n")[0]
    return header.rstrip(" \n{")


def _text(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
