"""Shows templates and rows in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from corpus.house.catalogue import Entry


def entries_table(entries: Iterable[Entry]) -> Table:
    """Return the table that ``templates list`` prints."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("task", "name", "language", "weight", "when", "from"):
        table.add_column(column, no_wrap=column not in ("when", "from"), overflow="fold")
    for entry in entries:
        weight = f"{entry.weight:g}" if entry.weight else "off"
        cells = (entry.task, entry.name, entry.language or "all", weight, entry.when or "")
        table.add_row(*map(Text, (*cells, entry.origin)))
    return table


def row_panels(row: Mapping[str, Any]) -> RenderableType:
    """Return a row of the dataset, its parts under coloured rules."""
    return Group(*_parts(row))


def _parts(row: Mapping[str, Any]) -> Iterator[RenderableType]:
    where = row["provenance"]
    place = f"{where['path']}:{where['start_line']}-{where['end_line']}"
    yield Text(f"{row['template']}  {place}", style="bold cyan reverse")
    if "text" in row:
        yield Syntax(row["text"], row["language"], theme="ansi_dark", word_wrap=True)
        return
    for part, text in _texts(row):
        if text:
            yield Text(part, style=_COLOURS[part])
            yield Syntax(text, "markdown", theme="ansi_dark", word_wrap=True)
    yield Text()


_COLOURS = {"system": "dim", "instruction": "bold green", "input": "blue", "output": "bold magenta",
            "user": "bold green", "chosen": "bold magenta", "rejected": "red"}  # fmt: skip


def _texts(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the parts of a row of ``instructions`` or of ``preferences``."""
    if "chosen" not in row:
        yield from ((part, row[part]) for part in ("system", "instruction", "input", "output"))
        return
    yield from ((message["role"], message["content"]) for message in row["prompt"])
    for side in ("chosen", "rejected"):
        yield from ((side, message["content"]) for message in row[side])
