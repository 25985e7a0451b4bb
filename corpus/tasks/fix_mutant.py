"""fix_mutant: a function with a fault put into it and the test that fails in, the function out."""

from __future__ import annotations

from typing import Any

from corpus.tasks.base import Mutated, Pair, Task
from corpus.tasks.samples import mutated_samples

_OPERATORS = {
    "comparison": "the comparison is the wrong way round",
    "off_by_one": "the comparison is off by one",
    "boolean": "the wrong boolean operator joins the conditions",
    "arithmetic": "the wrong arithmetic operator is used",
    "constant": "a constant has the wrong value",
    "negated_condition": "the condition is negated",
    "removed_assignment": "an assignment is missing",
    "removed_call": "a call is missing",
    "swapped_arguments": "the arguments of a call are swapped",
    "early_return": "the value is not returned",
    "wrong_exception": "the wrong exception is raised",
}


def mutant_slots(mutated: Mutated) -> dict[str, Any]:
    """Return what templates may say of a mutant: what is recorded, and nothing more."""
    row = mutated.row
    source = row["code_without_doc"].encode()
    start, end = row["start"], row["end"]
    faulty = (source[:start] + row["replacement"].encode() + source[end:]).decode()
    missing = "" if row["replacement"] else source[start:end].decode().strip()
    # What is missing was on a line of its own, if it began with the line end before it.
    number = source[: start + 1].count(b"\n") if missing else source[:start].count(b"\n")
    lines = faulty.split("\n")
    return {
        "language": row["language"],
        "name": row["qualified_name"],
        "path": row["path"],
        "faulty_code": faulty,
        "code": row["code_without_doc"],
        "test": row["test"],
        "test_code": row["unit"]["code"],
        "message": row["message"],
        "line": number + 1,
        "missing": missing,
        "faulty_line": lines[number].strip() if number < len(lines) else "",
        "right_line": row["code_without_doc"].split("\n")[number].strip(),
        "fault": _OPERATORS[row["operator"]],
    }


SLOTS = {
    "language": "the language's name, as a code fence has it",
    "name": "the function's qualified name",
    "path": "the path of the function's file in the repo",
    "faulty_code": "the function with the fault, without its doc",
    "code": "the function as it stands in the repo, without its doc",
    "test": "the id of the failing test",
    "test_code": "the failing test as it stands in the repo",
    "message": "what the failing test said",
    "line": "the line of the fault, counted from 1 in the code",
    "missing": "the statement that is missing, or nothing",
    "faulty_line": "that line, with the fault",
    "right_line": "that line as it stands in the repo",
    "fault": "what kind of fault it is",
}


def evidence(mutated: Mutated) -> str:
    """Return all that it takes to make the mutant again and to see it fail."""
    row = mutated.row
    return (
        f"mutant {row['operator']} bytes {row['start']}-{row['end']} of the code without its doc: "
        f"{row['replacement']!r}; fails {row['test']}"
    )


def _make(mutated: Mutated) -> Pair:
    slots = mutant_slots(mutated)
    return Pair(
        slots, answers=(slots["code"],), evidence=evidence(mutated), unscanned=(slots["message"],)
    )


TASK = Task(name="fix_mutant", subject=Mutated, slots=SLOTS, samples=mutated_samples, make=_make)
