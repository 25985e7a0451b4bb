"""Turns what a row says into HTML: Markdown, highlighted code, diffs. Row text stays text.

Nothing in a row becomes markup of its own: HTML is escaped, and images are not drawn, since they
would ask the net.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from pygments import highlight as pygments_highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.lexers.special import TextLexer
from pygments.util import ClassNotFound

from corpus.report.plain import unified, visible

_FORMATTER = HtmlFormatter(nowrap=True)


def code(text: str, language: str) -> str:
    """Return highlighted code as a ``<pre>``."""
    shown: str = pygments_highlight(visible(text), _lexer(language), _FORMATTER)
    return f'<pre class="code" tabindex="0"><code>{shown}</code></pre>'


def markdown(text: str) -> str:
    """Return Markdown as HTML, its code blocks highlighted by the language they name."""
    rendered: str = _markdown().render(visible(text))
    return rendered


def diff(before: str, after: str) -> str:
    """Return how one text became another, as a highlighted unified diff; empty if it did not."""
    return code(text, "diff") if (text := unified(before, after)) else ""


def style_sheet() -> str:
    """Return the colours of highlighted code, for light and for dark."""
    light, dark = _tokens("xcode"), _tokens("github-dark")
    return f"{light}@media (prefers-color-scheme: dark) {{\n{dark}}}\n"


def _tokens(style: str) -> str:
    formatter: Any = HtmlFormatter(style=style)
    rules = formatter.get_style_defs(".code").splitlines()
    # The first rules are about backgrounds and line numbers; the page has its own.
    return "".join(f"{rule}\n" for rule in rules if re.match(r"\.code \.\w+ \{", rule))


@cache
def _lexer(language: str) -> Lexer:
    try:
        # A function in PHP does not begin with `<?php`; the other lexers know no such option.
        lexer: Lexer = get_lexer_by_name(language, stripnl=False, startinline=True)
    except ClassNotFound:
        lexer = TextLexer(stripnl=False)
    return lexer


@cache
def _markdown() -> MarkdownIt:
    options: dict[str, Any] = {"html": False, "highlight": lambda text, name, _: code(text, name)}
    return MarkdownIt("commonmark", options).enable("table").disable("image")
