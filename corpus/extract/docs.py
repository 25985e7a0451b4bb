"""Finds a function's doc, and takes the comment markers or quotes off it."""

from __future__ import annotations

import ast
import inspect
import re
import warnings
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import tree_sitter

from corpus.languages import Language

if TYPE_CHECKING:
    from corpus.extract.functions import Trivia


@dataclass(slots=True)
class Doc:
    """A function's doc and the byte ranges that hold it; ``text`` is None where there is none.

    ``cuts`` are the ranges to leave out for the code without its doc, each with what to put there.
    ``attributes_start`` is where the attributes begin that stand between doc and function.
    """

    text: str | None = None
    raw: str | None = None
    start: int = 0
    line: int = 0
    attributes_start: int | None = None
    attributes_line: int = 0
    cuts: list[tuple[int, int, bytes]] = field(default_factory=list)

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


def preceding_doc(
    language: Language, source: bytes, function_start: int, trivia: list[Trivia]
) -> Doc:
    """Find the doc comment before a function, past the attributes in between.

    Going backwards, white space alone may part one piece from the next. Attributes belong to the
    function. The first doc comment met, with the line comments that continue it, is the doc;
    other comments are passed over where the language has doc comments.
    """
    doc = Doc()
    comments: list[Trivia] = []
    position = function_start
    index = bisect_right(trivia, function_start, key=lambda t: t.start) - 1
    while index >= 0:
        piece = trivia[index]
        index -= 1
        text = source[piece.start : piece.end].rstrip()
        gap = source[piece.start + len(text) : position]
        if gap.strip() or _shares_its_line(source, piece.start):
            break
        blank_line = gap.count(b"\n") > 1
        if piece.is_attribute:
            if comments:
                break
            doc.attributes_start, doc.attributes_line = piece.start, piece.line
        elif _is_doc(language, text):
            if blank_line and (comments or language.blank_line_ends_doc):
                break
            if comments and not _continues(source, piece, comments[-1]):
                break
            comments.append(piece)
        elif comments or (blank_line and language.blank_line_ends_doc):
            break
        position = piece.start
    if not comments:
        return doc
    comments.reverse()
    return _comment_doc(language, source, doc, comments)


def _shares_its_line(source: bytes, start: int) -> bool:
    return bool(source[source.rfind(b"\n", 0, start) + 1 : start].strip(b" \t\f{;"))


def _is_doc(language: Language, comment: bytes) -> bool:
    # `/**/` and `/***` are plain comments, as is `////` (Rust reference, "Doc comments").
    opened = comment.startswith(language.doc_openers)
    return opened and not (comment.startswith((b"/***", b"/**/", b"////")))


def _continues(source: bytes, earlier: Trivia, later: Trivia) -> bool:
    """Tell whether two doc comments are one doc: line comments on lines that follow each other."""
    return source.startswith(b"//", earlier.start) and source.startswith(b"//", later.start)


def _comment_doc(language: Language, source: bytes, doc: Doc, comments: list[Trivia]) -> Doc:
    first, last = comments[0], comments[-1]
    raw = source[first.start : last.end].decode("utf-8", "replace").rstrip()
    lines = raw.split("\n")
    if language.doc_directive:
        lines = [line for line in lines if not re.match(language.doc_directive, line.lstrip())]
    if lines and (text := uncomment("\n".join(lines))):
        doc.text, doc.raw = text, raw
        doc.start, doc.line = first.start, first.line
        following = re.compile(rb"\s*").match(source, last.end)
        doc.cuts = [(first.start, following.end() if following else last.end, b"")]
    return doc


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
