"""What a task module declares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from corpus.extract.sections import Sections


class Subject(Protocol):
    """What pairs are made of: a documented function, a change, a test with what it tests.

    ``row`` says where the subject stands and where its rows go: it holds at least ``repo``,
    ``commit``, ``path``, ``start_line``, ``end_line``, ``language``, ``license`` and ``split``.
    """

    @property
    def id(self) -> str:
        """The content hash that its pairs' ids are made of."""
        ...

    @property
    def row(self) -> Mapping[str, Any]:
        """The columns of the record that it is."""
        ...


S = TypeVar("S", bound=Subject)


@dataclass(frozen=True, slots=True)
class Documented:
    """A function whose doc passed the filters: what the doc tasks make their pairs from.

    ``row`` holds the columns of ``schemas.FUNCTION`` and ``split``; ``body`` is dedented;
    ``context`` is a row of ``schemas.CONTEXT`` where definitions are shown with the function.
    """

    row: Mapping[str, Any]
    sections: Sections
    body: str
    context: Mapping[str, Any] | None = None

    @classmethod
    def of(
        cls,
        row: Mapping[str, Any],
        sections: Sections,
        context: Mapping[str, Any] | None = None,
    ) -> Documented:
        """Return the subject that a function's record and its doc's parts make."""
        body = _dedent_body(row["code_without_doc"][len(row["signature"]) :])
        return cls(row, sections, body, context)

    @property
    def id(self) -> str:
        """The function's id."""
        return str(self.row["function_id"])


def _dedent_body(body: str) -> str:
    """Take its own indent off a body that begins on a line of its own; braces stay as they are."""
    if not body.startswith("\n"):
        return body.strip()
    body = body.strip("\n").rstrip()
    indent = body[: len(body) - len(body.lstrip())]
    return body.lstrip().replace("\n" + indent, "\n") if indent else body


@dataclass(frozen=True, slots=True)
class Change:
    """A function before and after a commit, of a kind that is certain enough.

    ``row`` holds the columns of ``schemas.CHANGE`` and ``schemas.CHANGE_KIND``, and ``split``;
    ``message`` is what the commit's words leave to say of it.
    """

    row: Mapping[str, Any]
    message: str

    @property
    def id(self) -> str:
        """The change's id."""
        return str(self.row["change_id"])


@dataclass(frozen=True, slots=True)
class Pair:
    """One thing to teach: what the template may say, and what the prompt must not give away."""

    slots: Mapping[str, Any]
    answers: tuple[str, ...]
    evidence: str


@dataclass(frozen=True, kw_only=True)
class Task(Generic[S]):
    """A task: its slots with their meaning, and how a subject becomes a pair.

    ``make`` returns None where the subject holds nothing for this task. ``samples`` gives a few
    subjects that every template of the task is tried on before it meets a repo.
    """

    name: str
    subject: type[S]
    slots: Mapping[str, str]
    make: Callable[[S], Pair | None]
    samples: Callable[[], Iterable[S]]
