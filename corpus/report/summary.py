"""The figures of a build: one funnel from paths to rows that adds up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

UNKNOWN_LICENSE = "not known"


@dataclass(frozen=True)
class RepoFigures:
    """One repo, at the commit that was read, with its date; None for a plain folder."""

    name: str
    commit: str | None
    date: str | None = None


@dataclass(frozen=True)
class RejectFigures:
    """How many rows a stage left out for one reason."""

    stage: str
    reason: str
    count: int


@dataclass(frozen=True)
class TaskFigures:
    """The rows of a task before and after the mix, and how long the outputs left are.

    Lengths are in tokens, estimated at 3 characters each: the median, the 95th percentile and the
    longest.
    """

    task: str
    made: int
    kept: int
    median: int
    p95: int
    longest: int


@dataclass(frozen=True)
class Summary:
    """What went in, what came out, what was left out, and how long it took.

    ``paths`` = ``path_rejects`` + ``files`` + ``file_rejects``; ``files`` = ``unique_files`` +
    removed copies; likewise for functions. ``commits`` are those looked at, merges not counted,
    ``changes`` the functions that they changed. ``rows`` counts by configuration and split,
    ``seconds`` is wall time by stage. ``licenses`` counts the files under each licence,
    ``redactions`` those in which something of a kind was replaced.
    """

    repos: list[RepoFigures]
    paths: int
    files: int
    unique_files: int
    functions: int
    with_doc: int
    unique_functions: int
    after_filters: int
    commits: int
    changes: int
    examples: dict[str, int]
    rows: dict[str, dict[str, int]]
    rejects: list[RejectFigures]
    mix: list[TaskFigures]
    licenses: dict[str, int]
    redactions: dict[str, int]
    seconds: dict[str, float]

    def as_json(self) -> dict[str, Any]:
        """Return the summary for scripts; rejects are ``{stage: {reason: count}}``."""
        figures = asdict(self)
        figures["rejects"] = {}
        for reject in self.rejects:
            figures["rejects"].setdefault(reject.stage, {})[reject.reason] = reject.count
        return figures

    @classmethod
    def from_json(cls, figures: Mapping[str, Any]) -> Summary:
        """Return the summary that a manifest holds, which knows no times."""
        rejects = [
            RejectFigures(stage, reason, count)
            for stage, reasons in figures["rejects"].items()
            for reason, count in reasons.items()
        ]
        repos = [RepoFigures(**repo) for repo in figures["repos"]]
        return cls(**{**figures, "repos": repos, "rejects": rejects, "seconds": {}})


@dataclass(frozen=True)
class Estimate:
    """What there is to do, and about what it will take.

    ``files`` and ``bytes`` are by language; ``seconds`` are those of a processor by stage, the wall
    clock's share of them hangs on the workers; ``memory`` is of all processes together, in bytes,
    as are ``cache`` and ``dataset`` on disk.
    """

    files: dict[str, int]
    bytes: dict[str, int]
    commits: int
    functions: int
    seconds: dict[str, float]
    workers: int
    memory: int
    cache: int
    dataset: int
