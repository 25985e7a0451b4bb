"""The stage from files to tests, to what tests use, and to what all of them call."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from operator import attrgetter, itemgetter
from typing import Any

import pyarrow as pa

from corpus.fingerprint import fingerprint
from corpus.guard import Guard
from corpus.languages import LANGUAGES
from corpus.links.callables import callables
from corpus.links.calls import Calls, call_rows, calls_at
from corpus.links.imports import Imports, holds_word
from corpus.links.inherit import CLASS, class_rows
from corpus.links.receivers import held, holdings, returned
from corpus.links.records import TEST_CALL, TEST_UNIT
from corpus.links.support import HELPER, helper_rows
from corpus.links.units import Unit, find_units, function_units
from corpus.links.view import Site, read_views
from corpus.schemas import Columns

_FILE = ["repo", "path", "blob_id", "license", "file_id", "language", "text", "redactions"]
_FUNCTION = ["function_id", "name", "qualified_name", "signature", "code", "start_line", "end_line",
             "kind"]  # fmt: skip
_VERDICT = ["kept", "split"]


@dataclass(frozen=True)
class TestsStage:
    """Parts the files that hold tests into tests and what they use, and reads what these call."""

    max_lines: int
    name: str = "tests"
    inputs: tuple[str, ...] = (
        "files", "file_verdicts", "functions", "function_verdicts", "views",
    )  # fmt: skip

    @property
    def fingerprint(self) -> str:
        """A hash of the settings."""
        return fingerprint(self.max_lines)

    def __call__(self, tables: Mapping[str, pa.Table], guard: Guard) -> Mapping[str, pa.Table]:
        """Return ``test_units``, ``test_calls``, ``helpers``, ``callables`` and ``classes``."""
        units, helpers = Columns(TEST_UNIT), Columns(HELPER)
        calls: list[tuple[Any, ...]] = []
        no_callables: set[str] = set()
        views = read_views(tables["views"])
        bases = [tables["files"][name].to_pylist() for name in ("repo", "path", "language", "text")]
        classes = chain.from_iterable(map(class_rows, *bases))
        for file, functions in _with_tests(tables):
            language = LANGUAGES[file["language"]]
            found = function_units(language, file["path"], functions)
            for row in helper_rows(file, found, functions):
                helpers.add(**row)
            no_callables.update(unit.unit_id for unit in found)
            if seen := views.get(file["path"]):
                found = find_units(file, found, seen, self.max_lines)
                read = _File(file["text"], found, seen.sites)
                imports = Imports.of(language.name, seen.imports)
                for unit, uses in read.worth_keeping():
                    used = imports.used(unit.code)
                    units.add(**_unit_row(file, unit, imports.needed(used, unit.code), uses))
                    made = read.calls(unit).made
                    own = read.types(unit)
                    local = own.keys() | set(unit.parameters)
                    types = read.shared | own
                    calls += call_rows(unit.unit_id, made, types, local, used, imports.bound)
        return {
            "test_units": units.table(),
            "test_calls": _table(calls, TEST_CALL),
            "helpers": helpers.table(),
            "callables": callables(tables["functions"], no_callables),
            "classes": _table(classes, CLASS),
        }


def _table(rows: Iterable[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table(list(map(pa.array, columns, schema.types)), schema)


class _File:
    """A file with tests: what its units call, and what variables hold there."""

    def __init__(self, text: str, units: Sequence[Unit], sites: list[Site]) -> None:
        self._text = text
        self._units = units
        self._lines = [0, *(found.end() for found in re.finditer("\n", text)), len(text)]
        self._sites = sites
        self._starts = [site.start for site in sites]
        self._said = sorted(holdings(text), key=attrgetter("at"))
        self._said_at = [holding.at for holding in self._said]
        self._calls: dict[str, Calls] = {}
        # What a variable is in one test says nothing of it in another.
        inside = {
            number
            for unit in units
            if unit.kind == "test"
            for number in range(len(self._said))[self._span(unit.start_line, unit, self._said_at)]
        }
        self.shared = held(h for n, h in enumerate(self._said) if n not in inside)

    def worth_keeping(self) -> Iterator[tuple[Unit, list[str]]]:
        """Yield the tests, with the ids of what they use, and what may be used, with nothing.

        A test uses the hooks around it, and those of its file's helpers and fixtures that it calls.
        """
        hooks = [unit for unit in self._units if unit.kind == "hook"]
        named: dict[str, list[Unit]] = {}
        for unit in self._units:
            if unit.kind in ("helper", "fixture"):
                named.setdefault(unit.own_name, []).append(unit)
        order = {unit.unit_id: number for number, unit in enumerate(self._units)}
        uses: dict[str, list[str]] = {}
        for unit in self._units:
            if unit.kind == "test":
                names = named.keys() & {*self.calls(unit).own, *unit.parameters}
                used = [hook.unit_id for hook in hooks if unit.place.startswith(hook.place)]
                used += [
                    helper.unit_id
                    for name in names
                    for helper in named[name]
                    if _is_within_reach(helper, unit)
                ]
                uses[unit.unit_id] = sorted(used, key=order.__getitem__)
        all_used = {id_ for used in uses.values() for id_ in used}
        for unit in self._units:
            if unit.kind != "helper" or unit.unit_id in all_used:
                yield unit, uses.get(unit.unit_id, [])

    def calls(self, unit: Unit) -> Calls:
        """Return what a unit calls."""
        found = self._calls.get(unit.unit_id)
        if found is None:
            inside = self._span(unit.body_line, unit, self._starts)
            body = None if unit.kind == "test" else self._body(unit)
            found = calls_at(self._text, self._sites[inside], body)
            self._calls[unit.unit_id] = found
        return found

    def _body(self, unit: Unit) -> int:
        """Return where the lines begin that follow a unit's name."""
        named = self._text.find(unit.own_name, self._lines[unit.start_line - 1])
        return self._text.find("\n", named) + 1

    def types(self, unit: Unit) -> dict[str, str]:
        """Return what a unit's own variables hold."""
        return held(self._said[self._span(unit.start_line, unit, self._said_at)])

    def _span(self, line: int, unit: Unit, places: list[int]) -> slice:
        """Return the part of a list, sorted by places in the text, from a line to a unit's end."""
        start, end = self._lines[line - 1], self._lines[unit.end_line]
        first = bisect_left(places, start)
        return slice(first, bisect_left(places, end, first))


def _is_within_reach(helper: Unit, test: Unit) -> bool:
    """Tell whether a helper is of no class, of one around a test, or of one that these extend."""
    if f"{test.place}.".startswith(f"{helper.place}.") or not helper.place:
        return True
    return holds_word("\n".join(test.scope), helper.place.rpartition(".")[2])


def _with_tests(
    tables: Mapping[str, pa.Table],
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Yield the files that hold tests, each with its functions, both with dedup's verdicts."""
    functions, files = tables["functions"], tables["files"]
    paths = functions["path"].to_pylist()
    marked = {path for path, is_test in zip(paths, functions["is_test"].to_pylist(), strict=True)
              if is_test}  # fmt: skip
    chosen = [
        place
        for place, (path, language) in enumerate(
            zip(files["path"].to_pylist(), files["language"].to_pylist(), strict=True)
        )
        if path in marked or LANGUAGES[language].is_test_path(path)
    ]
    found = _rows(files, _FILE, tables["file_verdicts"], chosen)
    wanted = {file["path"] for file in found}
    numbers = [number for number, path in enumerate(paths) if path in wanted]
    rows = _rows(functions, ["path", *_FUNCTION], tables["function_verdicts"], numbers)
    # A shard is of one repo, and its functions stand file by file.
    by_path = {path: list(group) for path, group in groupby(rows, itemgetter("path"))}
    for file in found:
        yield file, by_path.get(file["path"], [])


def _rows(
    rows: pa.Table, columns: list[str], verdicts: pa.Table, numbers: list[int]
) -> list[dict[str, Any]]:
    """Return some rows with their verdicts."""
    wanted = pa.array(numbers, pa.int64())
    plain = rows.select(columns).take(wanted).to_pylist()
    judged = verdicts.select(_VERDICT).take(wanted).to_pylist()
    return [row | verdict for row, verdict in zip(plain, judged, strict=True)]


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
