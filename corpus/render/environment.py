"""The Jinja environment that templates run in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

BOUNDARY = "\0\x1e\0"
"""What ``row.jinja`` puts between blocks. No mined text holds a NUL: such files are binary."""

_BACKTICKS = re.compile(r"`{3,}")


def fence(code: str, language: str = "") -> str:
    """Put code into a Markdown fence that is longer than any run of backticks in it."""
    ticks = "```"
    if ticks in code:
        ticks += "`" * (max(map(len, _BACKTICKS.findall(code))) - 2)
    return f"{ticks}{language}\n{code}\n{ticks}"


def one_line(text: str) -> str:
    """Put prose on one line, for a bullet."""
    return " ".join(text.split())


def environment(folders: Sequence[Path], shipped: Path) -> ImmutableSandboxedEnvironment:
    """Return an environment that finds templates in ``folders``, the first one first.

    The shipped folder is last, and reachable as ``tunesmith/…`` even where a user's template has
    the same name.
    """
    loaders = [FileSystemLoader(folder) for folder in (*folders, shipped)]
    loader = ChoiceLoader([*loaders, PrefixLoader({"tunesmith": FileSystemLoader(shipped)})])
    env = ImmutableSandboxedEnvironment(
        loader=loader,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # rows are plain text, not HTML
        auto_reload=False,
        cache_size=-1,
    )
    env.globals.clear()
    filters: dict[str, Any] = {"fence": fence, "one_line": one_line}
    env.filters.update(filters)
    return env
