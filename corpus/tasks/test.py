"""test: a function in, the tests that the repo has for it out."""

from __future__ import annotations

from typing import Any

from corpus.tasks.base import Pair, Task, Tested
from corpus.tasks.samples import tested_samples


def test_slots(tested: Tested) -> dict[str, Any]:
    """Return what templates may say of a function and its tests."""
    function, first = tested.function, tested.row
    return {
        "language": function["language"],
        "name": function["qualified_name"],
        "path": function["path"],
        "context": tested.context,
        "code": function["code"],
        "test_path": first["path"],
        "scope": first["scope"],
        "fixtures": sorted({name for test in tested.tests for name in test["fixtures"]}),
        "helpers": tested.helpers,
        "imports": tested.imports,
        "tests": "\n\n".join(test["code"] for test in tested.tests),
        "count": len(tested.tests),
    }


SLOTS = {
    "language": "the language's name, as a code fence has it",
    "name": "the function's qualified name",
    "path": "the path of the function's file in the repo",
    "context": "the imports that the function needs and the head of its class, or nothing",
    "code": "the function as it stands in the repo",
    "test_path": "the path of the tests' file in the repo",
    "scope": "the heads of the classes or groups that the first test stands in, outermost first",
    "fixtures": "the names of the fixtures and parameters that the tests take",
    "helpers": "the helpers of test code that the tests use: each with name, path and signature",
    "imports": "the import statements that the tests need, as they stand in the repo",
    "tests": "the tests as they stand in the repo, dedented",
    "count": "how many tests there are",
}


def _make(tested: Tested) -> Pair:
    function = tested.function
    place = f"{function['path']}:{function['start_line']}-{function['end_line']}"
    return Pair(
        slots=test_slots(tested),
        answers=tuple(test["code"] for test in tested.tests),
        evidence=f"test of {place} ({tested.evidence})",
    )


TASK = Task(name="test", subject=Tested, slots=SLOTS, samples=tested_samples, make=_make)
