"""From a file's bytes to its text, or the reason why it has none."""

from __future__ import annotations

import codecs
import re

# PEP 263's declaration, which Emacs and Vim read in every language's comments.
_DECLARED = re.compile(rb"^[ \t\f]*(?:#|//|/\*)[^\n]*?coding[:=][ \t]*([-\w.]+)")
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class UnreadableTextError(ValueError):
    """A file that is no text, or text in an encoding that it does not declare."""

    def __init__(self, reason: str, detail: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


def decode(content: bytes) -> bytes:
    """Return a file's text as UTF-8 with line feeds for line ends and no byte order mark.

    The encoding is what a byte order mark or a declaration in the first two lines says, and UTF-8
    without one. Raises UnreadableTextError.
    """
    encoding = "utf-8"
    for mark, name in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            content, encoding = content[len(mark) :], name
            break
    else:
        if b"\0" in content:
            raise UnreadableTextError("binary")
        encoding = _declared_encoding(content) or encoding
    try:
        text = content.decode(encoding)
    except UnicodeError:
        raise UnreadableTextError("encoding", f"not {encoding}") from None
    except LookupError:
        raise UnreadableTextError("encoding", f"declares {encoding!r}, unknown here") from None
    if "\0" in text:
        raise UnreadableTextError("binary")  # templates count on there being none
    if encoding != "utf-8":
        content = text.encode("utf-8", "replace")
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return content


def _is_encoding(name: str) -> bool:
    try:
        b"x".decode(name)
    except UnicodeError:
        return True
    except LookupError:
        return False
    return True


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _declared_encoding(content: bytes) -> str | None:
    head = content[:400]
    if b"coding" not in head:
        return None
    for line in head.splitlines()[:2]:
        if match := _DECLARED.match(line):
            name = match[1].decode("ascii", "replace")
            # Of a word that is no encoding, in good UTF-8, the comment speaks of something else.
            return name if _is_encoding(name) or not _is_utf8(content) else None
    return None
