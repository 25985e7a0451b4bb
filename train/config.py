"""What a training file may say. Every key has its default and its meaning here."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

StageName = Literal["knowledge", "instruction", "mixed"]


class TrainingError(Exception):
    """A model, dataset folder or setting that can't be met, said in one line."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Stage(_Section):
    """How one stage trains."""

    method: Literal["lora", "qlora", "full"] = Field(
        "lora", description="an adapter, an adapter on a 4-bit base, or all weights"
    )
    rank: int = Field(gt=0, description="of the adapter; alpha is twice the rank")
    learning_rate: float | None = Field(None, gt=0, description="at its peak; null: by method")
    epochs: float = Field(2, gt=0, description="passes over the sequences")
    batch_size: int = Field(1, gt=0, description="packed sequences per device")
    accumulation: int = Field(16, gt=0, description="batches whose gradients make one step")
    warmup: float = Field(0.03, ge=0, lt=1, description="share of the steps")
    replay: float = Field(ge=0, lt=1, description="share of the sequences from the other stage")

    @property
    def peak(self) -> float:
        """The learning rate: LoRA takes about ten times full tuning's (arXiv 2405.09673)."""
        return self.learning_rate or (2e-5 if self.method == "full" else 2e-4)


class Knowledge(Stage):
    """Stage 1: the code goes into the weights."""

    rank: int = Field(64, gt=0)
    replay: float = Field(0.05, ge=0, lt=1)


class Instruction(Stage):
    """Stage 2: behaviour."""

    rank: int = Field(16, gt=0)
    replay: float = Field(0.1, ge=0, lt=1)


class Training(_Section):
    """A training file, whole."""

    join: Literal["merge", "continue", "mix"] = Field(
        "merge",
        description="a fresh adapter on stage 1 merged, the same adapter trained on, or one run "
        "over both kinds of rows with the settings of knowledge",
    )
    residual: str | None = Field(
        None, description="chat model of the same base; what it has more than the base is added"
    )
    sequence_length: int = Field(2048, ge=16, description="tokens in a packed sequence")
    fim_rate: float = Field(0.5, ge=0, le=1, description="share of fill-in-the-middle pieces")
    attention: Literal["sdpa", "eager", "flash_attention_2"] = "sdpa"
    seed: int = 0
    knowledge: Knowledge = Knowledge()
    instruction: Instruction = Instruction()
    trainer: dict[str, Any] = Field({}, description="any of transformers.TrainingArguments")

    def stage(self, name: StageName) -> Stage:
        """Return the settings of a stage; the mixed one has those of knowledge."""
        return self.instruction if name == "instruction" else self.knowledge

    @model_validator(mode="after")
    def _stages_fit(self) -> Self:
        first, second = self.knowledge.method, self.instruction.method
        if self.join == "merge" and second == "qlora" and first != "full":
            raise ValueError(
                "join: merge would merge an adapter into a 4-bit base, which moves it as much as "
                "the adapter does; with instruction.method: qlora, join: continue or mix"
            )
        if self.join == "continue" and first != second:
            raise ValueError("join: continue trains one adapter on: both methods must be the same")
        return self
