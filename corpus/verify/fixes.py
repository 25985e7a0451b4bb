"""Proves fixes of history: the tests of a fix's commit fail on the function as it was before."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from corpus.errors import SourceError, UsageError
from corpus.run.progress import Stages
from corpus.verify.results import passed_always
from corpus.verify.runner import Checkout, Mount, Run, Runner, check_out
from corpus.verify.verify import patched


@dataclass(frozen=True)
class FixVerifier:
    """Runs the tests that commits touched, with what they mended and without."""

    runner: Runner
    where: Path
    scratch: Path
    workers: int
    runs: int
    stages: Stages
    mounts: tuple[Mount, ...] = ()

    def verify(self, fixes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return a row of ``records.VERIFIED_FIX`` for each of some changes of one repo.

        Each function alone is put back to what it was, so that the test file and all else is the
        commit's: a test that fails then has to do with this function.
        """
        by_commit = [
            list(rows)
            for _, rows in groupby(sorted(fixes, key=itemgetter("commit")), itemgetter("commit"))
        ]
        rows = []
        with (
            self.stages.stage("fixes", len(by_commit), "fixes") as bar,
            ThreadPoolExecutor(self.workers) as pool,
        ):
            for found in pool.map(self._verify_commit, by_commit):
                rows += found
                bar.advance(1)
        return rows

    def _verify_commit(self, fixes: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
        commit = fixes[0]["commit"]
        folder = self.scratch / commit
        try:
            checkout = check_out(self.where, commit, folder, self.mounts)
            tests = [path for path in fixes[0]["touched_tests"] if self._is_run(path, checkout)]
            passing = self._passing(checkout, tests)
            return [self._verify_fix(checkout, tests, passing, fix) for fix in fixes]
        # A shallow clone; a link to outside of the repo; a commit where nothing can be mounted.
        except (SourceError, tarfile.TarError, UsageError):
            return [_unproved(fix, "no_checkout") for fix in fixes]
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _is_run(self, path: str, checkout: Checkout) -> bool:
        return self.runner.framework.may_run(path) and (checkout.folder / path).is_file()

    def _passing(self, checkout: Checkout, tests: list[str]) -> set[str]:
        """Return the tests that always pass after the commit."""
        made: list[Run] = []
        while tests and len(made) < self.runs and (not made or made[-1].ended == "done"):
            made.append(self.runner.run(checkout, {}, tests, number=len(made)))
        return passed_always([run.results for run in made])

    def _verify_fix(
        self, checkout: Checkout, tests: list[str], passing: set[str], fix: Mapping[str, Any]
    ) -> dict[str, Any]:
        text = patched(checkout.folder / fix["path"], {**fix, "code": fix["after"]}, fix["before"])
        if not passing or text is None:
            return _unproved(fix, "no_test_passes" if text else "not_in_place")
        runs: list[Run] = []
        failing = set(passing)
        while failing and len(runs) < self.runs:
            run = self.runner.run(checkout, {fix["path"]: text}, tests, number=len(runs))
            runs.append(run)
            failing &= {test for test, one in run.results.items() if one.outcome == "failed"}
        if failing:
            return _row(fix, "fail_to_pass", sorted(failing))
        same = runs[0].ended == "done" and passing <= passed_always([one.results for one in runs])
        return _row(fix, "pass_to_pass") if same else _unproved(fix, "cannot_run_before")


def _row(fix: Mapping[str, Any], tier: str, tests: Sequence[str] = ()) -> dict[str, Any]:
    return {"change_id": fix["change_id"], "tier": tier, "reason": None, "tests": list(tests)}


def _unproved(fix: Mapping[str, Any], reason: str) -> dict[str, Any]:
    return _row(fix, "static") | {"reason": reason}
