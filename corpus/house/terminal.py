"""Shows templates and rows in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from corpus.config import Pipeline
from corpus.house.catalogue import Entry
from corpus.report.listing import Listing
from corpus.tasks.base import Mutated
from corpus.tasks.registry import tasks_of

if TYPE_CHECKING:
    from corpus.house.preview import Preview


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
        yield Listing(row["text"], row["language"])
        return
    for part, text in _texts(row):
        if text:
            yield Text(part, style=_COLOURS[part])
            yield Listing(text, "markdown")
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


UNBUILT = (
    "not built yet, at this commit and with these settings: reads some files, or the newest "
    "commits, as if none were a copy. After a `tunesmith build` the rows are its rows, and at once"
)


def note_on(found: Preview, n: int) -> str:
    """Return what is to be said of previewed rows below them, or nothing."""
    if len(found.rows) == n:
        return ""
    more = "makes no more" if found.is_built else "may make more"
    return f"{len(found.rows)} of {n} rows: a build {more}"


def why_none(name: str, pipeline: Pipeline, found: Preview) -> str:
    """Return why a preview has no row, as far as that can be told, and what to do."""
    repos = ", ".join(repo.where for repo in pipeline.repos)
    if tasks_of(Mutated, pipeline.tasks) and not pipeline.tests.verified:
        return (
            f"{name} rows are made of what `tunesmith verify` proved of a dataset: verify one, "
            "then say --set tests.verified=DATASET"
        )
    counted = ", ".join(f"{count} {reason}" for reason, count in found.left_out.most_common(4))
    why = f"; left out: {counted}" if counted else ""
    where = "" if found.is_built else "; a build reads more than a preview does"
    return f"nothing in {repos} makes a row of {name}{why}{where}"
