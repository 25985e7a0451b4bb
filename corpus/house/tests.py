"""Renders rows of tests and what they test: test files, each with the files that it may be for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from corpus.config import Pipeline
from corpus.guard import Guard
from corpus.house.files import Batch, Batches, RepoFiles, groups, run_stage
from corpus.links.index import index_tests
from corpus.links.link import LinkStage
from corpus.links.pair import pair_tests
from corpus.links.stage import TestsStage
from corpus.render.tests import ComposeTestsStage
from corpus.safety.rows import RowGate
from corpus.store import Store

_TESTS_AT_A_TIME = 3
_MOST_TESTED = 6  # files that are read for each test file
_AFFIX = re.compile(r"^tests?[_-]?|[_.-]?(tests?|specs?)$", re.IGNORECASE)


def preview_tests(files: RepoFiles, pipeline: Pipeline, gate: RowGate, store: Store) -> Batches:
    """Yield the rows of a few test files after the other, then of files that may hold tests too.

    A link is as sure as the files that were read make it seem: among those of the whole repo a
    call may mean something else.
    """
    find = TestsStage(pipeline.tests.max_lines)
    compose = ComposeTestsStage(pipeline, gate)
    for number, group in enumerate(groups(_in_order(files), _TESTS_AT_A_TIME)):
        of_group = Store(store.root / str(number))
        files.read(dict.fromkeys(path for paths in group for path in paths), of_group)
        run_stage(find, of_group)
        index_tests(of_group)
        for _ in of_group.numbers("needed"):
            run_stage(LinkStage(), of_group)
        pair_tests(of_group, pipeline.tests)
        tables = {name: of_group.read(name, 0) for name in compose.inputs}
        yield Batch.of(compose(tables, Guard()), "test_row_rejects", "test_examples")


def _in_order(files: RepoFiles) -> Iterator[list[str]]:
    """Yield each test file with the files most like it in name; first those named after one."""
    tests = [path for path, language in files.languages.items() if language.is_test_path(path)]
    others = [path for path in files.languages if path not in set(tests)]
    by_stem: dict[str, list[str]] = {}
    for path in others:
        by_stem.setdefault(_about(path), []).append(path)
    tests.sort(key=lambda path: _about(path) not in by_stem)
    for test in tests:
        words = _words(test)
        ranked = sorted(others, key=lambda path: -_alike(path, test, words)) if words else []
        yield [test, *by_stem.get(_about(test), []), *ranked[:_MOST_TESTED]]
    for path in others:
        yield [path]


def _about(path: str) -> str:
    """Return what a file is about, going by its name: for ``tests/test_cart.py`` it is cart."""
    return _AFFIX.sub("", PurePosixPath(path).name.partition(".")[0]).lower()


def _alike(path: str, test: str, words: set[str]) -> float:
    """Return how likely a file holds what a test is for, going by its path."""
    same_kind = PurePosixPath(path).suffix == PurePosixPath(test).suffix
    return same_kind * (1 + len(words & _words(path)))


def _words(path: str) -> set[str]:
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+|\d+", path.rpartition(".")[0])
    return {part.lower() for part in parts} - {"test", "tests"}
