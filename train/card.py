"""Writes the model card and the picture of the losses."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from train.stage import read_done

PICTURE, EVALUATION = "loss.png", "evaluation.json"


def stages_done(out: Path) -> dict[str, dict[str, Any]]:
    """Return the figures of every stage that is done, in the order they were trained."""
    found = {
        name: read_done(out / "stages" / name) for name in ("knowledge", "instruction", "mixed")
    }
    return {name: figures for name, figures in found.items() if figures}


def draw_losses(out: Path) -> None:
    """Draw the training loss of every stage."""
    from matplotlib.figure import Figure

    stages = stages_done(out)
    figure = Figure(figsize=(5 * len(stages), 3.5), layout="constrained")
    for place, (name, figures) in enumerate(stages.items(), 1):
        axes = figure.add_subplot(1, len(stages), place, title=name, xlabel="step", ylabel="loss")
        axes.plot(*zip(*figures["losses"], strict=True), marker="." * (len(figures["losses"]) < 50))
    figure.savefig(out / PICTURE, metadata={"Software": None})


def write_card(out: Path) -> None:
    """Write README.md: what it was trained from, on and with, and what came out."""
    run = json.loads((out / "run.json").read_text("utf-8"))
    is_adapter = (out / "adapter_config.json").exists()
    head = {"base_model": run["model"], "tags": ["code", "tunesmith"]}
    head |= {"library_name": "peft" if is_adapter else "transformers"}
    samples = json.loads((out / "samples.json").read_text("utf-8"))
    parts = [
        f"---\n{yaml.safe_dump(head, sort_keys=False)}---\n\n# {out.resolve().name}\n",
        f"`{run['model']}`, tuned with tunesmith on `{run['data']}`.\n",
        "## Lineage\n\n"
        + table(
            ["what", "which"],
            [
                ["base", run["model"]],
                ["dataset", run["data"]],
                ["SHA-256 of the dataset's manifest", run["manifest_sha256"] or "it has none"],
            ],
        ),
        "## Stages\n\n" + _stages(stages_done(out)) + f"\n![training loss]({PICTURE})\n",
        f"## Settings\n\n```yaml\n{yaml.safe_dump(run['settings'], sort_keys=False)}```\n",
        "## Before and after\n\n" + "\n".join(_sample(sample) for sample in samples),
    ]
    if (out / EVALUATION).exists():
        found = json.loads((out / EVALUATION).read_text("utf-8"))
        parts.append("## Evaluation\n\n" + table(*evaluation_rows(found)))
    (out / "README.md").write_text("\n".join(parts), "utf-8")


def evaluation_rows(found: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Return the head and the rows of an evaluation's table: value ± standard error."""
    columns = list(found["columns"])
    names = list(dict.fromkeys(name for column in columns for name in found["columns"][column]))
    rows = []
    for name in names:
        cells = [found["columns"][column].get(name) for column in columns]
        counted = next(cell["n"] for cell in cells if cell)
        shown = [f"{c['value']:.3f} ± {c['error']:.3f}" if c else "" for c in cells]
        rows.append([name, f"{counted:,}", *shown])
    return ["measure", "n", *columns], rows


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _stages(stages: Mapping[str, Mapping[str, Any]]) -> str:
    head = ["stage", "steps", "trained parameters", "tokens", "with loss", "rows", "rows too long"]
    rows = []
    for name, figures in stages.items():
        counts, losses = figures["counts"], [loss for _, loss in figures["losses"]]
        numbers = [figures["steps"], figures["trainable_parameters"], counts["tokens"]]
        numbers += [counts["loss_tokens"], counts["rows"], counts["too_long"]]
        loss = f"{losses[0]:.3f} to {losses[-1]:.3f}" if losses else "none logged"
        rows.append([name, *(f"{number:,}" for number in numbers), loss])
    return table([*head, "loss, first to last"], rows)


def _sample(sample: Mapping[str, str]) -> str:
    parts = (f"**{part}**\n\n{_quoted(sample[part])}" for part in ("before", "after", "reference"))
    return f"### `{sample['task']}`\n\n{_quoted(sample['prompt'])}\n" + "\n".join(parts)


def _quoted(text: str) -> str:
    """Return a text as a code block that no fence inside it can close."""
    fence = "`" * max(
        4, max((len(run) for run in text.split() if set(run) == {"`"}), default=0) + 1
    )
    return f"{fence}\n{text}\n{fence}\n"
