"""Trains one stage with transformers' Trainer, so that a killed one goes on from its last save."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch
from transformers import Trainer, TrainingArguments

from corpus.errors import in_one_line
from train.config import StageName, Training
from train.encode import Encoder
from train.pack import Sequences, collate


def arguments(settings: Training, name: StageName, folder: Path) -> TrainingArguments:
    """Return the Trainer's arguments: the stage's settings, and over them those of the file.

    Raises UsageError for those that it does not have or that this machine can't meet.
    """
    stage, on_gpu = settings.stage(name), torch.cuda.is_available()
    peak = 2e-5 if stage.method == "full" else 2e-4  # ten times for adapters (arXiv 2405.09673)
    options = {
        "per_device_train_batch_size": stage.batch_size,
        "gradient_accumulation_steps": stage.accumulation,
        "learning_rate": stage.learning_rate or peak,
        "lr_scheduler_type": "cosine",
        "num_train_epochs": stage.epochs,
        "warmup_steps": stage.warmup,
        "logging_steps": 10,
        "save_steps": 200,
        "save_total_limit": 2,
        "seed": settings.seed,
        "bf16": on_gpu and torch.cuda.is_bf16_supported(),
        "use_cpu": not on_gpu,
        "dataloader_pin_memory": on_gpu,
        "remove_unused_columns": False,
        "ddp_find_unused_parameters": False,
        **settings.trainer,
        "output_dir": str(folder),
    }
    with in_one_line("trainer"):
        return TrainingArguments(**options)


def train_stage(
    settings: Training, name: StageName, model: Any, rows: Sequences, encoder: Encoder, folder: Path
) -> Trainer:
    """Train a stage, from its last checkpoint if there is one, and return its Trainer."""
    flatten = settings.attention.startswith("flash")
    trainer = Trainer(
        model=model,
        args=arguments(settings, name, folder),
        data_collator=partial(collate, pad=encoder.end_of_document, flatten=flatten),
        train_dataset=rows,
    )
    states = folder.glob("checkpoint-*/trainer_state.json")  # its last file: if whole, all is
    whole = [state.parent for state in states if state.read_text("utf-8").endswith("\n}\n")]
    newest = max(whole, key=lambda path: int(path.name.split("-")[1]), default=None)
    trainer.train(resume_from_checkpoint=newest and str(newest))
    return trainer


def finish_stage(trainer: Trainer, counts: Mapping[str, int]) -> None:
    """Save weights, trainer state and figures; with the last of them the stage is done."""
    folder, state = Path(trainer.args.output_dir), trainer.state
    trainer.model.config.use_cache = True  # the Trainer turned it off, and would save it so
    trainer.save_model()
    trainer.save_state()
    if trainer.is_world_process_zero():
        trained = trainer.model.num_parameters(only_trainable=True)
        losses = [[log["step"], log["loss"]] for log in state.log_history if "loss" in log]
        figures = {"steps": state.global_step, "trained_parameters": trained, "losses": losses}
        write_json(folder / "stage.json", {**counts, **figures})
        for checkpoint in folder.glob("checkpoint-*"):
            shutil.rmtree(checkpoint)


def stages_done(out: Path) -> dict[StageName, dict[str, Any]]:
    """Return the figures of every stage of a run that is done, in the order they are trained."""
    names: tuple[StageName, ...] = ("knowledge", "instruction", "mixed")
    found = {name: read_json(out / "stages" / name / "stage.json") for name in names}
    return {name: figures for name, figures in found.items() if figures}


def write_json(path: Path, value: Any) -> None:
    """Write a file whole or not at all."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", "utf-8")
    part.rename(path)


def read_json(path: Path) -> Any:
    """Return what a file holds; if there is none, nothing."""
    return json.loads(path.read_text("utf-8")) if path.exists() else {}
