"""Says what a run would train, without training: tokens, steps, parameters and memory."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from accelerate import init_empty_weights
from transformers import AutoConfig, AutoModelForCausalLM

from train.config import Stage
from train.encode import Encoder
from train.models import add_adapter, load_tokenizer
from train.run import Run
from train.sequences import stage_sequences


def plan(run: Run) -> dict[str, dict[str, Any]]:
    """Return the figures of every stage. Loads no weights; memory is an estimate in bytes."""
    encoder = Encoder(load_tokenizer(run.model))
    found = {}
    for name in run.stages:
        stage, settings = run.settings.stage(name), run.settings
        sequences, counts = stage_sequences(run.data, name, encoder, settings)
        steps = math.ceil(len(sequences) / (stage.batch_size * stage.accumulation))
        config, total, trained = _parameters(run.model, stage)
        found[name] = {
            **asdict(counts),
            "method": stage.method,
            "steps": math.ceil(steps * stage.epochs),
            "parameters": total,
            "trained": trained,
            "memory": _memory(config, stage, settings.sequence_length, total, trained),
        }
    return found


def _parameters(name: str, stage: Stage) -> tuple[Any, int, int]:
    config = AutoConfig.from_pretrained(name)
    with init_empty_weights():
        model = AutoModelForCausalLM.from_config(config)
        total = model.num_parameters()
        if stage.method == "full":
            return config, total, total
        adapter = add_adapter(model, stage.model_copy(update={"method": "lora"}), 0)
    return config, total, adapter.num_parameters(only_trainable=True)


def _memory(config: Any, stage: Stage, length: int, total: int, trained: int) -> int:
    """Estimate the bytes on one device: weights, gradients and AdamW, activations, logits.

    Activations are 34 bytes a token, layer and hidden unit (arXiv 2205.05198, attention not kept),
    logits three times fp32.
    """
    weight = {"full": 4.0, "lora": 2.0, "qlora": 0.55}[stage.method]
    tokens = stage.batch_size * length
    activations = 34 * tokens * config.hidden_size * config.num_hidden_layers
    return int(total * weight + trained * 16 + activations + 12 * tokens * config.vocab_size)
