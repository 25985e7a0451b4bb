"""Trains one stage: packs its rows into sequences, and goes on from the last save after a kill."""

import json
import shutil
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, get_args

import torch
from torch.nn.utils.rnn import pad_sequence
from transformers import Trainer, TrainingArguments

from corpus.errors import UsageError, in_one_line
from corpus.publish.read import read_rows
from train.config import StageName, Training
from train.encode import NO_LOSS, Encoder, Tokens

Sequences = list[dict[str, list[int]]]


def stage_sequences(
    source: str, name: StageName, encoder: Encoder, settings: Training
) -> tuple[Sequences, dict[str, int]]:
    """Return the sequences of a stage, those of replay among them, and counts of all there is."""
    length, random = settings.sequence_length, Random(settings.seed)

    def files(counts: Counter[str]) -> Sequences:
        texts = [row["text"] for row in read_rows(source, "knowledge")]
        counts["rows"] += len(texts)
        found = (encoder.document(text, length, settings.fim_rate, random) for text in texts)
        return pack([piece for pieces in found for piece in pieces], length)

    def talks(counts: Counter[str]) -> Sequences:
        found = [encoder.conversation(r["messages"]) for r in read_rows(source, "instructions")]
        # What is too long is left out: an answer that is cut would teach a model never to stop.
        fit = [turns for turns in found if all(len(turn.ids) <= length for turn in turns)]
        counts.update(rows=len(found), too_long=len(found) - len(fit))
        return pack([turn for turns in fit for turn in turns], length)

    counts, share = Counter(rows=0, too_long=0, replayed=0), settings.stage(name).replay
    own, other = (talks, files) if name == "instruction" else (files, talks)
    sequences = own(counts)
    if name == "mixed":
        sequences += other(counts)
    elif share:
        more, wanted = other(Counter()), round(len(sequences) * share / (1 - share))
        counts["replayed"] = min(wanted, len(more))
        sequences += random.sample(more, counts["replayed"])
    if not sequences:
        raise UsageError(f"no row of {source} fits into {length} tokens")
    counts["sequences"] = len(sequences)
    counts["tokens"] = sum(len(row["input_ids"]) for row in sequences)
    counts["loss_tokens"] = sum(i != NO_LOSS for row in sequences for i in row["labels"])
    return sequences, dict(counts)


def pack(documents: Iterable[Tokens], length: int) -> Sequences:
    """Put every document, whole, into the fullest sequence that has room, the longest first.

    A sequence has at most ``length`` tokens: ``input_ids``, ``labels`` and ``seq_lengths``.
    """
    packed: Sequences = []
    rooms: list[tuple[int, int]] = []  # free tokens and number of each sequence, sorted
    for ids, labels in sorted(documents, key=lambda document: -len(document.ids)):
        fits = bisect_left(rooms, (len(ids), -1))
        room, number = rooms.pop(fits) if fits < len(rooms) else (length, len(packed))
        if number == len(packed):
            packed.append({"input_ids": [], "labels": [], "seq_lengths": []})
        packed[number]["input_ids"] += ids
        packed[number]["labels"] += [NO_LOSS, *labels[1:]]  # before the first stands nothing
        packed[number]["seq_lengths"].append(len(ids))
        insort(rooms, (room - len(ids), number))
    return packed


def collate(rows: Sequence[Mapping[str, list[int]]], pad: int) -> dict[str, Any]:
    """Return a batch as tensors of shape (rows, longest row), padded on the right.

    With neither mask nor cache, transformers sees a document end where positions restart.
    """
    positions = [[at for size in row["seq_lengths"] for at in range(size)] for row in rows]
    columns = {
        "input_ids": ([row["input_ids"] for row in rows], pad),
        "labels": ([row["labels"] for row in rows], NO_LOSS),
        "position_ids": (positions, 0),
    }
    batch: dict[str, Any] = {"use_cache": False}
    for name, (lists, fill) in columns.items():
        batch[name] = pad_sequence([torch.tensor(ids) for ids in lists], True, fill)
    return batch


def arguments(settings: Training, name: StageName, folder: Path) -> TrainingArguments:
    """Return the Trainer's arguments, those of the file over the stage's. Raises UsageError."""
    stage, on_gpu = settings.stage(name), torch.cuda.is_available()
    peak = 2e-5 if stage.method == "full" else 2e-4  # ten times for adapters (arXiv 2405.09673)
    options = {
        "per_device_train_batch_size": stage.batch_size,
        "gradient_accumulation_steps": stage.accumulation,
        "learning_rate": stage.learning_rate or peak,
        "lr_scheduler_type": "cosine",
        "num_train_epochs": stage.epochs,
        "warmup_steps": 0.03,  # share of the steps
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
        told = TrainingArguments(**options)
    if settings.attention.startswith("flash") and told.train_batch_size > 1:
        raise UsageError("flash attention sees where documents end in one row only: batch_size: 1")
    return told


def train_stage(
    settings: Training, name: StageName, model: Any, rows: Sequences, encoder: Encoder, folder: Path
) -> Trainer:
    """Train a stage, from its last checkpoint if there is one, and return its Trainer."""
    trainer = Trainer(
        model=model,
        args=arguments(settings, name, folder),
        data_collator=partial(collate, pad=encoder.end_of_document),
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
    found = {n: read_json(out / "stages" / n / "stage.json") for n in get_args(StageName)}
    return {name: figures for name, figures in found.items() if figures}


def write_json(path: Path, value: Any) -> None:
    """Write a file whole or not at all."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", "utf-8")
    part.rename(path)


def read_json(path: Path) -> Any:
    """Return what a file holds; if there is none, nothing."""
    return json.loads(path.read_text("utf-8")) if path.exists() else {}
