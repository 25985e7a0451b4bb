"""Loads models, lays adapters on them, joins what two stages learnt, and lets a model write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftConfig, PeftModel, get_peft_model, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig, set_seed

from train.config import Stage, TrainingError
from train.encode import Encoder


def load_encoder(name: str) -> Encoder:
    """Return the encoder of a model. Raises TrainingError if there is no such tokenizer."""
    try:
        return Encoder(AutoTokenizer.from_pretrained(name))
    except (OSError, ValueError) as error:
        raise TrainingError(f"no tokenizer in {name}: {' '.join(str(error).split())}") from None


def load_model(name: str, method: str = "lora", attention: str = "sdpa") -> Any:
    """Return a model in the precision a method trains in. Raises TrainingError if there is none.

    Full tuning needs fp32 weights, with bf16 autocast where the device has it. An adapter's base
    stays as it was saved, but on a CPU, where 16 bits are slow.
    """
    on_gpu = torch.cuda.is_available()
    options: dict[str, Any] = {"attn_implementation": attention}
    options["dtype"] = "auto" if on_gpu and method != "full" else torch.float32
    if method == "qlora":
        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16 if on_gpu else torch.float32,
        )
    try:
        model = AutoModelForCausalLM.from_pretrained(name, **options)
    except (OSError, ValueError, ImportError) as error:
        raise TrainingError(f"no model in {name}: {' '.join(str(error).split())}") from None
    if method == "qlora":
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
    return model


def load_result(folder: Path) -> Any:
    """Return what a run or stage left in its folder, as anyone would load it."""
    if not (folder / "adapter_config.json").is_file():
        return load_model(str(folder))
    base = PeftConfig.from_pretrained(folder).base_model_name_or_path
    return PeftModel.from_pretrained(load_model(base), folder)


def add_adapter(model: Any, stage: Stage, seed: int) -> PeftModel:
    """Lay a fresh adapter on all linear layers, alpha twice the rank (arXiv 2405.09673)."""
    set_seed(seed)  # the adapter's first values are drawn here
    config = LoraConfig(
        r=stage.rank,
        lora_alpha=2 * stage.rank,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, config)


def merge(model: PeftModel) -> Any:
    """Add an adapter to the weights. Raises TrainingError for 4-bit weights.

    Their rounding would move the logits by as much as the adapter does.
    """
    if getattr(model.get_base_model(), "is_loaded_in_4bit", False):
        raise TrainingError("an adapter is merged into full-precision weights only")
    return model.merge_and_unload()


def join_adapters(base: str, folders: Sequence[Path], out: Path) -> None:
    """Write adapters, each trained with those before it merged, as ONE on the base.

    Their matrices are laid side by side: the rank is the sum of the ranks, the result exact. Raises
    TrainingError for adapters that hold whole modules, which would be lost without a word.
    """
    names = [folder.name for folder in folders]
    model = PeftModel.from_pretrained(load_model(base), folders[0], adapter_name=names[0])
    for name, folder in zip(names[1:], folders[1:], strict=True):
        model.load_adapter(folder, name)
    for name, config in model.peft_config.items():
        if config.modules_to_save or config.bias != "none":
            raise TrainingError(f"the adapter {name} saves whole modules, which can't be joined")
    model.add_weighted_adapter(names, [1.0] * len(names), "default", combination_type="cat")
    model.peft_config["default"].base_model_name_or_path = base
    model.save_pretrained(out, selected_adapters=["default"])


def add_residual(model: Any, base: str, chat: str) -> None:
    """Add to a tuned model what its chat model has more than its base (arXiv 2310.04799)."""
    tuned, before, after = (
        dict(part.named_parameters()) for part in (model, load_model(base), load_model(chat))
    )
    for key, weights in tuned.items():
        if key not in after or after[key].shape != weights.shape:
            raise TrainingError(f"{chat} is no chat model of {base}: {key} differs in shape")
        weights.data += (after[key] - before[key]).to(weights)


def continuations(
    model: Any, encoder: Encoder, prompts: Sequence[list[int]], end: int, length: int
) -> Iterator[list[int]]:
    """Yield what a model writes after each prompt, greedily, up to and with ``end`` if it comes."""
    ends, pad = {end, encoder.end_of_document}, encoder.end_of_document
    for start in range(0, len(prompts), 16):
        some = prompts[start : start + 16]
        widest = max(map(len, some))
        ids = torch.tensor([[pad] * (widest - len(p)) + p for p in some], device=model.device)
        seen = torch.tensor([[0] * (widest - len(p)) + [1] * len(p) for p in some]).to(ids)
        options = {"max_new_tokens": length, "do_sample": False, "pad_token_id": pad}
        with torch.no_grad():
            found = model.generate(
                input_ids=ids, attention_mask=seen, eos_token_id=[*ends], **options
            )
        for row in found[:, widest:].tolist():
            yield row[: next((n for n, i in enumerate(row, 1) if i in ends), len(row))]
