"""Runs some tests of a repo at a commit, with a patch over it, and remembers what came of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path, PurePosixPath

from corpus.errors import SourceError, UsageError
from corpus.ids import content_id
from corpus.verify.frameworks import Framework
from corpus.verify.results import Lines, Result
from corpus.verify.sandbox import Sandbox

_LINES_SAID = 10


@dataclass(frozen=True)
class Run:
    """What came of a run: how it ended, results by test, lines run by test and path.

    ``said`` is the end of what the command wrote if it left no results.
    """

    ended: str
    results: Mapping[str, Result]
    lines: Lines
    said: str = ""


@dataclass(frozen=True)
class Mount:
    """A folder of this machine that tests may read; ``place`` is where it is in the worktree too.

    What a commit does not hold lies there: installed packages, a cache of modules.
    """

    folder: Path
    place: str = ""

    @classmethod
    def read(cls, text: str) -> Mount:
        """Read ``FOLDER`` or ``PLACE=FOLDER``. Raises UsageError."""
        place, sign, folder = text.rpartition("=")
        path = Path(folder).expanduser().absolute()
        if not path.is_dir():
            raise UsageError(f"--mount {text}: there is no folder {folder}")
        parts = PurePosixPath(place).parts
        if sign and (not parts or place.startswith("/") or ".." in parts):
            raise UsageError(f"--mount {text}: {place!r} is no place in a worktree")
        return cls(path, place)

    def into(self, worktree: Path) -> None:
        """Lead from its place in a worktree to the folder. Raises UsageError."""
        if not self.place:
            return
        link = worktree / self.place
        if link.exists() or link.is_symlink() or not link.parent.is_dir():
            raise UsageError(f"--mount {self.place}: the repo has that itself, or not its folder")
        if not link.parent.resolve().is_relative_to(worktree.resolve()):
            raise UsageError(f"--mount {self.place}: that is outside of the repo")
        link.symlink_to(self.folder)

    @property
    def key(self) -> str:
        """What stands for its content, as far as can be told at a glance."""
        return f"{self.place}={self.folder}:{self.folder.stat().st_mtime_ns}"


@dataclass(frozen=True)
class Checkout:
    """A throw-away copy of a repo at a commit; ``key`` stands for what is in it."""

    folder: Path
    key: str


def check_out(
    where: Path, commit: str | None, into: Path, mounts: Sequence[Mount] = ()
) -> Checkout:
    """Copy a repo's files at a commit, or a plain folder as it lies, and lead to what is mounted.

    Raises SourceError, and UsageError for what can't be mounted there.
    """
    checkout = _copy(where, commit, into)
    for mount in mounts:
        mount.into(into)
    return replace(checkout, key=content_id(checkout.key, *(m.key for m in mounts)))


def _copy(where: Path, commit: str | None, into: Path) -> Checkout:
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
            ended, said = "done", ""
            for command, asked in self.framework.commands(tests, coverage=coverage):
                outcome = self.sandbox.run(command, checkout.folder, overlays)
                found, ran = self.framework.read(outcome.files, asked)
                results |= found
                said = said or ("" if found else _said(outcome.files))
                lines = {**lines, **ran}
                if outcome.ended != "done":
                    ended = outcome.ended
                    break
        return Run(ended, results, lines, said)


def _said(files: Mapping[str, bytes]) -> str:
    """Return the last lines of a command's output, without what a terminal would do with it."""
    text = re.sub(r"\x1b\[[\d;]*[A-Za-z]", "", files.get("log", b"").decode("utf-8", "replace"))
    printable = "".join(c for c in text if c.isprintable() or c == "\n")
    return "\n".join(printable.strip().split("\n")[-_LINES_SAID:])[-2000:]


def _load(path: Path) -> Run | None:
    try:
        kept = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    lines = {
        test: {file: set(numbers) for file, numbers in files.items()}
        for test, files in kept["lines"].items()
    }
    results = {t: Result(*r) for t, r in kept["results"].items()}
    return Run(kept["ended"], results, lines, kept.get("said", ""))


def _save(path: Path, run: Run) -> None:
    """Write a run under its final name once it is complete."""
    lines = {test: {file: sorted(numbers) for file, numbers in sorted(files.items())}
             for test, files in sorted(run.lines.items())}  # fmt: skip
    partial = path.with_suffix(f".{os.getpid()}.partial")
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = {"ended": run.ended, "results": run.results, "lines": lines, "said": run.said}
    partial.write_text(json.dumps(kept), "utf-8")
    partial.replace(path)
