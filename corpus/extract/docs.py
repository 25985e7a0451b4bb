"""Finds a function's doc, and takes the comment markers or quotes off it."""

from __future__ import annotations

import ast
import inspect
import re
import warnings
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

import tree_sitter

from corpus.languages import Language


class Piece:
    """A comment or an attribute that may stand before a function, as a byte range."""

    __slots__ = ("_node", "end", "is_attribute", "start")

    def __init__(self, node: tree_sitter.Node, *, is_attribute: bool = False) -> None:
        self._node = node
        self.start = node.start_byte
        self.end = node.end_byte
        self.is_attribute = is_attribute

    @property
    def line(self) -> int:
        """The line it starts on, from 1."""
        return self._node.start_point.row + 1


class Trivia:
    """The comments and attributes of a file, in source order."""

    def __init__(self, pieces: list[Piece]) -> None:
        self._pieces = sorted(pieces, key=attrgetter("start"))
        self._starts = [piece.start for piece in self._pieces]

    def before(self, position: int) -> Iterator[Piece]:
        """Yield the pieces that begin before a position, the nearest first."""
        for index in range(bisect_left(self._starts, position) - 1, -1, -1):
            yield self._pieces[index]


@dataclass(slots=True)
class Doc:
    """A function's doc and the byte ranges that hold it; ``text`` is None where there is none.

    ``cuts`` are the ranges to leave out for the code without its doc, each with what to put there.
    ``attribute`` is the first of the attributes that stand between doc and function.
    """

    text: str | None = None
    raw: str | None = None
    start: int = 0
    line: int = 0
    attribute: Piece | None = None
    cuts: Sequence[tuple[int, int, bytes]] = ()

    def cut(self, source: bytes, start: int, end: int) -> bytes:
        """Return ``source[start:end]`` without the doc."""
        parts = []
        for cut_start, cut_end, replacement in self.cuts:
            parts += [source[start:cut_start], replacement]
            start = cut_end
        return b"".join([*parts, source[start:end]])


# ---------------------------------------------------------------- a string in the body


def string_doc(source: bytes, body: tree_sitter.Node | None) -> Doc:
    """Find the docstring: a string that is the first statement of ``body``, as Python has it."""
    if body is None:
        return Doc()
    first = body.named_child(0)
    while first is not None and first.type == "comment":
        first = first.next_named_sibling
    if first is None or first.type != "expression_statement" or first.child_count != 1:
        return Doc()
    literal = source[first.start_byte : first.end_byte].decode()
    text = _string_value(literal)
    if text is None:
        return Doc()
    following = first.next_named_sibling
    while following is not None and following.type == "comment":
        following = following.next_named_sibling
    cut = _docstring_cut(source, first.start_byte, first.end_byte, following is not None)
    return Doc(
        text=inspect.cleandoc(text),
        raw=literal,
        start=first.start_byte,
        line=first.start_point.row + 1,
        cuts=[cut],
    )


def _string_value(literal: str) -> str | None:
    """Evaluate a string literal; None for everything else (bytes, f-strings, numbers, calls)."""
    if literal[0] not in "\"'rRuU(bBfF":
        return None
    quotes = literal[:3]
    plain = quotes in ('"""', "'''") and len(literal) >= 6 and "\\" not in literal
    if plain and literal.find(quotes, 3) == len(literal) - 3:
        return literal[3:-3]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape in somebody's docstring
            value = ast.literal_eval(literal)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return value if isinstance(value, str) else None


_REST_OF_LINE = re.compile(rb"[ \t\f]*(?:\n(?:[ \t\f]*\n)*|\Z)")
_NEXT_STATEMENT = re.compile(rb"[ \t\f]*;[ \t\f]*(?=[^\s#])")


def _docstring_cut(source: bytes, start: int, end: int, has_more: bool) -> tuple[int, int, bytes]:
    """Say what to cut so that the body without the docstring is still a body."""
    if not has_more:
        return start, end, b"pass"
    if following := _NEXT_STATEMENT.match(source, end):
        return start, following.end(), b""
    line_start = source.rfind(b"\n", 0, start) + 1
    if rest := _REST_OF_LINE.match(source, end):
        return line_start, rest.end(), b""
    return start, end, b""  # a comment follows on the line


# ---------------------------------------------------------------- comments before the function


def preceding_doc(language: Language, source: bytes, function_start: int, trivia: Trivia) -> Doc:
    """Find the doc comment before a function, past the attributes in between.

    Going backwards, white space alone may part one piece from the next. Attributes belong to the
    function. The first doc comment met, with the line comments that continue it, is the doc;
    other comments are passed over where the language has doc comments.
    """
    attribute: Piece | None = None
    comments: list[Piece] = []
    position = function_start
    for piece in trivia.before(function_start):
        gap = source[piece.end : position]
        if gap and not gap.isspace():
            break
        text = source[piece.start : piece.end].rstrip()
        if _shares_its_line(source, piece.start):
            break
        blank_line = source.count(b"\n", piece.start + len(text), position) > 1
        if piece.is_attribute:
            if comments:
                break
            attribute = piece
        elif _is_doc(language, text):
            if blank_line and (comments or language.blank_line_ends_doc):
                break
            if comments and not _continues(source, piece, comments[-1]):
                break
            comments.append(piece)
        elif comments or (blank_line and language.blank_line_ends_doc):
            break
        position = piece.start
    if comments:
        return _comment_doc(language, source, attribute, comments[::-1])
    return Doc(attribute=attribute)


def _shares_its_line(source: bytes, start: int) -> bool:
    return bool(source[source.rfind(b"\n", 0, start) + 1 : start].strip(b" \t\f{;"))


def _is_doc(language: Language, comment: bytes) -> bool:
    # `/**/` and `/***` are plain comments, as is `////` (Rust reference, "Doc comments").
    opened = comment.startswith(language.doc_openers)
    return opened and not (comment.startswith((b"/***", b"/**/", b"////")))


def _continues(source: bytes, earlier: Piece, later: Piece) -> bool:
    """Tell whether two doc comments are one doc: line comments on lines that follow each other."""
    return source.startswith(b"//", earlier.start) and source.startswith(b"//", later.start)


_SPACE = re.compile(rb"\s*")


def _comment_doc(
    language: Language, source: bytes, attribute: Piece | None, comments: list[Piece]
) -> Doc:
    first, last = comments[0], comments[-1]
    raw = source[first.start : last.end].decode("utf-8", "replace").rstrip()
    said = raw
    if directive := language.doc_directive:
        lines = raw.split("\n")
        said = "\n".join(line for line in lines if not re.match(directive, line.lstrip()))
    text = uncomment(said)
    if not text:
        return Doc(attribute=attribute)
    following = _SPACE.match(source, last.end)
    cut_end = following.end() if following else last.end
    return Doc(text, raw, first.start, first.line, attribute, [(first.start, cut_end, b"")])


_OPENING = re.compile(r"\A[ \t]*/\*+!?")
_CLOSING = re.compile(r"\s*\*+/\s*\Z")
_STAR = re.compile(r"(?m)^[ \t]*\*+[ \t]?(?![*/])")
_SLASHES = re.compile(r"(?m)^[ \t]*//[/!]?")


def uncomment(comment: str) -> str:
    """Return what a comment says: without ``/** * */`` or ``///``, dedented, trimmed."""
    if comment.lstrip().startswith("//"):
        return inspect.cleandoc("\n" + _SLASHES.sub("", comment)).strip()
    inner = _CLOSING.sub("", _OPENING.sub("", comment, count=1))
    first, _, rest = inner.partition("\n")
    starred = bool(rest) and all(
        line.lstrip().startswith("*") for line in rest.split("\n") if line.strip()
    )
    return inspect.cleandoc(first.lstrip() + "\n" + (_STAR.sub("", rest) if starred else rest))
