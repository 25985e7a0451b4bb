"""One run: which stages it trains, from which weights each starts, and what stands at its end.

OUT/                  the result, ready to load: adapter or weights, tokenizer, card
OUT/run.json          what was asked for; the same command goes on, another is refused
OUT/stages/<name>/    a stage's own weights, its trainer state, and stage.json once it is done
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from accelerate import PartialState, init_empty_weights
from peft import PeftConfig, PeftModel
from transformers import AutoConfig, AutoModelForCausalLM, GenerationConfig

from corpus.errors import UsageError
from corpus.publish.read import read_manifest
from train import models, stage
from train.card import write_card, write_samples
from train.config import StageName, Training
from train.encode import Encoder


@dataclass(frozen=True)
class Run:
    """What was asked for; ``data`` and ``model`` are folders or hub ids."""

    settings: Training
    data: str
    model: str
    out: Path
    asked: Literal["knowledge", "instruction", "both"] = "both"

    @property
    def stages(self) -> list[StageName]:
        """The stages to train, in their order."""
        if self.asked != "both":
            return [self.asked]
        return ["mixed"] if self.settings.join == "mix" else ["knowledge", "instruction"]

    def folder(self, name: StageName) -> Path:
        """Where a stage keeps its own."""
        return self.out / "stages" / name

    def is_full(self, name: StageName) -> bool:
        """Whether the stage trains all weights, not an adapter."""
        return self.settings.stage(name).method == "full"

    def start(self, name: StageName) -> tuple[str, list[Path]]:
        """Return from what a stage starts: weights, and the adapter on them if there is one."""
        is_second = name == "instruction" and "knowledge" in stage.stages_done(self.out)
        return self.result("knowledge") if is_second else (self.model, [])

    def result(self, name: StageName) -> tuple[str, list[Path]]:
        """Return what a stage makes: weights, and the adapters on them, each upon the last."""
        if self.is_full(name):
            return str(self.folder(name)), []
        weights, adapters = self.start(name)
        if name != "instruction":  # base + adapter + (chat - base) is chat + adapter
            weights = self.settings.residual or weights
        return weights, [*(adapters if self.settings.join == "merge" else []), self.folder(name)]


def train(run: Run) -> None:
    """Train the stages that are not done yet, and write the result. Raises UsageError."""
    for name in run.stages:
        stage.arguments(run.settings, name, run.folder(name))
    state, residual = PartialState(), run.settings.residual
    if state.is_main_process:
        _claim(run)
    state.wait_for_everyone()
    encoder, done = models.load_encoder(run.model), stage.stages_done(run.out)
    if residual and run.asked == "instruction" and "knowledge" not in done:
        raise UsageError("a residual is added to what the knowledge stage made: none is here")
    # Of all stages at once: what is wrong with the data must not show after hours of training.
    prepared = {
        name: stage.stage_sequences(run.data, name, encoder, run.settings)
        for name in run.stages
        if name not in done
    }
    if state.is_main_process and prepared:
        (run.out / "README.md").unlink(missing_ok=True)  # written last: with it, the run is done
    for name, (sequences, counts) in prepared.items():
        model = _start(run, name)
        trainer = stage.train_stage(run.settings, name, model, sequences, encoder, run.folder(name))
        if residual and name != "instruction" and run.is_full(name):
            models.add_residual(trainer.model, run.model, residual)
        stage.finish_stage(trainer, counts)
        state.wait_for_everyone()
    if state.is_main_process and not (run.out / "README.md").exists():
        _finish(run, encoder)
    state.wait_for_everyone()


def _claim(run: Run) -> None:
    """Write down what is asked for. Raises UsageError if another run has begun in the folder."""
    path, (_, digest) = run.out / "run.json", read_manifest(run.data)
    wanted: dict[str, Any] = {"base": run.model, "data": run.data, "manifest_sha256": digest}
    wanted["settings"] = run.settings.model_dump()
    found = stage.read_json(path)
    if found == wanted:
        return
    if found and (run.out / "stages").exists():
        other = next(key for key in wanted if found.get(key) != wanted[key])
        raise UsageError(f"{run.out} is a run with other {other}: name another --out")
    if run.out.exists() and {*run.out.iterdir()} - {path}:
        raise UsageError(f"{run.out} is not empty: name another --out")
    run.out.mkdir(parents=True, exist_ok=True)
    stage.write_json(path, wanted)


def _start(run: Run, name: StageName) -> Any:
    """Return the model that a stage trains, with its adapter on it."""
    (weights, adapters), chosen = run.start(name), run.settings.stage(name)
    model = models.load_model(weights, chosen.method, run.settings.attention)
    if adapters and run.settings.join == "continue":
        return PeftModel.from_pretrained(model, adapters[0], is_trainable=True)
    model = models.merge(model, adapters)
    return model if run.is_full(name) else models.add_adapter(model, chosen, run.settings.seed)


def _finish(run: Run, encoder: Encoder) -> None:
    """Write the result: ONE adapter on public weights, or whole weights; and what goes with it."""
    weights, adapters = run.result(run.stages[-1])
    if Path(weights).is_relative_to(run.out):
        (run.out / "adapter_config.json").unlink(missing_ok=True)  # of stage 1 alone
        models.merge(models.load_model(weights), adapters).save_pretrained(run.out)
    else:
        models.join_adapters(weights, adapters, run.out)
    encoder.tokenizer.save_pretrained(run.out)
    ends = sorted({encoder.end_of_turn, encoder.end_of_document})
    GenerationConfig(eos_token_id=ends).save_pretrained(run.out)
    write_samples(run.out, (models.load_model(run.model), models.load_model(str(run.out))), encoder)
    write_card(run.out)


def export(out: Path, to: Path) -> None:
    """Write the result of a run as merged full-precision weights, with its tokenizer."""
    adapters = [out] if (out / "adapter_config.json").exists() else []
    weights = PeftConfig.from_pretrained(out).base_model_name_or_path if adapters else str(out)
    models.merge(models.load_model(weights), adapters).save_pretrained(to)
    models.load_encoder(str(out)).tokenizer.save_pretrained(to)
    GenerationConfig.from_pretrained(out).save_pretrained(to)


def plan(run: Run) -> dict[str, dict[str, Any]]:
    """Return the figures of every stage, without training or loading weights.

    ``memory``, in bytes, is of one device: weights; 16 bytes of gradient and AdamW's state for each
    that is trained; activations (arXiv 2205.05198, attention not kept) and fp32 logits, thrice.
    """
    encoder, config = models.load_encoder(run.model), AutoConfig.from_pretrained(run.model)
    found: dict[str, dict[str, Any]] = {}
    for name in run.stages:
        chosen, told = (
            run.settings.stage(name),
            stage.arguments(run.settings, name, run.folder(name)),
        )
        _, counts = stage.stage_sequences(run.data, name, encoder, run.settings)
        batches = math.ceil(counts["sequences"] / told.train_batch_size / told.world_size)
        steps = math.ceil(batches / told.gradient_accumulation_steps) * told.num_train_epochs
        with init_empty_weights():
            model = AutoModelForCausalLM.from_config(config)
            total = model.num_parameters()
            model = model if run.is_full(name) else models.add_adapter(model, chosen, 0)
        trained = model.num_parameters(only_trainable=True)
        weights = total * {"full": 4, "lora": 2, "qlora": 0.55}[chosen.method]
        token = 34 * config.hidden_size * config.num_hidden_layers + 12 * config.vocab_size
        tokens = told.per_device_train_batch_size * run.settings.sequence_length
        found[name] = {
            **counts,
            "steps": told.max_steps if told.max_steps > 0 else math.ceil(steps),
            "trained_parameters": trained,
            "memory": int(weights + 16 * trained + token * tokens),
        }
    return found
