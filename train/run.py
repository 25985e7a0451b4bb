"""One run: which stages, from which weights each starts, and what stands in the folder at the end.

OUT/                     the result, ready to load: adapter or weights, tokenizer, card, samples
OUT/run.json             what was asked for; the same command resumes, another is refused
OUT/stages/<name>/       the stage's own weights, trainer_state.json; stage.json once it is done
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from accelerate import PartialState
from torch.cuda import is_available
from transformers import GenerationConfig, PreTrainedModel

from train.config import StageName, Training
from train.card import draw_losses, write_card
from train.data import read_manifest
from train.encode import Encoder
from train.errors import TrainingError
from train.generate import write_samples
from train.models import (
    add_adapter,
    add_residual,
    export_adapter,
    load_adapter,
    load_model,
    load_tokenizer,
    merge,
)
from train.sequences import stage_sequences
from train.stage import finish_stage, last_checkpoint, read_done, stage_trainer

Asked = Literal["knowledge", "instruction", "both"]


@dataclass(frozen=True)
class Run:
    """What was asked for. ``model`` is a folder or a hub id, and so is ``data``."""

    settings: Training
    data: str
    model: str
    out: Path
    asked: Asked = "both"

    @property
    def stages(self) -> list[StageName]:
        """The stages to train, in their order."""
        if self.asked != "both":
            return [self.asked]
        return ["mixed"] if self.settings.join == "mix" else ["knowledge", "instruction"]

    def folder(self, name: StageName) -> Path:
        """Where a stage keeps what is its own."""
        return self.out / "stages" / name

    def has_adapter(self, name: StageName) -> bool:
        """Whether the stage trains an adapter, not the weights."""
        return self.settings.stage(name).method != "full"

    @property
    def first(self) -> StageName | None:
        """The stage whose result the instruction stage builds on, if this folder has one."""
        return "knowledge" if read_done(self.folder("knowledge")) else None

    @property
    def base_after_first(self) -> str:
        """What the first stage's adapter stands on: with a residual, the chat model.

        base + adapter + (chat - base) is chat + adapter.
        """
        return self.settings.residual or self.model


def train(run: Run) -> None:
    """Train the stages that are not done yet, and write the result.

    Raises TrainingError if the folder holds another run, or the data or model can't be used.
    """
    state = PartialState(cpu=not is_available())
    encoder = Encoder(load_tokenizer(run.model))
    if state.is_main_process:
        _claim(run)
    state.wait_for_everyone()
    trained = False
    for name in run.stages:
        folder = run.folder(name)
        if read_done(folder):
            continue
        sequences, counts = stage_sequences(run.data, name, encoder, run.settings)
        model = _start(run, name)
        trainer = stage_trainer(name, run.settings, model, sequences, encoder.pad, folder)
        trainer.train(resume_from_checkpoint=last_checkpoint(folder))
        if name != "instruction" and run.settings.residual and not run.has_adapter(name):
            add_residual(model, run.model, run.settings.residual)
        finish_stage(trainer, counts)
        state.wait_for_everyone()
        trained = True
    if state.is_main_process and (trained or not (run.out / "README.md").exists()):
        _finish(run, encoder)
    state.wait_for_everyone()


def identity(run: Run) -> dict[str, Any]:
    """Return what makes two runs the same: base, data and settings."""
    return {
        "model": run.model,
        "data": run.data,
        "manifest_sha256": read_manifest(run.data)[1],
        "settings": run.settings.model_dump(),
    }


def _claim(run: Run) -> None:
    """Write down what is asked for. Raises TrainingError if the folder is another run's."""
    path, wanted = run.out / "run.json", identity(run)
    if path.exists():
        found = json.loads(path.read_text("utf-8"))
        for key in (key for key in wanted if found.get(key) != wanted[key]):
            raise TrainingError(f"{run.out} holds a run with other {key}: name another --out")
    elif run.out.exists() and any(run.out.iterdir()):
        raise TrainingError(f"{run.out} is not empty: name another --out")
    else:
        run.out.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(wanted, indent=2) + "\n", "utf-8")


def _start(run: Run, name: StageName) -> PreTrainedModel:
    """Return the model that a stage trains, its adapter on it."""
    stage, settings = run.settings.stage(name), run.settings
    first = run.first if name == "instruction" else None
    if name == "instruction" and settings.residual and not first:
        raise TrainingError("residual is added to what the knowledge stage made: none is here")
    if not first:
        model = load_model(run.model, stage.method, settings.attention)
        return add_adapter(model, stage, settings.seed) if run.has_adapter(name) else model
    if not run.has_adapter(first):  # its folder holds whole weights
        model = load_model(str(run.folder(first)), stage.method, settings.attention)
    elif settings.join == "continue":
        model = load_model(run.base_after_first, stage.method, settings.attention)
        return load_adapter(model, run.folder(first), trainable=True)
    else:
        model = load_model(run.base_after_first, stage.method, settings.attention)
        model = merge(load_adapter(model, run.folder(first)))
    return add_adapter(model, stage, settings.seed) if run.has_adapter(name) else model


def _finish(run: Run, encoder: Encoder) -> None:
    """Write the result: weights or ONE adapter on the base, and what belongs to it."""
    final, first = run.stages[-1], run.first if run.stages[-1] == "instruction" else None
    folders = [run.folder(name) for name in (first, final) if name]
    joined = run.settings.join == "merge"
    if not run.has_adapter(final):
        load_model(str(folders[-1]), "full").save_pretrained(run.out)
    elif first and not run.has_adapter(first):
        merge(load_adapter(load_model(str(folders[0])), folders[1])).save_pretrained(run.out)
    else:
        base = run.base_after_first if first or final != "instruction" else run.model
        export_adapter(base, folders if joined else folders[-1:], run.out)
    encoder.tokenizer.save_pretrained(run.out)
    ends = sorted({encoder.end_of_turn, encoder.end_of_document})
    GenerationConfig(eos_token_id=ends, pad_token_id=encoder.pad).save_pretrained(run.out)
    write_samples(run.data, run.model, run.out, encoder)
    draw_losses(run.out)
    write_card(run.out)
