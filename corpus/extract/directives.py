"""Turns what reST writes as blocks, directives and literal blocks, into prose and Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from textwrap import dedent

_DIRECTIVE = re.compile(r"\.\. (?P<name>[a-z]+(?:-[a-z]+)*)::(?:[ \t]+(?P<argument>.*))?")
_FIELD = re.compile(r":[a-z]+\b[^:]*:")
_OPTION = re.compile(r"\s*:[\w-]+:")
_CODE = {"code", "code-block", "sourcecode"}
# What Sphinx makes of them.
_VERSIONS = {
    "versionadded": "Added in version",
    "versionchanged": "Changed in version",
    "deprecated": "Deprecated since version",
}
_ADMONITIONS = {"caution", "danger", "hint", "important", "note", "tip", "warning"}


def without_directives(doc: str) -> str:
    """Return a docstring with its directives as prose, and code blocks as Markdown has them.

    Those behind the fields go before them: they are no part of the last. Directives for which there
    is no such form stay as they are.
    """
    if "::" not in doc:
        return doc
    lines = doc.split("\n")
    head: list[str] = []
    fields: list[str] = []
    at = 0
    while at < len(lines):
        end = _end_of_block(lines, at + 1)
        text = _rendered(lines[at], lines[at + 1 : end])
        if text is not None:
            is_paragraph = bool(head and head[-1]) and lines[at].startswith(".")
            head += ["", *text, ""] if is_paragraph else [*text, ""]
            at = next((n for n in range(end, len(lines)) if lines[n].strip()), len(lines))
        else:
            is_field = bool(fields) or bool(_FIELD.match(lines[at]))
            (fields if is_field else head).append(lines[at])
            at += 1
    return "\n".join([*head, *fields]).strip("\n")


def _end_of_block(lines: Sequence[str], start: int) -> int:
    """Return where the indented lines end that begin at ``start``, blank ones between included."""
    end = at = start
    while at < len(lines) and (not lines[at].strip() or lines[at][0] in " \t"):
        at += 1
        if lines[at - 1].strip():
            end = at
    return end


def _rendered(line: str, block: Sequence[str]) -> list[str] | None:
    """Return what a line and the indented block behind it say; None if they are no markup."""
    directive = _DIRECTIVE.fullmatch(line)
    if directive is None:
        is_literal = line == "::" or (line.endswith("::") and line[0] not in " \t:.")
        code = _fenced(block, "") if is_literal else []
        lead = [] if line == "::" else [line[:-1], ""]
        return [*lead, *code] if code else None
    name, argument = directive["name"], (directive["argument"] or "").strip()
    if name in _CODE:
        first = next((n for n, text in enumerate(block) if not _OPTION.match(text)), len(block))
        return _fenced(block[first:], argument) or None
    text = " ".join(part.strip() for part in block if part.strip())
    if name in _VERSIONS and argument:
        version, _, more = argument.partition(" ")
        text = " ".join(part for part in (more.strip(), text) if part)
        return [f"{_VERSIONS[name]} {version}: {text}" if text else f"{_VERSIONS[name]} {version}."]
    if name in _ADMONITIONS:
        return [f"{name.capitalize()}: {' '.join(part for part in (argument, text) if part)}"]
    return None


def _fenced(block: Sequence[str], language: str) -> list[str]:
    """Return a code block; nothing where there is no code, or where it would end the fence."""
    code = dedent("\n".join(block)).strip("\n")
    return [f"```{language}", *code.split("\n"), "```"] if code and "```" not in code else []
