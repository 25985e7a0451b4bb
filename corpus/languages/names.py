"""Writes the names of definitions one way: dotted, without generics and quotes."""

from __future__ import annotations

import re

_GENERICS = re.compile(r"(?<!operator)\s*<[^<>]*>")
_SEPARATOR = re.compile(r"\s*(?:\?\.|::|[.:\\])\s*")
_PLAIN = re.compile(r"[\w$#~.]*")


def plain_name(written: str) -> str:
    """Return a name without the quotes that let it hold any character."""
    return written.strip("\"'`") or written


def dotted_path(written: str, noise: str | None) -> tuple[str, str]:
    """Take a name apart that is written with its owner, as ``ns::Stack<T>::push``.

    Returns the owner (empty if there is none) and the name, both dotted. ``noise`` is a pattern of
    what to leave out, which may be everything. An owner that is an expression is left out too.
    """
    path, generics = written, 1
    while generics:
        path, generics = _GENERICS.subn("", path)
    path = _SEPARATOR.sub(".", path).strip(".")
    if noise:
        path = re.sub(noise, "", path).strip(".")
    owner, _, name = path.rpartition(".")
    return owner if _PLAIN.fullmatch(owner) else "", name
