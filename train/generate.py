"""Lets a model write: greedy, so the same model writes the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import PreTrainedModel

from train.data import held_out_rows, training_rows
from train.encode import Encoder
from train.models import load_model, load_result

SAMPLES = "samples.json"


def continuations(
    model: PreTrainedModel | PeftModel,
    prompts: Sequence[list[int]],
    ends: Sequence[int],
    pad: int,
    length: int,
    batch: int = 8,
) -> Iterator[list[int]]:
    """Yield what the model writes after each prompt, up to and with an end token, if it comes."""
    model.eval()
    for start in range(0, len(prompts), batch):
        some = prompts[start : start + batch]
        widest = max(len(prompt) for prompt in some)
        ids = torch.tensor([[pad] * (widest - len(p)) + p for p in some], device=model.device)
        seen = torch.tensor([[0] * (widest - len(p)) + [1] * len(p) for p in some]).to(ids)
        with torch.no_grad():
            written = model.generate(
                input_ids=ids,
                attention_mask=seen,
                max_new_tokens=length,
                do_sample=False,
                eos_token_id=list(ends),
                pad_token_id=pad,
            )
        for row in written[:, widest:].tolist():
            end = next((n + 1 for n, i in enumerate(row) if i in ends), len(row))
            yield row[:end]


def write_samples(source: str, base: str, out: Path, encoder: Encoder) -> list[dict[str, Any]]:
    """Write what base and result answer to one held-out row of every task."""
    rows = held_out_rows(source, "instructions") or list(training_rows(source, "instructions"))
    samples = list({row["task"]: row for row in reversed(rows)}.values())[::-1]
    prompts = [encoder.prompt(row["messages"][:-1]) for row in samples]
    ends = (encoder.end_of_turn, encoder.end_of_document)
    answers = [
        encoder.tokenizer.batch_decode(
            list(continuations(model, prompts, ends, encoder.pad, 128)), skip_special_tokens=True
        )
        for model in (load_model(base), load_result(out))
    ]
    written = [
        {
            "task": row["task"],
            "prompt": row["messages"][-2]["content"],
            "reference": row["messages"][-1]["content"],
            "before": before,
            "after": after,
        }
        for row, before, after in zip(samples, *answers, strict=True)
    ]
    (out / SAMPLES).write_text(json.dumps(written, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return written
