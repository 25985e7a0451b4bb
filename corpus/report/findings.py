"""Shows what the gate found."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from corpus.safety.gate import KindFigures


def findings_table(found: Sequence[KindFigures]) -> Table:
    """Return a table of kinds, rows and samples, which don't show what was found."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("kind", no_wrap=True)
    table.add_column("rows", justify="right", no_wrap=True)
    table.add_column("for example", overflow="fold")
    for figures in found:
        table.add_row(figures.kind, f"{figures.rows:,}", Text("\n".join(figures.samples)))
    return table
