"""Writes what a run's folder shows: losses as a picture, samples before and after, a model card."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import indent
from typing import Any

import yaml
from matplotlib.figure import Figure

from corpus.publish.read import HELD_OUT, TRAIN, read_rows
from train.encode import Encoder
from train.models import continuations
from train.stage import read_json, stages_done, write_json

_TOKENS = 128  # of a sample


def write_samples(out: Path, models: Sequence[Any], encoder: Encoder) -> None:
    """Write what a model before and one after answer to a row of every task, held out if it can."""
    rows = read_rows(read_json(out / "run.json")["data"], "instructions", (*HELD_OUT, *TRAIN))
    by_task = {row["task"]: row["messages"] for row in reversed(rows)}
    asked = [encoder.prompt(messages[:-1]) for messages in by_task.values()]
    written = [continuations(m, encoder, asked, encoder.end_of_turn, _TOKENS) for m in models]
    samples = {
        task: {
            "prompt": messages[-2]["content"],
            "before": encoder.tokenizer.decode(before),
            "after": encoder.tokenizer.decode(after),
            "reference": messages[-1]["content"],
        }
        for (task, messages), before, after in zip(by_task.items(), *written, strict=True)
    }
    write_json(out / "samples.json", dict(sorted(samples.items())))


def write_card(out: Path) -> None:
    """Write the losses as a picture, and README.md: lineage, settings, stages, samples, figures."""
    run, stages = read_json(out / "run.json"), stages_done(out)
    figure = Figure(layout="constrained")
    axes = figure.add_subplot(xlabel="step", ylabel="loss")
    for name, done in stages.items():
        losses = done.pop("losses")
        axes.plot(*zip(*losses, strict=True), marker=".", label=name)
        done["first_loss"], done["last_loss"] = losses[0][1], losses[-1][1]
    axes.legend()
    figure.savefig(out / "loss.png")
    head = {"base_model": run["base"], "tags": ["code", "tunesmith"]}
    parts = [
        f"---\n{yaml.safe_dump(head)}---\n# {out.resolve().name}, tuned with tunesmith",
        f"## Lineage and settings\n\n```yaml\n{yaml.safe_dump(run, sort_keys=False)}```",
        f"## Stages\n\n```yaml\n{yaml.safe_dump(stages, sort_keys=False)}```",
        "![training loss](loss.png)",
    ]
    if report := read_json(out / "evaluation.json"):
        parts.append(f"## Evaluation\n\n{evaluation_table(report)}")
    for task, sample in read_json(out / "samples.json").items():
        parts.append(f"## Sample: {task}")
        # Indented, as no fence inside can end it.
        parts += [f"{name}:\n\n{indent(text, '    ')}" for name, text in sample.items()]
    (out / "README.md").write_text("\n\n".join(parts) + "\n", "utf-8")


def evaluation_table(report: Mapping[str, Any]) -> str:
    """Return an evaluation as a table in Markdown, each value with its standard error."""
    columns = report["columns"]
    rows = [["measure", "n", *columns], ["---"] * (len(columns) + 2)]
    for name, first in columns["base"].items():
        values = [f"{c[name]['value']:.3f} ± {c[name]['error']:.3f}" for c in columns.values()]
        rows.append([name, f"{first['n']:,}", *values])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
