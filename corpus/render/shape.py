"""The declared shape of an output, and the check that an output has it.

A shape is a mapping of these keys, each of which may be left out:

``begins_with``        "code" or "text": what the first line that is not empty must be
``code_blocks``        exactly so many fenced code blocks
``only_code``          true: nothing stands outside the code blocks
``min_bullets``        at least so many lines that begin with ``- ``
``min_steps``          at least so many numbered lines, ``1. ``, ``2. ``, … in this order
``sections``           these headings stand in the output, in this order
``optional_sections``  those of these headings that stand in it, stand in this order, each once

A fence is a line that begins with three or more backticks; its block ends at the next line of at
least as many backticks and nothing else. A heading is a line ``**Name**`` or ``## Name`` (one to
six ``#``). Bullets, steps and headings count outside code blocks and at the start of a line.

This module imports nothing, so that whoever checks a model's answers can use it as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

_OPENING = re.compile(r"(`{3,})[^`]*")
_HEADING = re.compile(r"\*\*([^*]+)\*\*|#{1,6} +(.+?)")
_STEP = re.compile(r"(\d+)\. ")


class Outline(NamedTuple):
    """What an output is made of. ``prose`` are the lines outside code blocks that hold text."""

    begins_with: str
    code_blocks: int
    prose: list[str]
    is_closed: bool


def outline(text: str) -> Outline:
    """Take an output apart."""
    prose: list[str] = []
    blocks, fence, begins_with = 0, "", ""
    for line in text.split("\n"):
        line = line.rstrip()
        if fence:
            if set(line) == {"`"} and len(line) >= len(fence):
                fence = ""
        elif opening := _OPENING.fullmatch(line):
            fence, blocks = opening[1], blocks + 1
            begins_with = begins_with or "code"
        elif line:
            prose.append(line)
            begins_with = begins_with or "text"
    return Outline(begins_with, blocks, prose, not fence)


def violation(text: str, shape: Mapping[str, Any]) -> str | None:
    """Return what is wrong with an output's shape, in a few words, or None."""
    if not shape:
        return None
    found = outline(text)
    if not found.is_closed:
        return "a code block is not closed"
    if shape.get("begins_with") not in (None, found.begins_with):
        return f"begins with {found.begins_with or 'nothing'}, not {shape['begins_with']}"
    if shape.get("code_blocks") not in (None, found.code_blocks):
        return f"{found.code_blocks} code blocks, not {shape['code_blocks']}"
    if shape.get("only_code") and found.prose:
        return "text outside the code blocks"
    return _wrong_lines(found.prose, shape)


def _wrong_lines(prose: list[str], shape: Mapping[str, Any]) -> str | None:
    bullets = sum(line.startswith("- ") for line in prose)
    if bullets < shape.get("min_bullets", 0):
        return f"{bullets} bullets, not {shape['min_bullets']} or more"
    steps = [int(found[1]) for line in prose if (found := _STEP.match(line))]
    if "min_steps" in shape and steps != list(range(1, len(steps) + 1)):
        return "the steps are not numbered 1, 2, 3, …"
    if len(steps) < shape.get("min_steps", 0):
        return f"{len(steps)} steps, not {shape['min_steps']} or more"
    headings = [found[1] or found[2] for line in prose if (found := _HEADING.fullmatch(line))]
    for name in shape.get("sections", ()):
        if name not in headings:
            return f"no section {name!r}"
    for key in ("sections", "optional_sections"):
        if wrong := _disorder(headings, shape.get(key, ())):
            return wrong
    return None


def _disorder(headings: list[str], names: Sequence[str]) -> str | None:
    there = [heading for heading in headings if heading in names]
    if there != [name for name in names if name in there]:
        return f"sections in the order {', '.join(there)}"
    return None
