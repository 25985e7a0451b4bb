"""Code and Markdown of rows, as a terminal shows them and as a pipe gets them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.syntax import Syntax

from corpus.report.plain import visible


@dataclass(frozen=True)
class Listing:
    """A text, coloured and wrapped on a terminal; elsewhere with its lines and tabs as they are."""

    text: str
    language: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield it for ``console``."""
        text = visible(self.text)
        if console.is_terminal:
            yield Syntax(
                text, self.language, theme="ansi_dark", background_color="default", word_wrap=True
            )
        else:
            yield Segment(text)
            yield Segment.line()


def print_rows(rows: Iterable[RenderableType]) -> None:
    """Print rows; what does not go to a terminal is not wrapped at the width of one."""
    console = Console()
    for row in rows:
        console.print(row, soft_wrap=not console.is_terminal)
