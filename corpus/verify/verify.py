"""Proves the links of a dataset folder by running its repos' tests, and finds mutants they kill.

Results lie beside the rows, in ``.tunesmith/``: ``verified.parquet`` has a tier for every link,
``killed.parquet`` the mutants that a linked test kills, ``runs/`` what was run, by content, so that
a run that was ended goes on where it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpus.mutants.choose import choose
from corpus.mutants.mutate import Mutant
from corpus.run.progress import Stages
from corpus.verify.frameworks import test_id
from corpus.verify.results import passed_always
from corpus.verify.runner import Checkout, Run, Runner

# A mutant is killed by a test that fails every time that it is run against it.
_KILLS = 2


@dataclass(frozen=True)
class VerifySummary:
    """How many links there are of each tier, and how many of those above the default are right.

    ``judged`` are links that say to be sure and whose test passes whenever it is run; ``executed``
    of those run the function. ``unproved`` counts why other tests prove nothing. ``fixes`` counts
    changes called fixes by their tier, or by why nothing is said of them. ``silent`` has the test
    files of which no result could be read, and how the output of their command ends.
    """

    tiers: Mapping[str, int]
    judged: int
    executed: int
    mutants: int
    killed: int
    unproved: Mapping[str, int]
    fixes: Mapping[str, int] = field(default_factory=dict)
    silent: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Verifier:
    """Verifies the links of one repo of a dataset folder whose tests are in one language."""

    runner: Runner
    checkout: Checkout
    links: list[dict[str, Any]]
    functions: Mapping[str, Mapping[str, Any]]
    workers: int
    runs: int
    mutants_per_function: int
    min_confidence: float
    stages: Stages

    def verify(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]], VerifySummary]:
        """Return the rows of ``schemas.VERIFIED`` and ``schemas.KILLED``, and the figures."""
        first, stable, unproved = self._run_tests()
        executed = {}
        for link in self.links:
            test = test_id(link)
            ran = first[link["test_path"]].lines.get(test, {}).get(link["path"], set())
            function = self.functions[link["function_id"]]
            if test in stable and not ran.isdisjoint(body_lines(function)):
                executed[link["test_id"], link["function_id"]] = link
        covers = self.runner.framework.covers
        passing = [link for link in self.links if test_id(link) in stable]
        killed, tried = self._run_mutants(list(executed.values()) if covers else passing)
        killers = {(k["test_id"], k["function_id"]): k["mutant_id"] for k in reversed(killed)}
        rows = []
        for link in self.links:
            key = link["test_id"], link["function_id"]
            tier = (
                "mutant_killed" if key in killers else "executed" if key in executed else "static"
            )
            by = {"mutant_killed": killers.get(key, ""), "executed": f"{self.runs} runs"}
            rows.append({"test_id": key[0], "function_id": key[1], "tier": tier,
                         "verified_by": by.get(tier)})  # fmt: skip
        sure = [k for k in passing if covers and k["confidence"] >= self.min_confidence]
        tiers: dict[str, int] = defaultdict(int)
        for row in rows:
            tiers[row["tier"]] += 1
        right = sum((k["test_id"], k["function_id"]) in executed for k in sure)
        died = len({k["mutant_id"] for k in killed})
        silent = {path: run.said for path, run in first.items() if not run.results}
        return rows, killed, VerifySummary(
            dict(tiers), len(sure), right, tried, died, unproved, silent=silent
        )  # fmt: skip

    def _run_tests(self) -> tuple[dict[str, Run], set[str], dict[str, int]]:
        """Run every test file some times; return first runs by path, and the tests that hold."""
        tests: dict[str, list[str]] = defaultdict(list)
        for link in self.links:
            tests[link["test_path"]].append(test_id(link))
        framework = self.runner.framework
        paths = sorted(tests)

        def run(path: str) -> list[Run]:
            made: list[Run] = []
            while len(made) < self.runs and (not made or made[-1].ended == "done"):
                number = len(made)
                made.append(
                    self.runner.run(
                        self.checkout, {}, framework.asks(path, tests[path]),
                        coverage=framework.covers and not number, number=number,
                    )
                )  # fmt: skip
            return made

        by_path = dict(zip(paths, self._map("tests", run, paths), strict=True))
        stable: set[str] = set()
        unproved: dict[str, int] = defaultdict(int)
        for made in by_path.values():
            always = passed_always([one.results for one in made])
            stable |= always
            seen = {test for one in made for test in one.results}
            for test in seen - always:
                outcomes = {one.results[test].outcome for one in made if test in one.results}
                agree = len(outcomes) == 1 and all(test in one.results for one in made)
                unproved[outcomes.pop() if agree else "flaky"] += 1
        wanted = {test_id(link) for link in self.links}
        run_at_all = {test for made in by_path.values() for one in made for test in one.results}
        unproved["absent"] = len(wanted - run_at_all)
        return {path: made[0] for path, made in by_path.items()}, stable, dict(unproved)

    def _run_mutants(self, links: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
        """Run the tests of every function against its mutants; return who killed what, how."""
        by_function: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for link in links:
            if link["confidence"] >= self.min_confidence:
                by_function[link["function_id"]].append(link)
        jobs = [
            (function_id, mutant, tests[:5])
            for function_id, tests in sorted(by_function.items())
            for mutant in self._mutants(self.functions[function_id])
        ]  # fmt: skip

        def run(job: tuple[str, Mutant, list[dict[str, Any]]]) -> list[dict[str, Any]]:
            function_id, mutant, tests = job
            return self._against(self.functions[function_id], mutant, tests)

        killed = self._map("mutants", run, jobs)
        return [row for rows in killed for row in rows], len(jobs)

    def _mutants(self, function: Mapping[str, Any]) -> list[Mutant]:
        code, function_id = function["code_without_doc"], function["function_id"]
        return choose(function["language"], code, function_id, self.mutants_per_function)

    def _against(
        self, function: Mapping[str, Any], mutant: Mutant, links: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:  # fmt: skip
        """Run tests against a mutant; a test that fails kills it, one that is absent does not."""
        faulty = mutant.apply(function["code_without_doc"])
        text = patched(self.checkout.folder / function["path"], function, faulty)
        if text is None:
            return []
        failing = {test_id(link): "" for link in links}
        for number in range(_KILLS):
            tests = sorted(failing)
            run = self.runner.run(self.checkout, {function["path"]: text}, tests, number=number)
            results = run.results if run.ended == "done" else {}
            failing = {
                test: results[test].message
                for test in tests
                if test in results and results[test].outcome == "failed"
            }
            if not failing:
                return []
        return [
            {
                "mutant_id": mutant.id(function["function_id"]),
                "function_id": function["function_id"],
                "test_id": link["test_id"],
                "test": test_id(link),
                "operator": mutant.operator,
                "start": mutant.start,
                "end": mutant.end,
                "replacement": mutant.replacement,
                "message": failing[test_id(link)][:2000],
            }
            for link in links
            if test_id(link) in failing
        ]

    def _map(self, name: str, work: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
        """Do work for every item, some at a time; the results are in the items' order."""
        with (
            self.stages.stage(name, len(items), name) as bar,
            ThreadPoolExecutor(self.workers) as pool,
        ):
            done = []
            for result in pool.map(work, items):
                done.append(result)
                bar.advance(1)
            return done


def body_lines(function: Mapping[str, Any]) -> range:
    """Return the lines of a function's body: those of its head run when it is defined."""
    first = function["start_line"] + function["signature"].count("\n") + 1
    return range(min(first, function["end_line"]), function["end_line"] + 1)


def patched(file: Path, function: Mapping[str, Any], code: str) -> str | None:
    """Return a file's text with other code in the place of a function; None if it is not there."""
    try:
        lines = file.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        return None
    start, end = function["start_line"] - 1, function["end_line"]
    indent = lines[start][: len(lines[start]) - len(lines[start].lstrip())]
    if _indented(function["code"], indent) != lines[start:end]:
        return None  # a string in it has lines of less indent, which dedenting let be
    new = _indented(code, indent)
    try:
        text = "\n".join([*lines[:start], *new, *lines[end:]])
        if function["language"] == "python":
            compile(text, function["path"], "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return None
    return text


def _indented(code: str, indent: str) -> list[str]:
    return [indent + line if line.strip() else line for line in code.rstrip("\n").split("\n")]
