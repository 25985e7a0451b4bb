"""Takes the comment markers off a doc."""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.languages import Language

_OPENING = re.compile(r"\A(?:/\*+[!<]*|--\[=*\[-*|=begin\b[^\n]*)")
_CLOSING = re.compile(r"\s*(?:\*+/|--\]=*\]|\]=*\]|\n=end[^\n]*)\s*\Z")
_STAR = re.compile(r"(?m)^[ \t]*\*+(?!/)")
_MARKER = re.compile(r"(?m)^[ \t]*(?://[/!]?<?|#+|--+)")


def comments_text(language: Language, comments: Sequence[bytes]) -> str:
    """Return what the comments of one doc say, without markers, dedented, trimmed."""
    texts = [comment.decode("utf-8", "replace").strip() for comment in comments]
    if directive := language.doc_directive:
        texts = [text for text in texts if not re.match(directive, text)]
    if all(_MARKER.match(text) and not _OPENING.match(text) for text in texts):
        return _dedent(_MARKER.sub("", "\n".join(texts)))
    return "\n".join(_one(language, text) for text in texts)


def _one(language: Language, text: str) -> str:
    if language.doc_attribute and (match := re.match(language.doc_attribute, text.encode())):
        return match["doc"].decode().strip()
    if not _OPENING.match(text):
        return _dedent(_MARKER.sub("", text))
    inner = _CLOSING.sub("", _OPENING.sub("", text, count=1))
    first, _, rest = inner.partition("\n")
    if not language.doc_keeps_stars:
        rest = _STAR.sub("", rest)
    return f"{first.strip()}\n{_dedent(rest)}".strip()


def _dedent(text: str) -> str:
    """Take off what white space all lines begin with; unlike ``inspect.cleandoc``, tabs stay."""
    lines = [line.rstrip() for line in text.split("\n")]
    margin = min((len(line) - len(line.lstrip()) for line in lines if line), default=0)
    return "\n".join([line[margin:] for line in lines]).strip("\n")
