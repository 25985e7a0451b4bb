"""Loads models, lays adapters on them, joins what two stages learnt, and lets a model write."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model, prepare_model_for_kbit_training
from torch.nn.utils.rnn import pad_sequence
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig, set_seed

from corpus.errors import UsageError, in_one_line
from train.config import Stage
from train.encode import Encoder


def load_encoder(name: str) -> Encoder:
    """Return the encoder of a model. Raises UsageError if there is no such tokenizer."""
    if name.startswith((".", "/", "~")) and not Path(name).is_dir():  # it can be no hub id
        raise UsageError(f"no model in {name}: there is no such folder")
    with in_one_line(f"no tokenizer in {name}"):
        tokenizer = AutoTokenizer.from_pretrained(name)
    return Encoder(tokenizer)


def load_model(name: str, method: str = "lora", attention: str = "sdpa") -> Any:
    """Return a model, or a base with its adapter. Raises UsageError if there is none."""
    on_gpu = torch.cuda.is_available()
    options: dict[str, Any] = {"attn_implementation": attention}
    # Full tuning takes fp32 weights, and autocasts. Else they stay as saved, but not on a CPU.
    options["dtype"] = "auto" if on_gpu and method != "full" else torch.float32
    if method == "qlora":
        computed = torch.bfloat16 if on_gpu else torch.float32
        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=computed
        )
    with in_one_line(f"no model in {name}"):
        model = AutoModelForCausalLM.from_pretrained(name, **options)
    if method == "qlora":
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
    return model


def add_adapter(model: Any, stage: Stage, seed: int) -> PeftModel:
    """Lay a fresh adapter on all linear layers, alpha twice the rank (arXiv 2405.09673)."""
    set_seed(seed)  # the adapter's first values are drawn here
    layers = {"target_modules": "all-linear", "task_type": "CAUSAL_LM"}
    return get_peft_model(model, LoraConfig(r=stage.rank, lora_alpha=2 * stage.rank, **layers))


def merge(model: Any, folders: Sequence[Path]) -> Any:
    """Add adapters to full-precision weights, each upon the last."""
    for folder in folders:
        model = PeftModel.from_pretrained(model, folder).merge_and_unload()
        model.requires_grad_(True)  # the adapter had frozen it
    return model


def join_adapters(base: str, folders: Sequence[Path], out: Path) -> None:
    """Write adapters, each trained with those before it merged, as ONE on the base: exactly.

    Their matrices are laid side by side. Raises UsageError for whole modules, which would be lost.
    """
    names = [folder.name for folder in folders]
    model = PeftModel.from_pretrained(load_model(base), folders[0], adapter_name=names[0])
    for name, folder in zip(names[1:], folders[1:], strict=True):
        model.load_adapter(folder, name)
    for name, config in model.peft_config.items():
        if config.modules_to_save or config.bias != "none":
            raise UsageError(f"the adapter {name} saves whole modules, which can't be joined")
    model.add_weighted_adapter(names, [1.0] * len(names), "default", combination_type="cat")
    model.peft_config["default"].base_model_name_or_path = base
    model.save_pretrained(out, selected_adapters=["default"])


def add_residual(model: Any, base: str, chat: str) -> None:
    """Add to a tuned model what its chat model has more than its base (arXiv 2310.04799)."""
    before, after = (load_model(name).state_dict() for name in (base, chat))
    with in_one_line(f"{chat} is no chat model of {base}"):
        for key, weights in model.named_parameters():
            weights.data += (after[key] - before[key]).to(weights)


def continuations(
    model: Any, encoder: Encoder, prompts: Sequence[list[int]], end: int, length: int
) -> Iterator[list[int]]:
    """Yield what a model writes after each prompt, greedily: ``length`` tokens, or to its end."""
    ends = [end, encoder.end_of_document]
    options = {"eos_token_id": ends, "pad_token_id": ends[1], "do_sample": False}
    for start in range(0, len(prompts), 16):
        some = [torch.tensor(prompt) for prompt in prompts[start : start + 16]]
        ids = pad_sequence(some, True, ends[1], "left").to(model.device)
        seen = pad_sequence([torch.ones_like(p) for p in some], True, 0, "left").to(model.device)
        wrote = model.generate(input_ids=ids, attention_mask=seen, max_new_tokens=length, **options)
        for row in wrote[:, ids.shape[1] :].tolist():
            stop = next((n for n, i in enumerate(row, 1) if i in ends), len(row))
            yield row[:stop]
