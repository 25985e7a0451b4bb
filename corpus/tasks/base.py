"""What a task module declares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from corpus.extract.sections import Sections
from corpus.ids import content_id


class Subject(Protocol):
    """What pairs are made of: a documented function, a change, a test with what it tests.

    ``row`` says where the subject stands and where its rows go: it holds at least ``repo``,
    ``commit``, ``path``, ``start_line``, ``end_line``, ``language``, ``license`` and ``split``.
    """

    @property
    def source(self) -> str:
        """Where its rows are mined from: one of ``schemas.SOURCES``."""
        ...

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
    ``context`` is a row of ``context.records.CONTEXT``, where definitions are shown with it.
    """

    row: Mapping[str, Any]
    sections: Sections
    body: str
    context: Mapping[str, Any] | None = None
    source: ClassVar[str] = "doc"

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

    ``row`` holds the columns of ``history.schemas.CHANGE`` and ``CHANGE_KIND``, and ``split``;
    ``message`` is what the commit's words leave to say of it; ``context`` is a row of
    ``context.records.CONTEXT``, where definitions are shown with it. Where ``source`` is ruff, no
    commit made it, and ``message`` is what the rule says.
    """

    row: Mapping[str, Any]
    message: str
    context: Mapping[str, Any] | None = None
    source: str = "history"
    evidence: str = "commit"

    @property
    def id(self) -> str:
        """The change's id."""
        return str(self.row["change_id"])


@dataclass(frozen=True, slots=True)
class Tested:
    """A function with tests of it: what is taught is how it is tested, so ``row`` is the test's.

    ``function`` holds the columns of ``schemas.FUNCTION``, each of ``tests`` those of
    ``links.records.TEST_UNIT``, all in one file; ``row`` is the first of them. ``context`` is what
    the function needs from around it: imports and the head of its class. ``evidence`` is that of
    the link; ``helpers`` are those of test code that the tests use (``links.support.HELPER``), and
    ``imports`` the statements that they need.
    """

    function: Mapping[str, Any]
    tests: tuple[Mapping[str, Any], ...]
    context: str
    evidence: str
    helpers: Sequence[Mapping[str, Any]] = ()
    imports: str = ""
    source: ClassVar[str] = "test"

    @property
    def row(self) -> Mapping[str, Any]:
        """The first test."""
        return self.tests[0]

    @property
    def id(self) -> str:
        """What stands for the function and its tests."""
        return content_id(self.function["function_id"], *(test["unit_id"] for test in self.tests))


@dataclass(frozen=True, slots=True)
class Specified:
    """The same the other way round: the tests say what the function must do, ``row`` is its."""

    tested: Tested
    source: ClassVar[str] = "test"

    @property
    def row(self) -> Mapping[str, Any]:
        """The function."""
        return self.tested.function

    @property
    def id(self) -> str:
        """What stands for the function and its tests."""
        return self.tested.id


@dataclass(frozen=True, slots=True)
class Mutated:
    """A function with a fault put into it, and a test that fails for it; ``row`` is the function.

    ``row`` holds the columns of ``links.records.MUTATED``.
    """

    row: Mapping[str, Any]
    source: ClassVar[str] = "mutant"

    @property
    def id(self) -> str:
        """The mutant's id."""
        return str(self.row["mutant_id"])


@dataclass(frozen=True, slots=True)
class Pair:
    """One thing to teach: what the template may say, and what the prompt must not give away.

    ``unscanned`` are texts that stand in no file or commit message as they are, such as decoded
    markup: no scan has seen them yet. ``rejected`` are the slots that make the same prompt's worse
    answer: such a pair is a row of ``preferences``.
    """

    slots: Mapping[str, Any]
    answers: tuple[str, ...]
    evidence: str
    unscanned: tuple[str, ...] = ()
    rejected: Mapping[str, Any] | None = None


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
