"""Reads what a test run leaves: junit XML and coverage's database, never console text."""

from __future__ import annotations

import re
import sqlite3
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from corpus.verify.sandbox import REPO


class Result(NamedTuple):
    """What became of a test: passed, failed, error or skipped; the message of what went wrong."""

    outcome: str
    message: str


Lines = Mapping[str, Mapping[str, set[int]]]
"""The lines that each test ran, by path."""

# The worst of a test's parameters counts: it passes if all of them do.
_WORST = ("error", "failed", "skipped", "passed")


def read_junit(xml: bytes) -> dict[str, Result]:
    """Return results by test id, ``path::Class::name`` without parameters.

    A test that is not there was not run, or could not be collected. Torn XML holds no results.
    """
    results: dict[str, Result] = {}
    for case, _, found in _cases(xml):
        test = _test_id(case)
        known = results.get(test, Result("passed", ""))
        results[test] = min(known, found, key=lambda result: _WORST.index(result.outcome))
    return results


def read_named(xml: bytes, tests: Iterable[str]) -> dict[str, Result]:
    """Return results by test id, ``path::titles``, of one test file in any test runner's XML.

    Runners write a test's titles as the suites around a case and its name (node), as its name
    alone (jest, mocha, vitest, gotestsum), or as its class and name (JUnit). A test that is not
    there, or is there more than once, has no result. Of a ``path`` alone all results are returned.
    """
    ways: tuple[dict[tuple[str, ...], list[Result]], ...] = ({}, {}, {})
    for case, suites, found in _cases(xml, raised="failed"):
        name, owner = case.get("name") or "", (case.get("classname") or "").rpartition(".")[2]
        for way, titles in zip(ways, ((*suites, name), (name,), (owner, name)), strict=True):
            way.setdefault(_words(titles), []).append(found)
    results: dict[str, Result] = {}
    for test in tests:
        if "::" not in test:
            whole = ways[0].items()
            results |= {f"{test}::{' '.join(w)}": one for w, (one, *more) in whole if not more}
            continue
        words = _words([test.partition("::")[2]])
        found_so = next((way[words] for way in ways if words in way), [])
        if len(found_so) == 1:
            results[test] = found_so[0]
    return results


def _words(titles: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for title in titles for word in re.findall(r"\w+", title))


# What node's test runner calls a failure though the test itself did not come to fail.
_NOT_ITS_OWN = ("hookFailed", "cancelledByParent")


def _cases(
    xml: bytes, raised: str = "error"
) -> Iterator[tuple[ET.Element, tuple[str, ...], Result]]:
    """Yield every test case, the names of the suites around it, and what became of it.

    ``raised`` is what an ``error`` is: pytest means what is around a test, JUnit and others any
    exception that a test did not expect.
    """
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        return  # no test runner writes one
    try:
        stack: list[tuple[ET.Element, tuple[str, ...]]] = [(ET.fromstring(xml), ())]
    except ET.ParseError:
        return
    while stack:
        element, suites = stack.pop()
        if element.tag == "testcase":
            yield element, suites, _result(element, raised)
            continue
        if element.tag == "testsuite":
            suites = (*suites, element.get("name") or "")
        stack += [(child, suites) for child in reversed(element)]


def _result(case: ET.Element, raised: str) -> Result:
    found = Result("passed", "")
    for kind in ("skipped", "failure", "error"):
        element = case.find(kind)
        if element is not None:
            outcome = {"skipped": "skipped", "failure": "failed", "error": raised}[kind]
            if element.get("type") in _NOT_ITS_OWN:
                outcome = "error"
            message = element.get("message") or element.text or ""
            found = Result(outcome, message.replace(REPO + "/", "").strip())
    return found


def _test_id(case: ET.Element) -> str:
    """Return ``path::Class::name``; xunit1 has the path, the class name begins with its module."""
    path, classname = case.get("file") or "", case.get("classname") or ""
    module = path.removesuffix(".py").replace("/", ".")
    scope = classname.removeprefix(module).strip(".").split(".") if path else [classname]
    name = re.sub(r"\[.*", "", case.get("name") or "", flags=re.DOTALL)
    return "::".join(part for part in (path, *scope, name) if part)


def read_coverage(database: bytes, tests: Iterable[str]) -> dict[str, dict[str, set[int]]]:
    """Return the lines that each test ran, by path; ``tests`` are ids without parameters."""
    wanted = set(tests)
    ran: dict[str, dict[str, set[int]]] = {}
    with tempfile.NamedTemporaryFile(suffix=".coverage") as file:
        Path(file.name).write_bytes(database)
        try:
            with sqlite3.connect(f"file:{file.name}?mode=ro", uri=True) as connection:
                rows = connection.execute(
                    "select context.context, file.path, line_bits.numbits from line_bits "
                    "join context on context.id = context_id join file on file.id = file_id"
                ).fetchall()
            connection.close()
        except sqlite3.Error:
            return {}
    for context, path, bits in rows:
        test = re.sub(r"\[.*", "", str(context).rpartition("|")[0], flags=re.DOTALL)
        if test in wanted and str(path).startswith(REPO + "/"):
            lines = ran.setdefault(test, {}).setdefault(str(path).removeprefix(REPO + "/"), set())
            lines.update(8 * n + bit for n, byte in enumerate(bits) for bit in range(8)
                         if byte >> bit & 1)  # fmt: skip
    return ran


def passed_always(runs: list[Mapping[str, Result]]) -> set[str]:
    """Return the tests that passed in every run; what differs between runs proves nothing."""
    passed = [{test for test, result in run.items() if result.outcome == "passed"} for run in runs]
    return set.intersection(*passed) if passed else set()
