"""What a pipeline file may say. Every key has its default and its meaning here."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from typing import Annotated

from pathspec import GitIgnoreSpec
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from corpus.dedup.parameters import DedupParameters, Splits
from corpus.languages import LANGUAGES
from corpus.safety.policy import SafetyPolicy

TASKS = ("knowledge", "explain", "document", "implement")


def _known(word: str, words: Collection[str], what: str) -> str:
    if word not in words:
        close = difflib.get_close_matches(word, words, 1)
        hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(sorted(words))}"
        raise ValueError(f"no {what} {word!r}; {hint}")
    return word


def _pattern(text: str) -> str:
    try:
        GitIgnoreSpec.from_lines([text])
    except ValueError:
        raise ValueError(f"pattern {text!r} is not a gitignore pattern") from None
    return text


def _once(words: list[str]) -> list[str]:
    return list(dict.fromkeys(words))


Pattern = Annotated[str, AfterValidator(_pattern)]
_Language = Annotated[str, AfterValidator(lambda word: _known(word, LANGUAGES, "language"))]
_Task = Annotated[str, AfterValidator(lambda word: _known(word, TASKS, "task"))]
Languages = Annotated[list[_Language], AfterValidator(_once)]
Tasks = Annotated[list[_Task], AfterValidator(_once)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Repo(_Section):
    """One repo to read."""

    where: str = Field(description="working tree, bare git directory, address to clone, or folder")
    revision: str | None = Field(None, description="commit, branch or tag; the default is HEAD")
    name: str | None = Field(None, description="how rows name it; the default is its origin")


class Files(_Section):
    """Which files are read."""

    include: list[Pattern] = Field([], description="gitignore patterns; if given, only these files")
    exclude: list[Pattern] = Field([], description="gitignore patterns of files to leave out")
    max_bytes: int = Field(1_000_000, gt=0, description="larger files are left out")
    max_line_length: int = Field(
        5_000, gt=0, description="files with a longer line are left out: data or minified code"
    )


class Docs(_Section):
    """Which docs are good enough to teach from."""

    min_words: int = Field(3, ge=0, description="docs with fewer words are left out")
    english: bool = Field(False, description="leave out docs that are not mostly English")


class Length(_Section):
    """How long a row may be."""

    max_tokens: int = Field(
        4_096, gt=0, description="longer rows are left out (estimated at 3 characters a token)"
    )


class Pipeline(_Section):
    """A pipeline file, whole."""

    repos: list[Repo] = Field([], description="what to read")
    languages: Languages = Field([], description="only these; the default is all")
    tasks: Tasks = Field(list(TASKS), description="which rows to make")
    templates: str | None = Field(None, description="your folder of templates, over the shipped")
    files: Files = Files()
    docs: Docs = Docs()
    length: Length = Length()
    dedup: DedupParameters = DedupParameters()
    splits: Splits = Splits()
    safety: SafetyPolicy = SafetyPolicy()
