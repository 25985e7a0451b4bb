"""The dataset card's section with key figures and pictures, which also show on a hub."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from corpus.report import charts, funnel, measure
from corpus.report.dataset import Dataset
from corpus.report.pictures import draw
from corpus.report.summary import Summary

_FOLDER = "figures"
_SHOWN = ("funnel", "languages", "tasks", "lengths-output")


def write_glance(folder: Path, summary: Summary) -> str:
    """Write the pictures of a dataset folder as SVG files; return the section as Markdown.

    The same rows give the same bytes: no date, no id and no font of this machine is in a picture.
    """
    dataset, figures = Dataset(folder), summary.as_json()
    drawn = draw(
        figures,
        measure.functions_by(dataset, pl.col("language")),
        measure.lengths(dataset),
        measure.mix(dataset),
        measure.cluster_sizes(dataset),
    )
    (folder / _FOLDER).mkdir(exist_ok=True)
    links = []
    for name in (name for name in _SHOWN if name in drawn):
        file = f"{_FOLDER}/{name}.svg"
        (folder / file).write_text(charts.standalone(drawn[name].svg), "utf-8")
        links.append(f"**{drawn[name].title}**\n\n![{drawn[name].title}]({file})\n")
    steps = [*funnel.funnel(figures), *funnel.tasks(figures)]
    lines = ["| step | in | left out | goes on |", "| --- | ---: | ---: | ---: |"]
    lines += [
        f"| {step.name} | {step.entered:,} | {sum(step.left_out.values()):,} | {step.passed:,} |"
        for step in steps
    ]
    return "\n".join(["## At a glance\n", *links, "\n".join(lines), ""])
