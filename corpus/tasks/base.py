"""What a task module declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from corpus.extract.sections import Sections


@dataclass(frozen=True, slots=True)
class Documented:
    """A function whose doc passed the filters: what the doc tasks make their pairs from.

    ``row`` holds the columns of ``schemas.FUNCTION``; ``body`` is dedented.
    """

    row: Mapping[str, Any]
    sections: Sections
    body: str


@dataclass(frozen=True, slots=True)
class Pair:
    """One thing to teach: what the template may say, and what the prompt must not give away."""

    slots: Mapping[str, Any]
    answers: tuple[str, ...]
    evidence: str


@dataclass(frozen=True, kw_only=True)
class Task:
    """A task: its slots with their meaning, and how a function becomes a pair.

    ``make`` returns None where the function holds nothing for this task.
    """

    name: str
    slots: Mapping[str, str]
    make: Callable[[Documented], Pair]
