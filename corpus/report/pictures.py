"""The pictures of a dataset: what the report shows and the card carries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from corpus.report import charts
from corpus.report.funnel import funnel, tasks
from corpus.schemas import SPLITS

_MOST_LANGUAGES = 12
_WHAT = {"output": "Answers", "code": "Code of the functions", "doc": "Docs of the functions"}


@dataclass(frozen=True)
class Picture:
    """A chart as SVG, without a style of its own, and what it shows in a line."""

    title: str
    svg: str


def draw(
    figures: Mapping[str, Any],
    languages: pl.DataFrame,
    lengths: Mapping[str, pl.DataFrame],
    mix: pl.DataFrame,
    cluster_sizes: pl.DataFrame,
) -> dict[str, Picture]:
    """Return the pictures by name; one that would have nothing in it is left out."""
    drawn = {
        "funnel": _funnel(figures),
        "languages": _languages(languages.head(_MOST_LANGUAGES)),
        "tasks": _tasks(mix),
        "clusters": _clusters(cluster_sizes),
        **{f"lengths-{what}": _lengths(what, frame) for what, frame in lengths.items()},
    }
    return {name: picture for name, picture in drawn.items() if picture is not None}


def _bars(title: str, labels: Sequence[str], series: Mapping[str, Sequence[int]]) -> Picture | None:
    return Picture(title, charts.bars(title, labels, series)) if labels else None


def _funnel(figures: Mapping[str, Any]) -> Picture | None:
    steps = [*funnel(figures), *tasks(figures)]
    out = [sum(step.left_out.values()) for step in steps]
    series = {"goes on": [step.passed for step in steps], "left out": out}
    return _bars("From files to rows", [step.name for step in steps], series)


def _languages(languages: pl.DataFrame) -> Picture | None:
    documented: list[int] = languages["documented"].to_list()
    functions: list[int] = languages["functions"].to_list()
    bare = [all_ - some for all_, some in zip(functions, documented, strict=True)]
    series = {"with a doc": documented, "without": bare}
    return _bars("Functions by language", languages["group"].to_list(), series)


def _tasks(mix: pl.DataFrame) -> Picture | None:
    by_task = mix.group_by("task").agg(pl.col(*SPLITS).sum()).sort("task")
    series = {split: by_task[split].to_list() for split in SPLITS}
    return _bars("Rows by task", by_task["task"].to_list(), series)


def _clusters(sizes: pl.DataFrame) -> Picture | None:
    bins = ((2, 2, "2"), (3, 3, "3"), (4, 5, "4 to 5"), (6, 10, "6 to 10"), (11, 10**9, "over 10"))
    counts = [sizes.filter(pl.col("size").is_between(low, high)).height for low, high, _ in bins]
    labels = [f"{label} alike" for _, _, label in bins] if sizes.height else []
    return _bars("Clusters of copies by size", labels, {"clusters": counts})


def _lengths(what: str, binned: pl.DataFrame) -> Picture | None:
    if binned.is_empty():
        return None
    first, last = binned["bin"].min(), binned["bin"].max()
    assert isinstance(first, int)
    assert isinstance(last, int)
    bins = range(first, last + 1)
    tasks_of: dict[tuple[float, ...], list[str]] = {}  # tasks about the same functions share a line
    for (task,), frame in binned.group_by("task", maintain_order=True):
        rows = dict(frame.select("bin", "rows").iter_rows())
        shares = (round(100 * rows.get(number, 0) / frame["rows"].sum(), 1) for number in bins)
        tasks_of.setdefault(tuple(shares), []).append(str(task))
    series = {", ".join(names): shares for shares, names in tasks_of.items()}
    title = f"{_WHAT[what]}: tokens, and the share of rows up to there"
    return Picture(title, charts.lines(title, [_power(number) for number in bins], series))


def _power(number: int) -> str:
    return f"{2**number}" if number < 10 else f"{2 ** (number - 10)}k"
