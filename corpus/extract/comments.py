"""Takes the comment markers off a doc."""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.languages import Language

_LINE_MARKER = re.compile(r"(?m)^[ \t]*(?://[/!]?<?|#+|--+)")
# Blocks that are not between /* and */: Lua's --[[ ]] and LDoc's --[[-- ]], Ruby's =begin =end.
_OTHER_BLOCK = re.compile(
    r"(?s)(?:--\[=*\[-*|=begin\b[^\n]*)(.*?)(?:(?:--)?\]=*\]|\n=end[^\n]*)?\Z"
)


def comments_text(language: Language, comments: Sequence[bytes]) -> str:
    """Return what the comments of one doc say, without markers, dedented, trimmed."""
    texts = [comment.decode("utf-8", "replace").strip() for comment in comments]
    if directive := language.doc_directive:
        texts = [text for text in texts if not re.match(directive, text)]
    if len(texts) > 1 and all(text.startswith(language.line_comment) for text in texts):
        texts = ["\n".join(texts)]
    parts = [_text_of(language, text) for text in texts]
    if len(parts) > 1 and language.blank_line_ends_doc:
        # In Go, a block's first and last line are blank ones between it and other comments.
        parts = [
            f"\n{part}\n" if text.startswith("/*\n") else part
            for part, text in zip(parts, texts, strict=True)
        ]
    return "\n".join(parts).strip("\n")


def _text_of(language: Language, text: str) -> str:
    if text.startswith("/*"):
        return _block_text(text[2:].removesuffix("*/"), language.doc_keeps_stars)
    if match := _OTHER_BLOCK.match(text):
        return _block_text(match[1], keep_stars=True)
    if language.doc_attribute and (attribute := re.match(language.doc_attribute, text.encode())):
        return attribute["doc"].decode().strip()
    return _after_markers(_LINE_MARKER.sub("", text).split("\n"))


def _after_markers(lines: list[str]) -> str:
    """Take off the space behind the markers; a tab there begins code, as gofmt writes it."""
    margins = [
        len(line) - len(line.lstrip(" ")) for line in lines if line.strip() and line[0] != "\t"
    ]
    if not margins:
        return _dedent(lines)
    margin = " " * min(margins)
    return "\n".join([line.removeprefix(margin).rstrip() for line in lines])


def _block_text(inner: str, keep_stars: bool) -> str:
    first, *lines = inner.lstrip("*!<").rstrip("*").split("\n")
    if not keep_stars:
        lines = [
            stripped.lstrip("*") if (stripped := line.lstrip()).startswith("*") else line
            for line in lines
        ]
    return f"{first.strip()}\n{_dedent(lines)}".strip()


def _dedent(lines: list[str]) -> str:
    """Take off what white space all lines begin with; unlike ``inspect.cleandoc``, tabs stay."""
    lines = [line.rstrip() for line in lines]
    margin = min([len(line) - len(line.lstrip()) for line in lines if line], default=0)
    return "\n".join([line[margin:] for line in lines])
