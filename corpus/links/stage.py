"""The stage from files to tests, to what tests use, and to what all of them call."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from corpus.fingerprint import fingerprint
from corpus.guard import Guard
from corpus.languages import LANGUAGES
from corpus.links.callables import callables
from corpus.links.imports import Bound, words_for
from corpus.links.receivers import Holding, Receiver, held, holdings, returned
from corpus.links.records import TEST_CALL, TEST_UNIT
from corpus.links.units import Unit, find_units
from corpus.links.view import MENTIONED, Call, View, view
from corpus.schemas import Columns

_WORD = re.compile(r"(?<![.\w$])[\w$]+")  # no attribute: no import binds one
_OWN = frozenset({"self", "this", "cls", "Self", "super"})
# A statement that binds no name which could be looked for: the code may need it.
_BINDS_ALL = re.compile(r"^(#include|require|using|source|load|\.)|\*|^@testable")


@dataclass(frozen=True)
class TestsStage:
    """Reads the files that hold tests once more, for what extraction does not look at."""

    max_lines: int
    name: str = "tests"
    inputs: tuple[str, ...] = ("files", "file_verdicts", "functions", "function_verdicts")

    @property
    def fingerprint(self) -> str:
        """A hash of the settings."""
        return fingerprint(self.max_lines)

    def __call__(self, tables: Mapping[str, pa.Table], guard: Guard) -> Mapping[str, pa.Table]:
        """Return the tables ``test_units``, ``test_calls`` and ``callables``."""
        units = Columns(TEST_UNIT)
        calls: list[tuple[Any, ...]] = []
        for file, functions in _with_tests(tables):
            language = LANGUAGES[file["language"]]
            seen = view(language, file["text"])
            found = find_units(language, file, functions, seen, self.max_lines)
            said = holdings(file["text"])
            lines = [call.line for call in seen.calls]
            said_lines = _lines(file["text"], said)
            # What a variable is in one test says nothing of it in another.
            inside_tests = {
                number
                for unit in found
                if unit.kind == "test"
                for number in range(len(said))[_span(unit, said_lines)]
            }
            types = held(h for number, h in enumerate(said) if number not in inside_tests)
            imports = _Imports.of(seen, language.name)
            for unit in found:
                inside = seen.calls[_span(unit, lines)]
                words = frozenset(_WORD.findall(unit.code))
                needed = imports.needed(words)
                units.add(**_unit_row(file, unit, needed, _uses(unit, found, inside)))
                known = types | held(said[_span(unit, said_lines)])
                calls += _call_rows(unit, inside, known, words, imports.bound)
        made = units.table()
        columns = list(zip(*calls, strict=True)) or [()] * len(TEST_CALL)
        return {
            "test_units": made,
            "test_calls": pa.table(list(map(pa.array, columns, TEST_CALL.types)), TEST_CALL),
            "callables": callables(tables["functions"], set(made["unit_id"].to_pylist())),
        }


@dataclass(frozen=True)
class _Imports:
    """The import statements of a file, the names that each binds, and what a name stands for."""

    statements: list[tuple[str, frozenset[str] | None]]
    bound: dict[str, Bound]

    @classmethod
    def of(cls, seen: View, language: str) -> _Imports:
        """Read them; a statement whose names can't be told binds None."""
        statements: list[tuple[str, frozenset[str] | None]] = [
            (i.text, None)
            if _BINDS_ALL.search(i.text)
            else (i.text, frozenset().union(*(words_for(b, language) for b in i.bound)))
            for i in seen.imports
        ]
        return cls(statements, {b.name: b for i in seen.imports for b in i.bound})

    def needed(self, words: frozenset[str]) -> list[str]:
        """Return the statements that code of such words needs."""
        return [t for t, names in self.statements if names is None or not names.isdisjoint(words)]


def _lines(text: str, said: list[Holding]) -> list[int]:
    """Put what is said of variables in its order, and return the lines that it stands on."""
    said.sort(key=lambda holding: holding.at)
    ends = [found.start() for found in re.finditer("\n", text)]
    return [bisect_left(ends, holding.at) + 1 for holding in said]


def _span(unit: Unit, lines: list[int]) -> slice:
    """Return the part of a list, sorted by lines, that a unit holds."""
    return slice(bisect_left(lines, unit.start_line), bisect_right(lines, unit.end_line))


def _with_tests(
    tables: Mapping[str, pa.Table],
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Yield the files that hold tests, each with its functions, both with dedup's verdicts."""
    functions, verdicts = tables["functions"], tables["function_verdicts"]
    light = functions.select(["path", "repo", "is_test"]).to_pylist()
    rows: dict[tuple[str, str], list[int]] = {}
    for number, row in enumerate(light):
        rows.setdefault((row["repo"], row["path"]), []).append(number)
    columns = ["function_id", "name", "qualified_name", "signature", "code", "start_line",
               "end_line", "is_test"]  # fmt: skip
    files, file_verdicts = tables["files"], tables["file_verdicts"]
    paths = zip(*(files[name].to_pylist() for name in ("repo", "path", "language")), strict=True)
    for place, (repo, path, language) in enumerate(paths):
        numbers = pa.array(rows.get((repo, path), []), pa.int64())
        marked = any(light[number]["is_test"] for number in numbers.to_pylist())
        if marked or LANGUAGES[language].is_test_path(path):
            file = files.slice(place, 1).to_pylist()[0]
            file |= file_verdicts.select(["kept", "split"]).slice(place, 1).to_pylist()[0]
            own = functions.select(columns).take(numbers).to_pylist()
            judged = verdicts.select(["kept", "split"]).take(numbers).to_pylist()
            yield file, [row | verdict for row, verdict in zip(own, judged, strict=True)]


def _unit_row(
    file: Mapping[str, Any], unit: Unit, imports: list[str], uses: list[str]
) -> dict[str, Any]:
    own = {name: file[name] for name in ("repo", "path", "blob_id", "language", "license")}
    return own | {
        "unit_id": unit.unit_id,
        "split": unit.split,
        "kind": unit.kind,
        "name": unit.name,
        "scope": unit.scope,
        "code": unit.code,
        "start_line": unit.start_line,
        "end_line": unit.end_line,
        "imports": imports,
        "uses": uses,
        "fixtures": unit.parameters,
        "returns": returned(unit.code) if unit.kind == "fixture" else "",
        "redactions": [kind for kind in file["redactions"] if f"{kind.upper()}_" in unit.code],
        "reason": unit.reason,
    }


def _uses(unit: Unit, found: list[Unit], calls: list[Call]) -> list[str]:
    """Return the ids of the hooks around a unit, and of its file's helpers that it calls."""
    called = {call.name for call in calls if call.on.path in ("", *_OWN)} | set(unit.parameters)
    return [
        other.unit_id
        for other in found
        if other is not unit
        and (
            (other.kind == "hook" and unit.place.startswith(other.place))
            or (other.kind in ("helper", "fixture") and other.own_name in called)
        )
    ]


def _call_rows(
    unit: Unit,
    calls: list[Call],
    types: Mapping[str, str],
    words: frozenset[str],
    bound: Mapping[str, Bound],
) -> Iterator[tuple[Any, ...]]:
    """Yield the calls of a unit, each once, with what the names in it stand for."""
    called = {call.on.path.split(".")[0] or call.name for call in calls}
    named = sorted(word for word in words & bound.keys() if bound[word].original)
    calls = calls + [Call(name, Receiver(""), MENTIONED, 0) for name in named if name not in called]
    done = set()
    for call in calls:
        name, path = call.name, call.on.path
        if name == "new" and path:  # Ruby's constructor is a method of the class
            name, path = path.rpartition(".")[2], path.rpartition(".")[0]
        key = (name, path, call.on.made, call.arguments)
        if key in done:
            continue
        done.add(key)
        first = path.split(".")[0] if path else name
        kind = path if path in bound else _type(path, made=call.on.made, types=types)
        origin = bound.get(kind.split(".")[0]) or bound.get(first) or Bound("", "", "")
        yield (
            unit.unit_id,
            (origin.original or name) if not path else name,
            path or ("?" if call.on.made else ""),
            call.on.made,
            kind,
            origin.module,
            origin.original,
            call.arguments,
        )


def _type(path: str, *, made: bool, types: Mapping[str, str]) -> str:
    """Return what made the value at the end of a path, so far as the file says."""
    last = path.rpartition(".")[2]
    if made or not last:
        return path
    first = [part for part in path.split(".") if part not in _OWN][:1]
    known = types.get(last) if first == [last] else None
    return known or path
