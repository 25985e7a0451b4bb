"""What a training file may say; ``pipelines/two_stage.yaml`` explains every key and its default."""

from typing import Any, Literal, Self

from pydantic import BaseModel, Field, model_validator

StageName = Literal["knowledge", "instruction", "mixed"]


class Stage(BaseModel, extra="forbid", frozen=True, strict=True):
    """How one stage trains."""

    method: Literal["lora", "qlora", "full"] = "lora"
    rank: int = Field(gt=0)
    learning_rate: float | None = Field(None, gt=0)
    epochs: float = Field(2, gt=0)
    batch_size: int = Field(1, gt=0)
    accumulation: int = Field(16, gt=0)
    replay: float = Field(ge=0, lt=1)


class Knowledge(Stage):
    """Stage 1: the code goes into the weights."""

    rank: int = Field(64, gt=0)
    replay: float = Field(0.05, ge=0, lt=1)


class Instruction(Stage):
    """Stage 2: behaviour."""

    rank: int = Field(16, gt=0)
    replay: float = Field(0.1, ge=0, lt=1)


class Training(BaseModel, extra="forbid", frozen=True, strict=True):
    """A training file, whole."""

    join: Literal["merge", "continue", "mix"] = "merge"
    residual: str | None = None
    sequence_length: int = Field(2048, ge=16)
    fim_rate: float = Field(0.5, ge=0, le=1)
    attention: Literal["sdpa", "eager", "flash_attention_2"] = "sdpa"
    seed: int = 0
    knowledge: Knowledge = Knowledge()
    instruction: Instruction = Instruction()
    trainer: dict[str, Any] = {}

    def stage(self, name: StageName) -> Stage:
        """Return the settings of a stage; the mixed one has those of knowledge."""
        return self.instruction if name == "instruction" else self.knowledge

    @model_validator(mode="after")
    def _stages_fit(self) -> Self:
        first, second = self.knowledge.method, self.instruction.method
        if self.join == "merge" and second == "qlora" and first != "full":
            wanted = "with instruction.method: qlora, join: continue or mix"
            raise ValueError(f"join: merge would merge an adapter into a 4-bit base; {wanted}")
        if self.join == "continue" and first != second:
            raise ValueError("join: continue trains one adapter on: both methods must be the same")
        return self
