"""Trains one stage with transformers' Trainer, so that a killed one goes on from its last save."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import torch
from transformers import Trainer, TrainingArguments

from train.config import StageName, Training, TrainingError
from train.encode import Encoder
from train.pack import Collator, Counts, Sequences


def check_arguments(settings: Training) -> None:
    """Raise TrainingError for an argument that the Trainer does not have."""
    for key in settings.trainer.keys() - {field.name for field in fields(TrainingArguments)}:
        raise TrainingError(f"trainer.{key} is no argument of transformers.TrainingArguments")


def arguments(settings: Training, name: StageName, folder: Path) -> TrainingArguments:
    """Return the Trainer's arguments: the stage's settings, and over them those of the file."""
    stage, on_gpu = settings.stage(name), torch.cuda.is_available()
    options = {
        "per_device_train_batch_size": stage.batch_size,
        "gradient_accumulation_steps": stage.accumulation,
        "learning_rate": stage.peak,
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
    return TrainingArguments(**options)


def train_stage(
    settings: Training, name: StageName, model: Any, rows: Sequences, encoder: Encoder, folder: Path
) -> Trainer:
    """Train a stage, from its last checkpoint if there is one, and return its Trainer."""
    trainer = Trainer(
        model=model,
        args=arguments(settings, name, folder),
        data_collator=Collator(encoder.end_of_document, settings.attention[:5] == "flash"),
        train_dataset=rows,
    )
    trainer.train(resume_from_checkpoint=_last_checkpoint(folder))
    return trainer


def _last_checkpoint(folder: Path) -> str | None:
    """Return the newest whole checkpoint: the last file of one is its trainer state."""
    for path in sorted(folder.glob("checkpoint-*"), key=lambda path: -int(path.name[11:])):
        try:
            json.loads((path / "trainer_state.json").read_text("utf-8"))
        except (OSError, ValueError):
            continue  # killed while saving
        return str(path)
    return None


def finish_stage(trainer: Trainer, counts: Counts) -> None:
    """Save weights, trainer state and figures; with the last of them the stage is done."""
    folder, state = Path(trainer.args.output_dir), trainer.state
    trainer.model.config.use_cache = True  # the Trainer turned it off, and would save it so
    trainer.save_model()
    trainer.save_state()
    if not trainer.is_world_process_zero():
        return
    figures = {
        **asdict(counts),
        "steps": state.global_step,
        "trained_parameters": trainer.model.num_parameters(only_trainable=True),
        "losses": [(log["step"], log["loss"]) for log in state.log_history if "loss" in log],
    }
    written = folder / "stage.json.part"
    written.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    written.rename(folder / "stage.json")
    for checkpoint in folder.glob("checkpoint-*"):
        shutil.rmtree(checkpoint)


def stages_done(out: Path) -> dict[StageName, dict[str, Any]]:
    """Return the figures of every stage of a run that is done, in the order they are trained."""
    names: tuple[StageName, ...] = ("knowledge", "instruction", "mixed")
    files = {name: out / "stages" / name / "stage.json" for name in names}
    return {name: json.loads(path.read_text()) for name, path in files.items() if path.exists()}
