"""The Jinja environment that templates run in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader, StrictUndefined
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from corpus.render.limits import small_product

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


def code(text: str) -> str:
    """Put text on one line as inline code, in more backticks than stand together in it."""
    text = one_line(text)
    ticks = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    pad = " " if text[:1] == "`" or text[-1:] == "`" else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


FILTERS: dict[str, Any] = {"code": code, "fence": fence, "one_line": one_line}


class TemplateEnvironment(ImmutableSandboxedEnvironment):
    """Jinja's strictest sandbox, and no operator that makes huge values of small ones."""

    # Constant expressions of these are not folded while a template is compiled.
    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Apply one of them, with care. Raises SecurityError and OverflowError."""
        if operator == "*":
            return small_product(left, right)
        if operator == "%" and isinstance(left, int | float):
            return left % right
        raise SecurityError(f"the operator {operator} is not for templates")


def environment(folders: Sequence[Path], shipped: Path) -> TemplateEnvironment:
    """Return an environment that finds templates in ``folders``, the first one first.

    The shipped folder is last, and reachable as ``tunesmith/…`` even where a user's template has
    the same name.
    """
    loaders = [FileSystemLoader(folder) for folder in (*folders, shipped)]
    loader = ChoiceLoader([*loaders, PrefixLoader({"tunesmith": FileSystemLoader(shipped)})])
    env = TemplateEnvironment(
        loader=loader,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # rows are plain text, not HTML
        auto_reload=False,
        cache_size=-1,
    )
    env.globals.clear()
    env.filters.update(FILTERS)
    del env.filters["random"]  # the same repo gives the same rows
    return env
