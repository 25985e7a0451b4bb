"""Says what a run would train, without training: rows, tokens, steps, parameters, memory."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from typing import Any

from accelerate import init_empty_weights
from transformers import AutoConfig, AutoModelForCausalLM

from train.config import Stage
from train.encode import NO_LOSS
from train.models import add_adapter, load_encoder
from train.pack import stage_sequences
from train.run import Run


def plan(run: Run) -> dict[str, dict[str, Any]]:
    """Return the figures of every stage, without loading weights.

    ``memory`` estimates the bytes on one device: weights; gradients, AdamW's two moments and its
    copy of what is trained; 34 bytes of activations a token, layer and hidden unit (arXiv
    2205.05198, attention not kept); and fp32 logits three times.
    """
    encoder, config = load_encoder(run.model), AutoConfig.from_pretrained(run.model)
    found: dict[str, dict[str, Any]] = {}
    for name in run.stages:
        stage = run.settings.stage(name)
        _, counts = stage_sequences(run.data, name, encoder, run.settings)
        total, trained = _parameters(config, stage)
        weights = total * {"full": 4, "lora": 2, "qlora": 0.55}[stage.method]
        token = 34 * config.hidden_size * config.num_hidden_layers + 12 * config.vocab_size
        tokens = stage.batch_size * run.settings.sequence_length
        found[name] = {
            **asdict(counts),
            "steps": math.ceil(
                counts.sequences / stage.batch_size / stage.accumulation * stage.epochs
            ),
            "parameters": total,
            "trained_parameters": trained,
            "memory": int(weights + 16 * trained + token * tokens),
        }
    return found


def _parameters(config: Any, stage: Stage) -> tuple[int, int]:
    with init_empty_weights():
        model = AutoModelForCausalLM.from_config(config)
        total = int(model.num_parameters())
        if stage.method == "full":
            return total, total
        return total, int(add_adapter(model, stage, 0).num_parameters(only_trainable=True))


def preview(run: Run, count: int) -> Iterator[tuple[str, list[tuple[str, bool]]]]:
    """Yield the first sequences of every stage, as parts of text and whether they carry loss."""
    encoder = load_encoder(run.model)
    for name in run.stages:
        for row in stage_sequences(run.data, name, encoder, run.settings)[0][:count]:
            tokens = zip(row["input_ids"], row["labels"], strict=True)
            parts = groupby(tokens, key=lambda token: token[1] != NO_LOSS)
            yield name, [(encoder.tokenizer.decode([i for i, _ in part]), on) for on, part in parts]
