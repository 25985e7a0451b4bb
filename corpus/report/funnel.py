"""The funnel from paths to rows: what goes into each step is what goes on and what is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Step:
    """``entered`` = ``passed`` + the sum of ``left_out``, which counts by reason."""

    name: str
    entered: int
    passed: int
    left_out: Mapping[str, int]


def funnel(figures: Mapping[str, Any]) -> list[Step]:
    """Return the steps that rows share, from the figures of a manifest.

    Functions are found in the files that were read, so ``functions`` starts with a count of its
    own, as do ``commits`` and ``changes``; every other step starts with what the one before let
    pass.
    """
    rejects = figures["rejects"]
    steps = [
        _step("paths", figures["paths"], figures["files"], _merged(rejects, "paths", "files")),
        _copies("files", figures["files"], figures["unique_files"]),
        _copies("functions", figures["functions"], figures["unique_functions"]),
        _step(
            "unique functions",
            figures["unique_functions"],
            figures["after_filters"],
            rejects.get("filter", {}),
        ),
    ]
    revised = rejects.get("revisions", {})
    commits = figures["commits"]
    left_out = rejects.get("commits", {})
    steps.append(_step("commits", commits, commits - sum(left_out.values()), left_out))
    changes, left_out = figures["changes"], _merged(rejects, "revisions", "history")
    found = changes + sum(revised.values())
    steps.append(_step("changes", found, found - sum(left_out.values()), left_out))
    return [step for step in steps if step.entered]


def tasks(figures: Mapping[str, Any]) -> list[Step]:
    """Return a step per task: the pairs that were made, the rows that came of them."""
    mixed = {row["task"]: row["made"] - row["kept"] for row in figures["mix"]}
    steps = []
    for task, rows in figures["examples"].items():
        left_out = dict(figures["rejects"].get(task, {}))
        if mixed.get(task):
            left_out["mix"] = mixed[task]
        steps.append(_step(task, rows + sum(left_out.values()), rows, left_out))
    return steps


def _copies(name: str, entered: int, passed: int) -> Step:
    return _step(name, entered, passed, {"copies": entered - passed} if entered > passed else {})


def _step(name: str, entered: int, passed: int, left_out: Mapping[str, int]) -> Step:
    return Step(name, entered, passed, dict(left_out))


def _merged(rejects: Mapping[str, Mapping[str, int]], *stages: str) -> dict[str, int]:
    merged: dict[str, int] = {}
    for stage in stages:
        for reason, count in rejects.get(stage, {}).items():
            merged[reason] = merged.get(reason, 0) + count
    return merged
