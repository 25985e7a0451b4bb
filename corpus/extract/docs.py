"""Finds a function's doc: a string in its body, or the comments before it."""

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

from corpus.extract.comments import comments_text
from corpus.languages import Language


class Piece:
    """A comment or an attribute that may stand before a function, as a byte range."""

    __slots__ = ("_node", "end", "is_attribute", "start")

    def __init__(self, node: tree_sitter.Node, *, is_attribute: bool) -> None:
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
    """A function's doc; ``text`` is None where there is none.

    ``cuts`` are the byte ranges to leave out for the code without its doc, each with what to put
    there. ``first`` is the first doc comment or attribute before the function, and
    ``declaration_line`` the line of what follows the doc, where that is not the function itself.
    """

    text: str | None = None
    raw: str | None = None
    first: Piece | None = None
    declaration_line: int | None = None
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
    if body is None or not body.named_child_count:
        return Doc()
    first: tree_sitter.Node | None = body.named_child(0)
    while first is not None and first.type == "comment":
        first = first.next_named_sibling
    if first is None or first.type != "expression_statement" or first.child_count != 1:
        return Doc()
    literal = source[first.start_byte : first.end_byte].decode("utf-8", "replace")
    text = _string_value(literal)
    if text is None:
        return Doc()
    following = first.next_named_sibling
    while following is not None and following.type == "comment":
        following = following.next_named_sibling
    cut = _docstring_cut(source, first.start_byte, first.end_byte, following is not None)
    return Doc(text=inspect.cleandoc(text), raw=literal, cuts=[cut])


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


_NO_DOC = Doc()


def preceding_doc(language: Language, source: bytes, function_start: int, trivia: Trivia) -> Doc:
    """Find the doc before a function, past the attributes in between.

    Going backwards, white space alone may part one piece from the next. Attributes belong to the
    function. The first doc comment met, with those that continue it, is the doc; other comments
    are passed over where the language tells docs from comments.
    """
    gathers = language.doc_attribute is not None
    attributes: list[Piece] = []
    docs: list[Piece] = []
    position, later = function_start, b""
    for piece in trivia.before(function_start):
        if not _is_gap(source, piece.end, position):
            break
        text = source[piece.start : piece.end].rstrip()  # Rust's line comments hold their newline
        has_blank_line = source.count(b"\n", piece.start + len(text), position) > 1
        if piece.is_attribute:
            if gathers and re.match(language.doc_attribute or b"", text):
                docs.append(piece)
            else:
                attributes.append(piece)
                if not gathers:
                    docs.clear()  # it stood between an attribute and its function
        elif language.blank_line_ends_doc and (
            has_blank_line or _shares_its_line(source, piece.start)
        ):
            break
        elif _is_doc(language, text, language.doc_continuation):
            if docs and not gathers and (has_blank_line or not _continues(language, text, later)):
                break
            docs.append(piece)
        elif docs and not gathers:
            break
        position, later = piece.start, text
    while (
        docs
        and language.doc_continuation
        and not _is_doc(language, source[docs[-1].start : docs[-1].end])
    ):
        docs.pop()  # plain comments that could have continued a doc
    if not docs and not attributes:
        return _NO_DOC
    return _comment_doc(language, source, docs[::-1], attributes[::-1])


def _is_gap(source: bytes, start: int, end: int) -> bool:
    """Tell whether there is nothing but white space, without a copy of all that may be there."""
    if end - start > 100 and not source[end - 100 : end].isspace():
        return False
    return start >= end or source[start:end].isspace()


def _shares_its_line(source: bytes, start: int) -> bool:
    return bool(source[source.rfind(b"\n", 0, start) + 1 : start].strip(b" \t\f{;"))


def _is_doc(language: Language, text: bytes, continuation: bytes | None = None) -> bool:
    if text.startswith(language.doc_exceptions):
        return False
    return text.startswith(language.doc_openers) or bool(
        continuation and text.startswith(continuation)
    )


def _continues(language: Language, earlier: bytes, later: bytes) -> bool:
    """Tell whether two comments on lines that follow each other are one doc."""
    mark = language.line_comment.encode()
    return language.blank_line_ends_doc or (earlier.startswith(mark) and later.startswith(mark))


_SPACE = re.compile(rb"\s*")


# An escape counts after an even number of backslashes.
_UNICODE_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\u+([0-9a-fA-F]{4})")


def _comment_doc(
    language: Language, source: bytes, docs: list[Piece], attributes: list[Piece]
) -> Doc:
    line = attributes[0].line if attributes else None
    if not docs:
        return Doc(first=attributes[0] if attributes else None, declaration_line=line)
    text = comments_text(language, [source[piece.start : piece.end] for piece in docs])
    if not text:
        return Doc(first=attributes[0] if attributes else None, declaration_line=line)
    first = attributes[0] if attributes and attributes[0].start < docs[0].start else docs[0]
    if language.doc_unicode_escapes and "\\u" in text:
        text = _UNICODE_ESCAPE.sub(lambda match: match[1] + chr(int(match[2], 16)), text)
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # joins pairs
    raw = source[docs[0].start : docs[-1].end].decode("utf-8", "replace").rstrip()
    cuts = []
    for piece in docs:
        following = _SPACE.match(source, piece.end)
        cuts.append((piece.start, following.end() if following else piece.end, b""))
    return Doc(text, raw, first, line, cuts)
