"""Tokens per CPU second of a stage, as a multiple of TRL's SFTTrainer on the same packed rows.

    python -m tests.benchmarks.train_vs_trl [REPEATS]

Both train the same adapter on the same model, rows, order and rates, in turn in one process; the
figures are CPU seconds (user and system) and the ratio is pair by pair. Their losses must be equal.
"""

from __future__ import annotations

import statistics
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from random import Random

from datasets import Dataset
from trl import SFTConfig, SFTTrainer

import train
from tests.train.conftest import FIM, make_model, make_tokenizer
from train.config import Training
from train.encode import Encoder
from train.models import add_adapter
from train.stage import arguments, pack, train_stage

_LENGTH, _BATCH, _STEPS = 256, 8, 20
SETTINGS = Training.model_validate(
    {
        "sequence_length": _LENGTH,
        "knowledge": {"batch_size": _BATCH, "accumulation": 1, "rank": 16},
        "trainer": {"max_steps": _STEPS, "logging_steps": _STEPS, "save_strategy": "no"}
        | {"disable_tqdm": True},
    }
)


def main() -> None:
    """Measure, and print a line per pair."""
    assert train.__name__
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    tokenizer = make_tokenizer("<|im_start|>", "<|im_end|>", *FIM)
    encoder, random = Encoder(tokenizer), Random(0)
    files = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))[:40]
    texts = [file.read_text("utf-8") for file in files]
    pieces = [piece for text in texts for piece in encoder.document(text, _LENGTH, 0.5, random)]
    rows = pack(pieces, _LENGTH)[: _BATCH * _STEPS]
    tokens = sum(len(row["input_ids"]) for row in rows)
    ratios = []
    with tempfile.TemporaryDirectory() as scratch:
        for _ in range(repeats):
            model = add_adapter(make_model(tokenizer), SETTINGS.knowledge, 0)
            start = time.process_time()
            ours = train_stage(SETTINGS, "knowledge", model, rows, encoder, Path(scratch, "a"))
            middle = time.process_time()
            theirs = _trl(rows, tokenizer, Path(scratch, "b"))
            end = time.process_time()
            losses = [t.state.log_history[0]["loss"] for t in (ours, theirs)]
            rates = [tokens / (middle - start), tokens / (end - middle)]
            ratios.append(rates[0] / rates[1])
            print(
                f"{rates[0]:,.0f} and {rates[1]:,.0f} tokens per CPU second, "
                f"{ratios[-1]:.2f} times; losses {losses[0]:.4f}, {losses[1]:.4f}"
            )
    print(f"median {statistics.median(ratios):.2f} times the tokens per CPU second of TRL")


def _trl(rows: list[dict[str, list[int]]], tokenizer: object, out: Path) -> SFTTrainer:
    """Train the same with TRL."""
    mine = arguments(SETTINGS, "knowledge", out)
    names = ("max_steps", "per_device_train_batch_size", "learning_rate", "lr_scheduler_type")
    same = {name: getattr(mine, name) for name in (*names, "warmup_steps", "seed", "logging_steps")}
    options = SFTConfig(
        str(out), **same, max_length=_LENGTH, packing=True, padding_free=False, bf16=False,
        dataset_kwargs={"skip_prepare_dataset": True}, use_cpu=True, report_to="none",
        save_strategy="no", disable_tqdm=True, gradient_checkpointing=False,
        dataloader_pin_memory=False,
    )  # fmt: skip
    model = add_adapter(make_model(tokenizer), SETTINGS.knowledge, 0)
    trainer = SFTTrainer(
        model, args=options, train_dataset=Dataset.from_list(rows), processing_class=tokenizer
    )
    trainer.train()
    return trainer


if __name__ == "__main__":
    main()
