"""What of a shard's functions can be called from a test, and by which name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Set
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.links.modules import without_extension
from corpus.links.records import CALLABLE
from corpus.schemas import Columns

# Languages whose code calls each other.
FAMILIES = {
    "javascript": "ecmascript",
    "typescript": "ecmascript",
    "tsx": "ecmascript",
    "cpp": "c",
    "kotlin": "java",
    "scala": "java",
}
_READ = ["function_id", "repo", "path", "language", "kind", "name", "qualified_name", "signature",
         "start_line", "end_line", "is_test"]  # fmt: skip
_STUBS = (".pyi", ".d.ts")  # declarations for a type checker, which nothing runs
_OVERLOAD = re.compile(r"@(\w+\.)?overload\b")
_PROPERTY = re.compile(r"@[\w.]*property\b|^(\w+ )*get \w+\(")
_BRACKET = re.compile(r"[(\[{<>}\]]")
_TYPE_AFTER = re.compile(r"\b([A-Z]\w*)")
_TYPE_BEFORE = re.compile(r"\b([A-Z]\w*)(?:<[^()]*>)?\s+\Z")
_OPENS = re.compile(r"\s*\(")


def callables(functions: pa.Table, units: Set[str]) -> pa.Table:
    """Return the functions that can be called from a test, as ``records.CALLABLE``.

    Test code (``units`` by id, and what extraction saw as such) is left out, and so are functions
    inside functions. A constructor is called by the name of its class.
    """
    found = Columns(CALLABLE)
    columns = [functions[name].to_pylist() for name in _READ]
    outer = set(
        zip(columns[_READ.index("path")], columns[_READ.index("qualified_name")], strict=True)
    )
    numbers: Counter[tuple[str, str]] = Counter()
    # The body of a protocol's method, which nothing runs.
    is_stub = pc.ends_with(functions["code_without_doc"], "...").to_pylist()
    for values, stub in zip(zip(*columns, strict=True), is_stub, strict=True):
        row = dict(zip(_READ, values, strict=True))
        name = row["qualified_name"]
        scope = name[: len(name) - len(row["name"])].rstrip(".")
        is_inner = (row["path"], scope) in outer
        if is_inner or row["is_test"] or row["function_id"] in units:
            continue
        if stub or row["path"].endswith(_STUBS):
            continue
        # Of overloads written out for a type checker, the one that runs has no such mark.
        if "overload" in row["signature"] and _OVERLOAD.search(row["signature"]):
            continue
        found.add(**_callable(row, scope.rpartition(".")[2], numbers[row["path"], name]))
        numbers[row["path"], name] += 1
    return found.table()


def _callable(row: dict[str, Any], owner: str, number: int) -> dict[str, Any]:
    signature = row["signature"]
    own = ("function_id", "repo", "path", "kind", "qualified_name", "start_line", "end_line")
    return {name: row[name] for name in own} | {
        "number": number,
        "family": FAMILIES.get(row["language"], row["language"]),
        "place": without_extension(row["path"]),
        "key": owner if owner and row["kind"] == "constructor" else row["name"],
        "owner": owner,
        "gives": _gives(signature, row["name"]),
        "arity": _arity(signature),
        "is_property": bool(_PROPERTY.search(signature)),
    }


def _arity(signature: str) -> int:
    """Return how many parameters a signature lists, commas in brackets aside."""
    _, opened, inside = signature.partition("(")
    if not opened or inside.lstrip().startswith(")"):
        return 0
    end = inside.find(")")
    plain = inside[:end]
    if end >= 0 and not _BRACKET.search(plain):
        return plain.count(",") + 1
    depth = commas = 0
    for character in inside:
        if character in "([{<":
            depth += 1
        elif character in ")]}>":
            if depth == 0:
                break
            depth -= 1
        commas += character == "," and depth == 0
    return commas + 1


def _gives(signature: str, name: str) -> str:
    """Return the type that a signature says a function gives: after its parameters, or before."""
    head, _, tail = signature.rpartition(")")
    if after := _TYPE_AFTER.search(tail):
        return after[1]
    text = head + tail
    at = text.find(name)
    while at >= 0:
        before = text[at - 1 : at].isspace() and _OPENS.match(text, at + len(name))
        if before and (found := _TYPE_BEFORE.search(text[:at])):
            return found[1]
        at = text.find(name, at + 1)
    return ""
