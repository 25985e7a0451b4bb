"""How the tests of a language are run: pytest for Python, for others the command that a user names.

Both leave junit XML, which is all that is read of a result. Only pytest tells which lines a test
ran, so that elsewhere nothing but a mutant proves that a test runs a function.
"""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from corpus.errors import UsageError
from corpus.ids import content_id
from corpus.languages import language_of
from corpus.verify.interpreter import ask_interpreter
from corpus.verify.results import Lines, Result, read_coverage, read_junit, read_named
from corpus.verify.sandbox import OUT, REPO

_JUNIT = f"{OUT}/junit.xml"
_PYTEST = (
    "-m pytest -q -p no:cacheprovider -o addopts= -o junit_family=xunit1 -W default "
    f"--junitxml={_JUNIT}"
).split()
_NO_TESTS = {"__init__.py", "conftest.py"}
_COVERAGE = f"--cov={REPO} --cov-context=test --cov-report= --cov-config=/dev/null".split()


class Framework(Protocol):
    """Runs tests, and reads what became of them."""

    @property
    def key(self) -> str:
        """What stands for all that a result depends on here."""

    @property
    def prefixes(self) -> tuple[str, ...]:
        """The folders that it needs in a sandbox."""

    @property
    def covers(self) -> bool:
        """Whether it can tell which lines a test ran."""

    def may_run(self, path: str) -> bool:
        """Tell whether a file that a commit touched among its tests may hold some to run."""

    def asks(self, path: str, tests: Sequence[str]) -> list[str]:
        """Return what to ask for to run the ``tests`` of a test file."""

    def commands(
        self, tests: Sequence[str], *, coverage: bool
    ) -> Iterator[tuple[list[str], Sequence[str]]]:
        """Yield the command lines that run ``tests``, and which each of them runs."""

    def read(
        self, files: Mapping[str, bytes], tests: Sequence[str]
    ) -> tuple[dict[str, Result], Lines]:
        """Return what became of tests by their ids, and the lines that each ran."""


@dataclass(frozen=True)
class Pytest:
    """Python's tests, by an interpreter that has pytest-cov."""

    python: str
    prefixes: tuple[str, ...]
    key: str
    covers: bool = True

    @classmethod
    def open(cls, python: str) -> Pytest:
        """Ask an interpreter what it has. Raises UsageError where it can't run tests."""
        if "/" in python:  # a path from here means nothing in the worktree
            python = str(Path(python).absolute())
        return cls(python, *ask_interpreter(python))

    def may_run(self, path: str) -> bool:
        """Tell whether pytest can be asked for a file."""
        return path.endswith(".py") and PurePosixPath(path).name not in _NO_TESTS

    def asks(self, path: str, tests: Sequence[str]) -> list[str]:
        """Return the file: what it holds is run, linked or not."""
        return [path]

    def commands(
        self, tests: Sequence[str], *, coverage: bool
    ) -> Iterator[tuple[list[str], Sequence[str]]]:
        """Yield one command for all."""
        yield [self.python, *_PYTEST, *(_COVERAGE if coverage else []), *tests], tests

    def read(
        self, files: Mapping[str, bytes], tests: Sequence[str]
    ) -> tuple[dict[str, Result], Lines]:
        """Read pytest's XML, and coverage's database if there is one."""
        results = read_junit(files.get("junit.xml", b""))
        return results, read_coverage(files.get("coverage", b""), results)


@dataclass(frozen=True)
class Command:
    """The tests of a language, a file at a time, by a command of ``tests.commands``."""

    language: str
    words: tuple[str, ...]
    prefixes: tuple[str, ...]
    key: str
    covers: bool = False

    @classmethod
    def open(cls, language: str, command: str) -> Command:
        """Find a command's program, if it is not the repo's own. Raises UsageError."""
        words = shlex.split(command)
        # What sets variables first is not what has to be found.
        first = next((n for n, word in enumerate(words) if word != "env" and "=" not in word), 0)
        before, program, words = words[:first], words[first], words[first + 1 :]
        if "/" in program and not program.startswith("/"):
            return cls(language, (*before, program, *words), (), content_id(command))
        found = shutil.which(program)
        if found is None:
            raise UsageError(f"tests.commands.{language}: there is no program {program!r}")
        path = Path(found).absolute()
        status = path.stat()
        key = content_id(command, str(path), str(status.st_size), str(status.st_mtime_ns))
        # No more than its own folder is seen inside: what is around it may be somebody's home.
        folders = (str(path.parent), str(path.resolve().parent))
        return cls(language, (*before, str(path), *words), folders, key)

    def may_run(self, path: str) -> bool:
        """Tell whether a file is of the language's tests."""
        language = language_of(path)
        return (
            language is not None and language.name == self.language and language.is_test_path(path)
        )

    def asks(self, path: str, tests: Sequence[str]) -> list[str]:
        """Return the tests: they are found in the XML by their titles."""
        return sorted(set(tests))

    def commands(
        self, tests: Sequence[str], *, coverage: bool
    ) -> Iterator[tuple[list[str], Sequence[str]]]:
        """Yield a command a file, whose ids or path are given: XML has no path all agree on."""
        for path, of_file in groupby(sorted(tests), lambda test: test.partition("::")[0]):
            plain = f"./{path}" if path.startswith("-") else path  # never an option
            values = {"junit": _JUNIT, "test": plain, "folder": str(PurePosixPath(path).parent)}
            yield [_filled(word, values) for word in self.words], list(of_file)

    def read(
        self, files: Mapping[str, bytes], tests: Sequence[str]
    ) -> tuple[dict[str, Result], Lines]:
        """Read the XML; of lines there is nothing."""
        return read_named(files.get("junit.xml", b""), tests), {}


def _filled(word: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\{(junit|test|folder)\}", lambda found: values[found[1]], word)


def test_id(link: Mapping[str, Any]) -> str:
    """Return the id of a link's test: pytest's without parameters; elsewhere path and titles."""
    name = link["test_name"]
    return (
        f"{link['test_path']}::{name.replace('.', '::') if link['language'] == 'python' else name}"
    )
