"""Holds links against coverage: did the test run the function that it is linked to?

    python -m tests.oracles.link_coverage TREE… [--python PYTHON] [--paths TREE/src] [--show]

TREE is a checkout whose tests PYTHON (this one, by default) can run; it needs pytest and
pytest-cov. The tree's code is run, without a sandbox. Prints, per tree and over all of them:

- precision: links above a confidence whose test ran a line of the function's body, of the links
  whose test passed (one that fails or is skipped here may not come as far as the call);
- recall: functions with such a link, of those that some test's own lines call and name, and, as a
  wider count, of those that some test runs and holds the name of, be it as a key or a comment.
"""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from corpus.config import Tests
from corpus.pipeline_file import load_pipeline
from corpus.run.build import build
from corpus.verify.results import read_junit

Ran = dict[str, dict[str, set[int]]]
"""Test (``path::Class::name``), then path, then the lines that it ran."""
Called = dict[str, set[tuple[str, int]]]
"""Test, then path and first line of what its own lines call."""


@dataclass
class Score:
    """Links by whether coverage confirms them, and functions by whether a link finds them."""

    right: int = 0
    judged: int = 0
    found: int = 0
    wanted: int = 0
    found_named: int = 0
    wanted_named: int = 0
    by_evidence: dict[str, Counter[bool]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, other: Score) -> None:
        self.right += other.right
        self.judged += other.judged
        self.found += other.found
        self.wanted += other.wanted
        self.found_named += other.found_named
        self.wanted_named += other.wanted_named
        for evidence, counts in other.by_evidence.items():
            self.by_evidence[evidence] += counts

    def __str__(self) -> str:
        return (
            f"precision {self.right}/{self.judged} = {self.right / max(1, self.judged):.3f}, "
            f"recall {self.found}/{self.wanted} = {self.found / max(1, self.wanted):.3f}, of what "
            f"is named and run {self.found_named}/{self.wanted_named} = "
            f"{self.found_named / max(1, self.wanted_named):.3f}"
        )


def run_tests(tree: Path, python: str, arguments: list[str]) -> tuple[Ran, Called]:
    """Run a tree's tests with one coverage context per test, and note what each calls itself."""
    with tempfile.TemporaryDirectory() as scratch:
        data, results = Path(scratch) / "coverage", Path(scratch) / "junit.xml"
        direct = Path(scratch) / "direct.json"
        source = "src" if (tree / "src").is_dir() else "."
        subprocess.run(
            [python, "-m", "pytest", "-q", "-x", "--maxfail=1000", "--no-header", "-p",
             "no:cacheprovider", "-p", "direct_calls", "-o", "addopts=", "-W", "default",
             "--cov", source,
             "-o", "junit_family=xunit1", f"--junitxml={results}",
             "--cov-context=test", "--cov-report=", "--cov-config=/dev/null", *arguments],
            cwd=tree,
            env={"PATH": "/usr/bin:/bin", "DIRECT_CALLS": str(direct),
                 "PYTHONPATH": f"{(tree / source).resolve()}:{Path(__file__).parent}",
                 "COVERAGE_FILE": str(data), "COVERAGE_CORE": "ctrace", "HOME": scratch},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=600,
        )  # fmt: skip
        passed = {t for t, r in read_junit(results.read_bytes()).items() if r.outcome == "passed"}
        ran = {t: ran for t, ran in _read(data, tree.resolve()).items() if t in passed}
        return ran, _called(json.loads(direct.read_text()), tree.resolve(), passed)


def _called(found: dict[str, list[tuple[str, int]]], tree: Path, passed: set[str]) -> Called:
    return {
        test: {
            (Path(path).relative_to(tree).as_posix(), line)
            for path, line in calls
            if Path(path).is_relative_to(tree)
        }
        for test, calls in found.items()
        if test in passed
    }


def _read(data: Path, tree: Path) -> Ran:
    ran: Ran = defaultdict(lambda: defaultdict(set))
    rows = sqlite3.connect(data).execute(
        "select context.context, file.path, line_bits.numbits from line_bits "
        "join context on context.id = context_id join file on file.id = file_id"
    )
    for context, path, bits in rows:
        test, _, phase = context.rpartition("|")
        if phase in ("run", "setup") and Path(path).is_relative_to(tree):
            lines = {
                8 * byte + bit for byte, b in enumerate(bits) for bit in range(8) if b >> bit & 1
            }
            ran[re.sub(r"\[.*", "", test)][Path(path).relative_to(tree).as_posix()] |= lines
    return ran


def judge(folder: Path, ran: Ran, called: Called, *, show: bool) -> Score:
    """Score the links of a dataset folder."""
    functions = {f["function_id"]: f for f in _functions(folder)}
    links = pl.read_parquet(folder / ".tunesmith" / "links.parquet")
    score, found = Score(), set()
    for link in links.iter_rows(named=True):
        test = f"{link['test_path']}::{link['test_name'].replace('.', '::')}"
        function = functions.get(link["function_id"])
        if test not in ran or function is None:
            continue
        executed = not ran[test][link["path"]].isdisjoint(_body(function))
        score.by_evidence[" ".join(link["evidence"])][executed] += 1
        if link["confidence"] < Tests().min_confidence:
            continue
        score.judged += 1
        score.right += executed
        if executed:
            found.add(link["function_id"])
        elif show:
            print("wrong:", test, "->", link["path"], link["qualified_name"], link["evidence"])
    named, wanted = _wanted(functions, ran, called)
    score.wanted, score.found = len(wanted), len(wanted & found)
    score.wanted_named, score.found_named = len(named), len(named & found)
    if show:
        for missed in sorted(wanted - found):
            print("missed:", functions[missed]["path"], functions[missed]["qualified_name"])
    return score


def _wanted(functions: dict[str, dict], ran: Ran, called: Called) -> tuple[set[str], set[str]]:
    """Return the functions that some test names and runs, and those that it calls itself."""
    code = {
        f"{f['path']}::{f['qualified_name'].replace('.', '::')}": set(re.findall(r"\w+", f["code"]))
        for f in functions.values()
    }
    names = {(f["path"], f["qualified_name"]) for f in functions.values()}
    wanted, direct = set(), set()
    for id_, function in functions.items():
        outer = function["qualified_name"][: -len(function["name"])].rstrip(".")
        if function["is_test"] or (function["path"], outer) in names:
            continue  # no test can call what stands inside a function
        named = function["name"]
        if function["kind"] == "constructor":
            named = function["qualified_name"].split(".")[-2]
        body = _body(function)
        begins = {(function["path"], n) for n in range(function["start_line"], body.start)}
        for test, paths in ran.items():
            if named in code.get(test, ()) and not paths.get(function["path"], set()).isdisjoint(
                body
            ):
                wanted.add(id_)
                if not begins.isdisjoint(called.get(test, set())):
                    direct.add(id_)
                    break
    return wanted, direct


def _body(function: dict) -> range:
    """Return the lines after the signature: those of a ``def`` run when it is defined."""
    header = function["signature"].count("\n") + 1
    first = function["start_line"] + header
    return range(min(first, function["end_line"]), function["end_line"] + 1)


def _functions(folder: Path) -> Iterator[dict]:
    for file in sorted((folder / "functions").glob("*.parquet")):
        yield from pl.read_parquet(file).iter_rows(named=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("trees", nargs="+", type=Path)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--pytest", default="", help="further arguments for pytest")
    options = parser.parse_args()
    total = Score()
    for tree in options.trees:
        with tempfile.TemporaryDirectory() as scratch:
            out = Path(scratch) / "out"
            # Copies are code like any other here.
            repos = {"repos": [{"where": str(tree)}], "languages": ["python"]}
            build(load_pipeline(None, ["dedup.threshold=1.0"], repos), out, workers=1)
            ran, called = run_tests(tree, options.python, options.pytest.split())
            score = judge(out, ran, called, show=options.show)
        print(f"{tree.name}: {score}", flush=True)
        total.add(score)
    print(f"all: {total}")
    for evidence, counts in sorted(total.by_evidence.items(), key=lambda e: -sum(e[1].values())):
        print(f"  {counts[True]:5} of {sum(counts.values()):5}  {evidence}")


if __name__ == "__main__":
    main()
