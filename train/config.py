"""What a training file may say. Every key has its default and its meaning here."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Method = Literal["lora", "qlora", "full"]
StageName = Literal["knowledge", "instruction", "mixed"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Stage(_Section):
    """How one stage trains."""

    method: Method = Field("lora", description="lora, qlora (4-bit base) or full (all weights)")
    rank: int = Field(gt=0, description="rank of the adapter; alpha is twice the rank")
    learning_rate: float | None = Field(
        None, gt=0, description="peak, with cosine decay; the default follows from the method"
    )
    epochs: float = Field(gt=0, description="passes over the stage's rows")
    batch_size: int = Field(1, gt=0, description="packed sequences per device and step")
    accumulation: int = Field(16, gt=0, description="steps whose gradients are added up")
    warmup: float = Field(0.03, ge=0, lt=1, description="share of the steps that warm up")
    replay: float = Field(ge=0, lt=1, description="share of the other stage's sequences mixed in")

    @property
    def peak(self) -> float:
        """The learning rate: LoRA takes about ten times that of full tuning (arXiv 2405.09673)."""
        return self.learning_rate or (2e-5 if self.method == "full" else 2e-4)


class Knowledge(Stage):
    """Stage 1: the code goes into the weights."""

    rank: int = Field(64, gt=0)
    epochs: float = Field(2, gt=0)
    replay: float = Field(0.05, ge=0, lt=1)


class Instruction(Stage):
    """Stage 2: behaviour."""

    rank: int = Field(16, gt=0)
    epochs: float = Field(2, gt=0)
    replay: float = Field(0.1, ge=0, lt=1)


class Training(_Section):
    """A training file, whole."""

    join: Literal["merge", "continue", "mix"] = Field(
        "merge",
        description="merge: stage 2 trains a fresh adapter on stage 1's result; continue: it trains "
        "the same adapter on; mix: one run over both kinds, with the settings of knowledge",
    )
    residual: str | None = Field(
        None, description="chat model of the same base, whose difference to it is added"
    )
    sequence_length: int = Field(2048, ge=16, description="tokens in a packed sequence")
    fim_rate: float = Field(0.5, ge=0, le=1, description="share of fill-in-the-middle pieces")
    attention: Literal["sdpa", "eager", "flash_attention_2"] = "sdpa"
    seed: int = 0
    knowledge: Knowledge = Knowledge()
    instruction: Instruction = Instruction()
    trainer: dict[str, Any] = Field({}, description="any argument of transformers' Trainer")

    def stage(self, name: StageName) -> Stage:
        """Return the settings of a stage; the mixed one has those of knowledge."""
        return self.instruction if name == "instruction" else self.knowledge

    @model_validator(mode="after")
    def _stages_fit(self) -> Self:
        first, second = self.knowledge.method, self.instruction.method
        if self.join == "merge" and second == "qlora" and first != "full":
            raise ValueError(
                "join: merge would merge stage 1 into a 4-bit base, which moves it as much as the "
                "stage itself; with instruction.method: qlora use join: continue or mix"
            )
        if self.join == "continue" and first != second:
            raise ValueError("join: continue trains one adapter on, so both methods must be equal")
        return self
