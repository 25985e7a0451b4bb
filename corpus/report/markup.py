"""Turns what a row says into HTML: Markdown, highlighted code, diffs. Row text stays text.

Nothing in a row becomes markup of its own: HTML is escaped, images are not drawn (they would ask
the net), and characters that can't be seen, or turn the direction of others, are written out.
"""

from __future__ import annotations

import difflib
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

# Control characters but for tab and newline; marks that turn, join or hide: Unicode Standard Annex
# 9 (bidirectional), chapter 23.2 (layout controls), and the line ends that only JavaScript knows.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
_BLOCK = re.compile(r"^(`{3,}|~{3,})[^\n]*\n(.*?)^\1[ \t]*$", re.MULTILINE | re.DOTALL)
_FORMATTER = HtmlFormatter(nowrap=True)


def visible(text: str) -> str:
    """Return ``text`` with every character that can't be seen written as ``<U+202E>``."""
    return _UNSEEN.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)


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


def unified(before: str, after: str, old: str = "before", new: str = "after") -> str:
    """Return how one text became another, as a unified diff; empty if nothing changed."""
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), old, new, n=3, lineterm=""
    )
    return "\n".join(lines)


def first_block(markdown: str) -> str | None:
    """Return the first fenced code block of a Markdown text, or None."""
    found = _BLOCK.search(markdown)
    return found[2] if found else None


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
        lexer: Lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        lexer = TextLexer(stripnl=False)
    return lexer


@cache
def _markdown() -> MarkdownIt:
    options: dict[str, Any] = {"html": False, "highlight": lambda text, name, _: code(text, name)}
    return MarkdownIt("commonmark", options).enable("table").disable("image")
