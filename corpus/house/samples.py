"""The pairs that the templates of a task are tried on."""

from __future__ import annotations

from collections.abc import Iterator

from corpus.tasks.base import Pair
from corpus.tasks.registry import TASKS


def sample_pairs(task: str) -> Iterator[Pair]:
    """Yield a task's pairs of the samples in every language that it is for."""
    if task == "knowledge":
        for pair in sample_pairs("explain"):
            place = {name: pair.slots[name] for name in ("language", "path")}
            text = {"text": f"{pair.slots['code']}\n", "repo": "sample", "line_comment": "//"}
            yield Pair({**place, **text}, (), "")
        return
    for subject in TASKS[task].samples():
        made = TASKS[task].make(subject)
        if made is not None:
            yield made
