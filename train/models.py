"""Loads models, lays adapters on them, and joins what two stages learnt."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftConfig, PeftModel, get_peft_model, prepare_model_for_kbit_training
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    set_seed,
)

from train.config import Method, Stage
from train.errors import TrainingError


def load_tokenizer(name: str) -> PreTrainedTokenizerBase:
    """Return the tokenizer of a model. Raises TrainingError if there is none."""
    try:
        return AutoTokenizer.from_pretrained(name)
    except (OSError, ValueError) as error:
        raise TrainingError(f"no tokenizer in {name}: {_line(error)}") from None


def load_model(name: str, method: Method = "lora", attention: str = "sdpa") -> PreTrainedModel:
    """Return a model in the precision that the method trains in.

    Full tuning needs fp32 weights (with bf16 autocast where the device has it); an adapter's base
    stays as it was saved, but on a CPU, which is slow in 16 bits.
    """
    options: dict[str, Any] = {"attn_implementation": attention}
    on_gpu = torch.cuda.is_available()
    if method == "qlora":
        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16 if on_gpu else torch.float32,
        )
    options["dtype"] = "auto" if method != "full" and on_gpu else torch.float32
    try:
        return AutoModelForCausalLM.from_pretrained(name, **options)
    except (OSError, ValueError, ImportError) as error:
        raise TrainingError(f"no model in {name}: {_line(error)}") from None


def add_adapter(model: PreTrainedModel, stage: Stage, seed: int) -> PeftModel:
    """Lay a fresh adapter on all linear layers; alpha is twice the rank (arXiv 2405.09673)."""
    if stage.method == "qlora":
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
    set_seed(seed)  # the adapter's first values are drawn here
    config = LoraConfig(
        r=stage.rank,
        lora_alpha=2 * stage.rank,
        lora_dropout=0.0,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, config)


def load_adapter(model: PreTrainedModel, folder: Path, trainable: bool = False) -> PeftModel:
    """Lay a saved adapter on a model."""
    if getattr(model, "is_loaded_in_4bit", False) and trainable:
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
    return PeftModel.from_pretrained(model, folder, is_trainable=trainable)


def merge(model: PeftModel) -> PreTrainedModel:
    """Add an adapter to the weights. Raises TrainingError for a 4-bit base.

    The rounding of a 4-bit base moves the logits by as much as an adapter does.
    """
    if getattr(model.get_base_model(), "is_loaded_in_4bit", False):
        raise TrainingError("an adapter is merged into full-precision weights only")
    return model.merge_and_unload()


def export_adapter(base: str, folders: Sequence[Path], out: Path) -> None:
    """Write adapters, each trained on the base with those before it merged, as ONE on the base.

    Their matrices are laid side by side: the rank is the sum of the ranks, the result exact. Raises
    TrainingError for adapters that hold more than such matrices, which would be lost.
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


def load_result(folder: Path | str) -> PreTrainedModel | PeftModel:
    """Return what a run left in its folder, as anyone would load it."""
    if not Path(folder, "adapter_config.json").is_file():
        return load_model(str(folder))
    base = PeftConfig.from_pretrained(folder).base_model_name_or_path
    return load_adapter(load_model(base), Path(folder))


def add_residual(model: PreTrainedModel, base: str, chat: str) -> PreTrainedModel:
    """Add to a tuned model what its chat model has more than its base (arXiv 2310.04799)."""
    tuned, before, after = (
        dict(part.named_parameters()) for part in (model, load_model(base), load_model(chat))
    )
    if any(key not in after or after[key].shape != tuned[key].shape for key in tuned):
        raise TrainingError(f"{chat} has other weights than {base}: no chat model of that base")
    with torch.no_grad():
        for key, weights in tuned.items():
            weights += (after[key] - before[key]).to(weights)
    return model


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
