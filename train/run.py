"""One run: which stages it trains, from which weights each starts, and what stands at its end.

OUT/                  the result, ready to load: adapter or weights, tokenizer, card
OUT/run.json          what was asked for; the same command goes on, another is refused
OUT/stages/<name>/    a stage's own weights, its trainer state, and stage.json once it is done
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from accelerate import PartialState
from peft import PeftModel
from torch.cuda import is_available
from transformers import GenerationConfig

from train.card import write_card, write_samples
from train.config import StageName, Training, TrainingError
from train.data import read_manifest
from train.encode import Encoder
from train.models import (
    add_adapter,
    add_residual,
    join_adapters,
    load_encoder,
    load_model,
    load_result,
    merge,
)
from train.pack import stage_sequences
from train.stage import check_arguments, finish_stage, stages_done, train_stage


@dataclass(frozen=True)
class Run:
    """What was asked for; ``data`` and ``model`` are folders or hub ids."""

    settings: Training
    data: str
    model: str
    out: Path
    asked: Literal["knowledge", "instruction", "both"] = "both"

    @property
    def stages(self) -> list[StageName]:
        """The stages to train, in their order."""
        if self.asked != "both":
            return [self.asked]
        return ["mixed"] if self.settings.join == "mix" else ["knowledge", "instruction"]

    def folder(self, name: StageName) -> Path:
        """Where a stage keeps its own."""
        return self.out / "stages" / name

    def is_full(self, name: StageName) -> bool:
        """Whether the stage trains all weights, not an adapter."""
        return self.settings.stage(name).method == "full"


def train(run: Run) -> None:
    """Train the stages that are not done yet, and write the result.

    Raises TrainingError if the folder is another run's, or the model or data can't be used.
    """
    state = PartialState(cpu=not is_available())
    check_arguments(run.settings)
    if state.is_main_process:
        _claim(run)
    state.wait_for_everyone()
    encoder, done = load_encoder(run.model), stages_done(run.out)
    # Of all stages at once: what is wrong with the data must not show after hours of training.
    prepared = {
        name: stage_sequences(run.data, name, encoder, run.settings)
        for name in run.stages
        if name not in done
    }
    for name, (sequences, counts) in prepared.items():
        model = _start(run, name)
        trainer = train_stage(run.settings, name, model, sequences, encoder, run.folder(name))
        if name != "instruction" and run.is_full(name) and run.settings.residual:
            add_residual(trainer.model, run.model, run.settings.residual)
        finish_stage(trainer, counts)
        state.wait_for_everyone()
    if state.is_main_process and (prepared or not (run.out / "README.md").exists()):
        _finish(run, encoder)
    state.wait_for_everyone()


def _claim(run: Run) -> None:
    """Write down what is asked for. Raises TrainingError if another run has begun in the folder."""
    path, digest = run.out / "run.json", read_manifest(run.data)[1]
    wanted: dict[str, Any] = {"base": run.model, "data": run.data, "manifest_sha256": digest}
    wanted["settings"] = run.settings.model_dump()
    if (run.out / "stages").exists() and path.exists():
        found = json.loads(path.read_text("utf-8"))
        if other := [key for key in wanted if found.get(key) != wanted[key]]:
            raise TrainingError(f"{run.out} is a run with other {other[0]}: name another --out")
        return
    if run.out.exists() and {*run.out.iterdir()} - {path}:
        raise TrainingError(f"{run.out} is not empty: name another --out")
    run.out.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(wanted, indent=2) + "\n", "utf-8")


def _first(run: Run, name: StageName) -> StageName | None:
    """Return the stage on whose result ``name`` builds."""
    is_second = name == "instruction" and "knowledge" in stages_done(run.out)
    return "knowledge" if is_second else None


def _base(run: Run, name: StageName) -> str:
    """Return what a stage's adapter stands on in the result.

    With a residual it is the chat model: base + adapter + (chat - base) is chat + adapter.
    """
    first = _first(run, name)
    if first and run.is_full(first):
        return str(run.folder(first))
    if name == "instruction" and not first:
        return run.model
    return run.settings.residual or run.model


def _start(run: Run, name: StageName) -> Any:
    """Return the model that a stage trains, with its adapter on it."""
    stage, first = run.settings.stage(name), _first(run, name)
    if name == "instruction" and run.settings.residual and not first:
        raise TrainingError("a residual is added to what the knowledge stage made: none is here")
    model = load_model(
        _base(run, name) if first else run.model, stage.method, run.settings.attention
    )
    if first and not run.is_full(first):
        carried_on = run.settings.join == "continue"
        model = PeftModel.from_pretrained(model, run.folder(first), is_trainable=carried_on)
        if carried_on:
            return model
        model = merge(model).requires_grad_(True)  # loading the adapter had frozen them
    return model if run.is_full(name) else add_adapter(model, stage, run.settings.seed)


def _finish(run: Run, encoder: Encoder) -> None:
    """Write the result: whole weights, or ONE adapter on the base; and all that belongs to it."""
    name = run.stages[-1]
    first, folder = _first(run, name), run.folder(name)
    if run.is_full(name):
        load_model(str(folder)).save_pretrained(run.out)
    elif first and run.is_full(first):
        merge(PeftModel.from_pretrained(load_model(_base(run, name)), folder)).save_pretrained(
            run.out
        )
    else:
        before = [run.folder(first)] if first and run.settings.join == "merge" else []
        join_adapters(_base(run, name), [*before, folder], run.out)
    encoder.tokenizer.save_pretrained(run.out)
    ends = sorted({encoder.end_of_turn, encoder.end_of_document})
    GenerationConfig(eos_token_id=ends).save_pretrained(run.out)
    write_samples(run.out, (load_model(run.model), load_result(run.out)), encoder)
    write_card(run.out)


def export(out: Path, to: Path) -> None:
    """Write the result of a run as merged full-precision weights, with its tokenizer."""
    model = load_result(out)
    model = merge(model) if isinstance(model, PeftModel) else model
    model.save_pretrained(to)
    load_encoder(str(out)).tokenizer.save_pretrained(to)
    GenerationConfig.from_pretrained(out).save_pretrained(to)
