"""Writes what a run's folder shows: losses as a picture, samples before and after, a model card."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from matplotlib.figure import Figure

from train.data import HELD_OUT, TRAIN, read_rows
from train.encode import Encoder
from train.models import continuations
from train.stage import stages_done

EVALUATION = "evaluation.json"
_SAMPLES, _PICTURE = "samples.json", "loss.png"
_TOKENS = 128  # of a sample


def write_samples(out: Path, models: tuple[Any, Any], encoder: Encoder) -> None:
    """Write what a model before and one after answer to a row of every task, held out if it can."""
    source = json.loads((out / "run.json").read_text("utf-8"))["data"]
    rows = read_rows(source, "instructions", (*HELD_OUT, *TRAIN))
    asked = [
        next(r for r in rows if r["task"] == task) for task in sorted({r["task"] for r in rows})
    ]
    prompts = [encoder.prompt(row["messages"][:-1]) for row in asked]
    before, after = (
        encoder.tokenizer.batch_decode(
            [*continuations(m, encoder, prompts, encoder.end_of_turn, _TOKENS)]
        )
        for m in models
    )
    said = [[m["content"] for m in row["messages"][-2:]] for row in asked]
    samples = [
        {"task": r["task"], "prompt": p, "before": b, "after": a, "reference": reference}
        for r, (p, reference), b, a in zip(asked, said, before, after, strict=True)
    ]
    (out / _SAMPLES).write_text(json.dumps(samples, indent=2, ensure_ascii=False) + "\n", "utf-8")


def write_card(out: Path) -> None:
    """Write the losses as a picture, and README.md: lineage, settings, stages, samples, figures."""
    run, stages = json.loads((out / "run.json").read_text("utf-8")), stages_done(out)
    figure = Figure(figsize=(5 * len(stages), 3.5), layout="constrained")
    for place, (name, done) in enumerate(stages.items(), 1):
        axes = figure.add_subplot(1, len(stages), place, title=name, xlabel="step", ylabel="loss")
        axes.plot(*zip(*done["losses"], strict=True), marker=".")
    figure.savefig(out / _PICTURE)
    library = "peft" if (out / "adapter_config.json").exists() else "transformers"
    head = {"base_model": run["base"], "library_name": library, "tags": ["code", "tunesmith"]}
    keys = [key for key in next(iter(stages.values())) if key != "losses"]
    figures = [[key, *(f"{done[key]:,}" for done in stages.values())] for key in keys]
    for row, end in (("first loss", 0), ("last loss", -1)):
        figures.append([row, *(f"{done['losses'][end][1]:.3f}" for done in stages.values())])
    parts = [
        f"---\n{yaml.safe_dump(head, sort_keys=False)}---\n# {out.resolve().name}",
        f"`{run['base']}`, tuned with tunesmith on `{run['data']}`.",
        f"## Lineage and settings\n\n```yaml\n{yaml.safe_dump(run, sort_keys=False)}```",
        f"## Stages\n\n{table(['', *stages], figures)}\n![training loss]({_PICTURE})",
    ]
    if (out / EVALUATION).exists():
        report = json.loads((out / EVALUATION).read_text("utf-8"))
        parts.append(f"## Evaluation\n\n{table(*evaluation_rows(report))}")
    for sample in json.loads((out / _SAMPLES).read_text("utf-8")):
        parts.append(f"## Sample: {sample.pop('task')}")
        parts += [f"{name}:\n\n{_indented(text)}" for name, text in sample.items()]
    (out / "README.md").write_text("\n\n".join(parts) + "\n", "utf-8")


def evaluation_rows(report: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Return the head and rows of an evaluation's table, each value with its standard error."""
    columns = report["columns"]
    rows = [
        [name, f"{cell['n']:,}"]
        + [
            f"{column[name]['value']:.3f} ± {column[name]['error']:.3f}"
            for column in columns.values()
        ]
        for name, cell in columns["base"].items()
    ]
    return ["measure", "n", *columns], rows


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ["---"] * len(head), *rows))


def _indented(text: str) -> str:
    """Return a text as a code block, which no fence inside it can close."""
    return "".join(f"    {line}\n" for line in text.splitlines())
