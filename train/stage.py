"""Trains one stage with transformers' Trainer, so that a killed one goes on where it was saved."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import PeftModel
from transformers import (
    PreTrainedModel,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

from train.config import Stage, StageName, Training
from train.errors import TrainingError
from train.pack import Collator
from train.sequences import Counts

_DONE, _COMPLETE = "stage.json", "complete"


def read_done(folder: Path) -> dict[str, Any] | None:
    """Return the figures of a stage that was trained to its end, None for another."""
    path = folder / _DONE
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def arguments(stage: Stage, settings: Training, folder: Path) -> TrainingArguments:
    """Return the arguments of the Trainer. Raises TrainingError for a key it does not know."""
    known = {field.name for field in fields(TrainingArguments)} - {"output_dir"}
    for key in settings.trainer.keys() - known:
        raise TrainingError(f"trainer.{key} is no argument of transformers.TrainingArguments")
    on_gpu = torch.cuda.is_available()
    options = {
        "per_device_train_batch_size": stage.batch_size,
        "gradient_accumulation_steps": stage.accumulation,
        "learning_rate": stage.peak,
        "num_train_epochs": stage.epochs,
        "warmup_steps": stage.warmup,
        "lr_scheduler_type": "cosine",
        "logging_steps": 10,
        "save_steps": 200,
        "save_total_limit": 2,
        "seed": settings.seed,
        "bf16": on_gpu and torch.cuda.is_bf16_supported(),
        "use_cpu": not on_gpu,
        "dataloader_pin_memory": on_gpu,
        "remove_unused_columns": False,
        "report_to": "none",
    }
    return TrainingArguments(str(folder), **{**options, **settings.trainer})


class _MarkComplete(TrainerCallback):
    """Marks a checkpoint once all of it is written: a kill while saving leaves a torn one."""

    def on_save(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        """Mark the checkpoint of this step."""
        if state.is_world_process_zero:
            Path(args.output_dir, f"checkpoint-{state.global_step}", _COMPLETE).touch()


def last_checkpoint(folder: Path) -> str | None:
    """Return the newest checkpoint that is whole."""
    whole = [mark.parent for mark in folder.glob(f"checkpoint-*/{_COMPLETE}")]
    newest = max(whole, key=lambda path: int(path.name.split("-")[1]), default=None)
    return str(newest) if newest else None


def stage_trainer(
    name: StageName,
    settings: Training,
    model: PreTrainedModel | PeftModel,
    sequences: Dataset,
    pad: int,
    folder: Path,
) -> Trainer:
    """Return the Trainer of a stage, whose checkpoints go to ``folder``."""
    return Trainer(
        model=model,
        args=arguments(settings.stage(name), settings, folder),
        data_collator=Collator(pad, flatten=settings.attention == "flash_attention_2"),
        train_dataset=sequences,
        callbacks=[_MarkComplete()],
    )


def finish_stage(trainer: Trainer, counts: Counts) -> None:
    """Save weights, trainer state and figures; from then on the stage is done."""
    folder = Path(trainer.args.output_dir)
    trainer.model.config.use_cache = True  # the Trainer turned it off, and would save it so
    trainer.save_model()
    trainer.save_state()
    if not trainer.is_world_process_zero():
        return
    losses = [(log["step"], log["loss"]) for log in trainer.state.log_history if "loss" in log]
    figures = {
        "counts": asdict(counts),
        "steps": trainer.state.global_step,
        "trainable_parameters": trainer.model.num_parameters(only_trainable=True),
        "losses": losses,
    }
    written = folder / f"{_DONE}.part"
    written.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    written.rename(folder / _DONE)
    for checkpoint in folder.glob("checkpoint-*"):
        shutil.rmtree(checkpoint)
