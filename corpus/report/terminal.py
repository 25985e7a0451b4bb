"""Prints the summary of a build, and the difference of two, as tables."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from corpus.report.plain import visible
from corpus.report.summary import Estimate, Summary

# Columns of words; all others hold numbers.
_WORDS = ("", "language", "left out at", "why", "mix", "task", "change", "path")


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
        ("changes", summary.changes),
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
    slow = [(stage, f"{seconds:.1f}") for stage, seconds in summary.seconds.items()]
    times = ", ".join(f"{stage} {seconds}" for stage, seconds in slow if seconds != "0.0")
    if times:
        yield Text(f"seconds: {times}", style="dim")


def print_estimate(estimate: Estimate, console: Console) -> None:
    """Print what there is to read, and about what it will take."""
    read = _table("language", "files", "MB")
    for language, files in estimate.files.items():
        read.add_row(language, f"{files:,}", f"{estimate.bytes[language] / 1e6:,.1f}")
    total = sum(estimate.files.values()), sum(estimate.bytes.values()) / 1e6
    read.add_row(Text("all", style="bold"), f"{total[0]:,}", f"{total[1]:,.1f}")
    console.print(read)
    costs = _table("", "about")
    costs.add_row("functions", f"{estimate.functions:,}")
    costs.add_row("commits", f"{estimate.commits:,}")
    for stage, seconds in estimate.seconds.items():
        costs.add_row(f"CPU seconds: {stage}", _seconds(seconds))
    spent = sum(estimate.seconds.values())
    costs.add_row("CPU seconds", _seconds(spent))
    costs.add_row(f"  on {estimate.workers} workers, seconds", _seconds(spent / estimate.workers))
    for what, count in (
        ("memory of all processes", estimate.memory),
        ("disk: the cache", estimate.cache),
        ("disk: the dataset", estimate.dataset),
    ):
        costs.add_row(f"{what}, MB", f"{count / 1e6:,.0f}")
    console.print(costs)


def _seconds(seconds: float) -> str:
    return f"{seconds:,.1f}" if seconds < 9.95 else f"{seconds:,.0f}"


def print_difference(rows: pl.DataFrame, most: int, console: Console) -> None:
    """Print what ``difference`` found: counts by task, why, and the ``most`` changed paths."""
    changes = ("added", "removed", "changed", "same")
    tasks = _table("task", *changes)
    for (task,), of_task in rows.group_by("task", maintain_order=True):
        counts = [of_task.filter(pl.col("change") == change).height for change in changes]
        tasks.add_row(str(task), *(f"{count:,}" for count in counts))
    console.print(tasks)
    changed = rows.filter(pl.col("change") != "same")
    if changed.is_empty():
        return
    for columns, limit in ((["change", "why"], changed.height), (["change", "path", "why"], most)):
        counted = changed.group_by(columns).agg(count=pl.len())
        counted = counted.sort(["count", *columns], descending=[True] + [False] * len(columns))
        table = _table(*columns, "count")
        for *cells, count in counted.head(limit).iter_rows():
            table.add_row(*(Text(visible(cell)) for cell in cells), f"{count:,}")
        console.print()
        console.print(table)
        if counted.height > limit:
            console.print(Text(f"and {counted.height - limit:,} more", style="dim"))


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in columns:
        is_text = column in _WORDS
        table.add_column(
            column,
            overflow="fold",
            justify="left" if is_text else "right",
            no_wrap=not is_text,
        )
    return table
