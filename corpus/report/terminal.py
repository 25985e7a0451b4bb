"""Prints a summary as tables."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from corpus.report.summary import Summary


def print_summary(summary: Summary, out: str, console: Console) -> None:
    """Print the funnel, the rows by task, what was left out, and where the dataset lies."""
    console.print(Group(*_tables(summary)))
    # Not wrapped: a path must survive copying, whatever the width of the terminal.
    console.print(Text(f"dataset: {out}", style="bold green"), soft_wrap=True)


def _tables(summary: Summary) -> Iterator[RenderableType]:
    for repo in summary.repos:
        yield Text.assemble((repo.name, "bold"), f" at {repo.commit[:12]}" if repo.commit else "")
    funnel = _table("", "count")
    for label, count in (
        ("paths", summary.paths),
        ("files read", summary.files),
        ("files, unique", summary.unique_files),
        ("functions", summary.functions),
        ("  with a doc", summary.with_doc),
        ("  unique", summary.unique_functions),
        ("  after filters", summary.after_filters),
        ("commits", summary.commits),
        ("functions changed", summary.changes),
    ):
        funnel.add_row(label, f"{count:,}")
    for task, count in summary.examples.items():
        funnel.add_row(Text(f"rows: {task}", style="bold"), Text(f"{count:,}", style="bold"))
    yield funnel
    if summary.mix:
        mix = _table("mix", "made", "kept", "share", "output tokens: median", "95 %", "longest")
        total = sum(figures.kept for figures in summary.mix) or 1
        for figures in summary.mix:
            lengths = (figures.median, figures.p95, figures.longest)
            numbers = (f"{figures.made:,}", f"{figures.kept:,}", f"{figures.kept / total:.0%}")
            mix.add_row(figures.task, *numbers, *(f"{length:,}" for length in lengths))
        yield mix
    if summary.rejects:
        rejects = _table("left out at", "why", "count")
        for reject in summary.rejects:
            rejects.add_row(reject.stage, reject.reason, f"{reject.count:,}")
        yield rejects
    times = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in summary.seconds.items())
    yield Text(f"seconds: {times}", style="dim")


_WORDS = ("", "left out at", "why", "mix")


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, justify="left" if column in _WORDS else "right", no_wrap=True)
    return table
