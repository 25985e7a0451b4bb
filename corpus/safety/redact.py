"""Puts placeholders where something was found, and sees to it that code still parses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import tree_sitter

from corpus.languages import Language
from corpus.safety.findings import Finding
from corpus.safety.policy import Kind

# Inside these a placeholder may be anything.
_QUOTES = re.compile(r"comment|string|heredoc|char")
# A line that begins so is a comment, or reads on inside one; it takes no parser to know.
_COMMENT_LINE = re.compile(rb"[ \t]*(?:#|//|/?\*|--|;)[^\n\"'`]*\Z")


class Placeholders:
    """Names what was found, the same text by the same name: ``EMAIL_1``, ``EMAIL_2``, ``SECRET_1``.

    Numbers are given in the order of first use. Share one among the texts of a row, so that a
    name means one thing in all of them.
    """

    def __init__(self) -> None:
        self._numbers: dict[Kind, dict[bytes, int]] = {}

    def name(self, kind: Kind, text: bytes) -> bytes:
        """Return the name of ``text``."""
        numbers = self._numbers.setdefault(kind, {})
        return f"{kind.upper()}_{numbers.setdefault(text, len(numbers) + 1)}".encode()


def redact(
    text: bytes,
    findings: Sequence[Finding],
    placeholders: Placeholders,
    language: Language | None = None,
) -> bytes | None:
    """Return ``text`` with a placeholder for every finding, and as many lines as before.

    In prose, comments and strings a placeholder is ``<EMAIL_1>``; elsewhere in code it is a word.
    None where code can't be made to parse as well as before.
    """
    names = [placeholders.name(f.kind, text[f.start : f.end]) for f in findings]
    quoted = [b"<" + name + b">" for name in names]
    if language is None or all(_is_comment_line(text, finding) for finding in findings):
        return _replace(text, findings, quoted)
    parser = _parser(language)
    tree = parser.parse(text)
    faults = _faults(tree)
    chosen = [
        angled if _is_quoted(tree, finding) else name
        for finding, name, angled in zip(findings, names, quoted, strict=True)
    ]
    for attempt in (chosen, names):
        redacted = _replace(text, findings, attempt)
        if _faults(parser.parse(redacted)) <= faults:
            return redacted
    return None


def _replace(text: bytes, findings: Sequence[Finding], names: Sequence[bytes]) -> bytes:
    parts, done = [], 0
    for finding, name in zip(findings, names, strict=True):
        parts += [text[done : finding.start], name]
        done = finding.end
    return b"".join([*parts, text[done:]])


def _is_comment_line(text: bytes, finding: Finding) -> bool:
    begin = text.rfind(b"\n", 0, finding.start) + 1
    return bool(_COMMENT_LINE.match(text, begin, finding.start))


@cache
def _parser(language: Language) -> tree_sitter.Parser:
    return tree_sitter.Parser(language.load_grammar())


def _faults(tree: tree_sitter.Tree) -> int:
    """Count the places that a parser could make nothing of, or had to add to."""
    count, waiting = 0, [tree.root_node]
    while waiting:
        node = waiting.pop()
        if node.is_error or node.is_missing:
            count += 1
        if node.has_error:
            waiting += node.children
    return count


def _is_quoted(tree: tree_sitter.Tree, finding: Finding) -> bool:
    node = tree.root_node.descendant_for_byte_range(finding.start, finding.end)
    for _ in range(4):
        if node is None:
            return False
        if _QUOTES.search(node.type):
            return True
        node = node.parent
    return False
