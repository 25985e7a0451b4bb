"""What a pipeline file may say about duplicates and splits."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(f"{text!r} is no day; write it as 2024-01-31") from None


Day = Annotated[str, BeforeValidator(str), AfterValidator(_day)]
"""A day as YAML reads it or as text, kept as ISO text."""


class DedupParameters(BaseModel):
    """When two texts count as duplicates of each other, and how they are looked for."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    threshold: float = Field(
        default=0.7,
        gt=0.0,
        le=1.0,
        description="Least Jaccard similarity of two shingle sets that makes near-duplicates.",
    )
    permutations: int = Field(
        default=128,
        ge=16,
        le=4096,
        description="Length of a MinHash signature; more of them cost time and miss fewer pairs.",
    )
    shingle: int = Field(
        default=5,
        ge=1,
        le=64,
        description="Words in a row that make one shingle; shorter texts are compared whole.",
    )
    normalise_identifiers: bool = Field(
        default=False,
        description="Let shingles that differ only in a consistent renaming count as equal.",
    )


class Splits(BaseModel):
    """How rows are divided; equal code is never on two sides."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    by: Literal["cluster", "repo", "path", "time"] = Field(
        "cluster",
        description="what decides who is held out: a hash of the path, the repo, folder or time",
    )
    validation: float = Field(0.05, ge=0, lt=1, description="share of the files; by cluster, time")
    test: float = Field(0.05, ge=0, lt=1, description="share of the files; by cluster")
    validation_in: list[str] = Field([], description="repos or folders, by repo or path")
    test_in: list[str] = Field([], description="repos or folders, by repo or path")

    test_since: Day | None = Field(
        None, description="by time: what commits changed from this day on (UTC) is for test"
    )

    @field_validator("validation_in", "test_in")
    @classmethod
    def _bare(cls, names: list[str]) -> list[str]:
        bare = [name.strip("/") for name in names]
        if not all(bare):
            raise ValueError("a repo or folder must have a name")
        return bare

    @model_validator(mode="after")
    def _leave_something_to_train_on(self) -> Splits:
        if self.validation + self.test >= 1:
            raise ValueError("validation and test together must leave something to train on")
        named = [*self.validation_in, *self.test_in]
        if (self.by == "time") != (self.test_since is not None):
            raise ValueError("`by: time` and test_since need each other")
        if self.by in ("cluster", "time") and named:
            raise ValueError("validation_in and test_in need `by: repo` or `by: path`")
        if self.by in ("repo", "path") and not named:
            raise ValueError(f"by {self.by} needs names in validation_in or test_in")
        if len(set(named)) < len(named):
            raise ValueError("a name stands twice in validation_in and test_in")
        return self
