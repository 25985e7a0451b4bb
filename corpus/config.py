"""The schema of a pipeline file: every key with its default and its meaning."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Collection
from typing import Annotated, Literal

from pathspec import GitIgnoreSpec
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from corpus.dedup.parameters import Day, DedupParameters, Splits
from corpus.languages import LANGUAGES
from corpus.safety.policy import SafetyPolicy

TASKS = (
    "knowledge",
    "explain",
    "document",
    "implement",
    "fix",
    "refactor",
    "update_doc",
    "test",
    "test_first",
    "fix_mutant",
    "explain_failure",
    "security",
    "policy",
    "preferences",
)
# Not made unless they are asked for: bandit takes ten times as long as parsing, and nobody should
# get refusals without having read policies.yaml. Preferences are for another kind of training.
ON_DEMAND = ("security", "policy", "preferences")


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
_Count = Annotated[int, Field(gt=0)]
_Share = Annotated[float, Field(ge=0, le=1)]
Languages = Annotated[list[_Language], AfterValidator(_once)]
Tasks = Annotated[list[_Task], AfterValidator(_once)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Repo(_Section):
    """One repo to read."""

    where: str = Field(
        description="working tree, bare git directory, address to clone, or folder; s3://… too"
    )
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
    max_changed: _Share = Field(
        0.5, description="share of the code that may have changed since the doc was written"
    )


class History(_Section):
    """Which commits are mined for changes, and which changes make rows."""

    max_commits: int = Field(2_000, ge=0, description="newest commits to read; 0: none")
    since: Day | None = Field(None, description="only commits from this day on (UTC)")
    until: Day | None = Field(None, description="only commits before this day (UTC)")
    skip_authors: list[str] = Field([], description="names or addresses to skip")
    max_files: int = Field(20, gt=0, description="skip commits that change more source files")
    max_functions: int = Field(8, gt=0, description="skip commits that change more functions")
    max_lines: int = Field(120, gt=0, description="longer functions are left out")
    min_confidence: float = Field(
        0.6, ge=0, le=1, description="leave out rows of a less certain kind"
    )


class Refactor(_Section):
    """What refactor rows are made of besides commits."""

    ruff: list[str] = Field([], description="ruff rules whose safe fixes become rows, as [SIM, UP]")


# Rows are measured without a tokenizer. Code models' BPE tokenizers take 3 to 4 characters of
# code a token; the low end rejects a row too many instead of one too few.
CHARACTERS_PER_TOKEN = 3


class Length(_Section):
    """How long a row may be."""

    max_tokens: int = Field(
        4_096, gt=0, description="longer rows are left out (estimated at 3 characters a token)"
    )
    max_output_tokens: dict[_Task, _Count] = Field(
        {}, description="rows of a task with a longer output are left out, as {explain: 300}"
    )


class Context(_Section):
    """Which functions are shown with definitions of what they call."""

    share: _Share = Field(0.3, description="share of the documented functions")
    fixes: _Share = Field(0.3, description="share of the fixes")
    snippets: int = Field(5, ge=2, description="definitions in each, distractors included")
    max_lines: _Count = Field(40, description="longer definitions are not shown")
    lacking: _Share = Field(0.25, description="share of these rows that hide a needed definition")


class Mix(_Section):
    """How many rows to keep of each kind. Which ones are kept depends on their ids and the seed."""

    seed: int = Field(0, description="another seed keeps different rows")
    weights: dict[_Task, _Share] = Field({}, description="share of rows to keep by task")
    per_function: _Count | None = Field(None, description="at most this many rows per function")
    per_task: dict[_Task, _Count] = Field({}, description="at most this many rows per task")
    per_repo: _Count | None = Field(None, description="at most this many rows per repo")
    per_language: dict[_Language, _Count] = Field(
        {}, description="at most this many rows per language"
    )
    docs_share: _Share = Field(0.5, description="largest share of rows from docs alone")
    enough: float = Field(
        1.0, ge=0, description="other rows per documented function from which docs_share applies"
    )


def _test_command(text: str) -> str:
    try:
        _program, *words = shlex.split(text)
    except ValueError:
        raise ValueError(f"{text!r} is no command") from None
    said = " ".join(words)
    if "{junit}" not in said or not ("{test}" in said or "{folder}" in said):
        raise ValueError(f"command {text!r} has no {{junit}}, or neither {{test}} nor {{folder}}")
    return text


def _but_python(commands: dict[str, str]) -> dict[str, str]:
    if "python" in commands:
        raise ValueError("python needs no command: its tests run with pytest")
    return commands


_Command = Annotated[str, AfterValidator(_test_command)]


class Tests(_Section):
    """Which tests are linked to which functions, and what rows are made of them."""

    min_confidence: float = Field(0.95, ge=0, le=1, description="less certain links give no rows")
    max_lines: int = Field(60, gt=0, description="longer tests are left out")
    per_function: int = Field(3, gt=0, description="most tests of a function in the rows")
    together: bool = Field(False, description="put all tests of a function into one row")
    verified: str | None = Field(None, description="dataset folder that `tunesmith verify` ran on")
    tier: Literal["static", "executed", "mutant_killed"] = Field(
        "static", description="least proof that a link needs; needs `verified`"
    )
    fix_tier: Literal["static", "fail_to_pass"] = Field(
        "static", description="least proof that a fix needs; needs `verified`"
    )
    mutants_per_function: int = Field(1, ge=0, description="most mutants of a function in the rows")
    commands: Annotated[dict[_Language, _Command], AfterValidator(_but_python)] = Field(
        {}, description="test command for each language but Python, which has pytest"
    )


class Cache(_Section):
    """What a build keeps so that the next one has less to do."""

    max_bytes: int = Field(
        20_000_000_000, ge=0, description="above it, the longest unused is deleted"
    )


NOT_OF_ROWS = frozenset({"cache", "engine", "ray_address", "worker_memory"})
"""Settings that say where and how work is done and do not affect the rows."""


class Pipeline(_Section):
    """A pipeline file, whole."""

    repos: list[Repo] = Field([], description="what to read")
    languages: Languages = Field([], description="languages to read; none means all")
    tasks: Tasks = Field(
        [task for task in TASKS if task not in ON_DEMAND], description="which rows to make"
    )
    templates: str | None = Field(None, description="your template folder, over the shipped one")
    files: Files = Files()
    docs: Docs = Docs()
    history: History = History()
    refactor: Refactor = Refactor()
    length: Length = Length()
    context: Context = Context()
    mix: Mix = Mix()
    dedup: DedupParameters = DedupParameters()
    splits: Splits = Splits()
    tests: Tests = Tests()
    safety: SafetyPolicy = SafetyPolicy()
    cache: Cache = Cache()
    engine: Literal["local", "ray"] = Field("local", description="local processes, or Ray")
    worker_memory: int | None = Field(
        None,
        ge=2**29,
        description="bytes per worker; files that need more are left out",
    )
    ray_address: str | None = Field(
        None, description="address for `engine: ray`; by default this machine"
    )
