"""Runs some tests of a repo at a commit, with a patch over it, and remembers what came of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from corpus.errors import SourceError
from corpus.ids import content_id
from corpus.verify.frameworks import Framework
from corpus.verify.results import Lines, Result
from corpus.verify.sandbox import Sandbox


@dataclass(frozen=True)
class Run:
    """What came of a run: how it ended, results by test, lines run by test and path."""

    ended: str
    results: Mapping[str, Result]
    lines: Lines


@dataclass(frozen=True)
class Checkout:
    """A throw-away copy of a repo at a commit; ``key`` stands for what is in it."""

    folder: Path
    key: str


def check_out(where: Path, commit: str | None, into: Path) -> Checkout:
    """Copy a repo's files at a commit, or a plain folder as it lies. Raises SourceError."""
    into.mkdir(parents=True)
    if commit is None:
        shutil.copytree(where, into, symlinks=True, dirs_exist_ok=True)
        sizes = sorted((str(p.relative_to(into)), p.stat().st_mtime_ns, p.stat().st_size)
                       for p in into.rglob("*") if p.is_file() and not p.is_symlink())  # fmt: skip
        return Checkout(into, content_id(json.dumps(sizes)))
    done = subprocess.run(
        ["git", "-C", str(where), "archive", "--format=tar", commit],
        capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise SourceError(f"{where} has no commit {commit}")
    with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
        archive.extractall(into, filter="data")
    return Checkout(into, commit)


@dataclass(frozen=True)
class Runner:
    """Runs a language's tests in a sandbox; what was run once is read from ``cache``."""

    sandbox: Sandbox
    framework: Framework
    cache: Path

    def run(
        self,
        checkout: Checkout,
        patch: Mapping[str, str],
        tests: Sequence[str],
        *,
        coverage: bool = False,
        number: int = 0,
    ) -> Run:
        """Run ``tests`` (ids or paths) with ``patch`` (text by path) over the checkout.

        ``number`` tells runs of the same apart that are made to see whether they agree.
        """
        key = content_id(checkout.key, json.dumps(sorted(patch.items())), json.dumps(list(tests)),
                         self.framework.key, str(coverage), str(number), repr(self.sandbox.limits),
                         str(self.sandbox.bwrap is None))  # fmt: skip
        kept = self.cache / f"{key}.json"
        if (known := _load(kept)) is not None:
            return known
        made = self._run(checkout, patch, tests, coverage=coverage)
        _save(kept, made)
        return made

    def _run(
        self, checkout: Checkout, patch: Mapping[str, str], tests: Sequence[str], *, coverage: bool
    ) -> Run:  # fmt: skip
        with tempfile.TemporaryDirectory(prefix="tunesmith-patch-") as scratch:
            overlays = {}
            for number, (path, text) in enumerate(sorted(patch.items())):
                file = Path(scratch) / str(number)
                file.write_text(text, "utf-8")
                file.chmod(0o644)
                overlays[path] = file
            results: dict[str, Result] = {}
            lines: Lines = {}
            ended = "done"
            for command, asked in self.framework.commands(tests, coverage=coverage):
                outcome = self.sandbox.run(command, checkout.folder, overlays)
                found, ran = self.framework.read(outcome.files, asked)
                results |= found
                lines = {**lines, **ran}
                if outcome.ended != "done":
                    ended = outcome.ended
                    break
        return Run(ended, results, lines)


def _load(path: Path) -> Run | None:
    try:
        kept = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    lines = {
        test: {file: set(numbers) for file, numbers in files.items()}
        for test, files in kept["lines"].items()
    }
    return Run(kept["ended"], {t: Result(*r) for t, r in kept["results"].items()}, lines)


def _save(path: Path, run: Run) -> None:
    """Write a run under its final name once it is complete."""
    lines = {test: {file: sorted(numbers) for file, numbers in sorted(files.items())}
             for test, files in sorted(run.lines.items())}  # fmt: skip
    partial = path.with_suffix(f".{os.getpid()}.partial")
    path.parent.mkdir(parents=True, exist_ok=True)
    partial.write_text(
        json.dumps({"ended": run.ended, "results": run.results, "lines": lines}), "utf-8"
    )
    partial.replace(path)
