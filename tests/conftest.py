"""What the tests share: two repos, the datasets built from them, and the command itself."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import settings

from corpus.cli import main
from corpus.pipeline_file import load_pipeline
from corpus.rejects import REASONS
from corpus.run.build import build
from tests.repos import DATE, FILE, git, make_repo
from tests.sources.shop_repo import make_shop

# Nothing of this machine's settings reaches the tests, and no test reaches the net. Commits are
# made at one time, so that their ids, by which templates are chosen, are the same in every run.
for name in [name for name in os.environ if name.startswith("GIT_")]:
    del os.environ[name]
os.environ |= {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_DATE": DATE,
    "GIT_COMMITTER_DATE": DATE,
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "COLUMNS": "100",
}
for name in ("FORCE_COLOR", "CLICOLOR_FORCE", "PYTHONPATH"):
    os.environ.pop(name, None)

# As under CI=true: no deadline, which a busy machine misses, and the same examples in every run.
settings.load_profile("ci")

CONFIGURATIONS = ("knowledge", "instructions", "functions")


@dataclass(frozen=True)
class Dataset:
    """A dataset folder, the repo it was built from, and the summary of the build."""

    folder: Path
    repo: Path
    summary: dict[str, Any] = field(hash=False, compare=False)

    def rows(self, configuration: str) -> list[dict[str, Any]]:
        """Return the rows of all splits. Look, don't touch."""
        return _rows(self, configuration)

    def tables(self, configuration: str) -> list[pa.Table]:
        files = sorted((self.folder / configuration).glob("*.parquet"))
        return [pq.read_table(file) for file in files]

    def rejects(self) -> list[dict[str, Any]]:
        return pq.read_table(self.folder / ".tunesmith" / "rejects.parquet").to_pylist()

    def published(self) -> dict[str, bytes]:
        """Return every published file by its path."""
        files = (path for path in self.folder.rglob("*") if path.is_file())
        named = {path.relative_to(self.folder).as_posix(): path for path in files}
        return {
            name: path.read_bytes()
            for name, path in sorted(named.items())
            if not name.startswith(".")
        }

    @property
    def commit(self) -> str:
        return _head(self.repo)


@cache
def _head(repo: Path) -> str:
    return git(repo, "rev-parse", "HEAD").decode().strip()


@cache
def _rows(dataset: Dataset, configuration: str) -> list[dict[str, Any]]:
    return [row for table in dataset.tables(configuration) for row in table.to_pylist()]


Builder = Callable[..., Dataset]


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test find what another one built."""
    monkeypatch.setenv("TUNESMITH_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], None]], Path]:
    """Make something slow once for all workers of a run, at a path of its own."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent

    def make_once(name: str, make: Callable[[Path], None]) -> Path:
        path, done = root / name / name, root / name / "done"
        path.parent.mkdir(exist_ok=True)
        with (root / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                make(path)
                done.touch()
        return path

    return make_once


def cache_of(dataset: Dataset) -> Path:
    """Return where the work of a dataset that was built once is kept."""
    return _cache(dataset.folder)


def _cache(out: Path) -> Path:
    return out.parent / f".{out.name}.cache"


def run_build(repo: Path, out: Path, *overrides: str, workers: int = 1, **flags: Any) -> Dataset:
    """Build a dataset in this process, with a cache of its own unless one is given."""
    flags.setdefault("repos", [{"where": str(repo)}])
    cache = flags.pop("cache", _cache(out))
    pipeline = load_pipeline(None, overrides, flags)
    summary = build(pipeline, out, workers=workers, cache=cache)
    reasons = {reject.reason for reject in summary.rejects}
    assert reasons <= REASONS.keys(), "a reason without its meaning in corpus/rejects.py"
    return Dataset(out, repo, summary.as_json())


@pytest.fixture(scope="session")
def build_dataset() -> Builder:
    """Return ``run_build``."""
    return run_build


@pytest.fixture(scope="session")
def shop(once: Callable[..., Path]) -> Path:
    """Return the repo of ``shop_repo``. Look, don't touch."""
    return once("shop", make_shop)


@pytest.fixture(scope="session")
def shop_dataset(once: Callable[..., Path], shop: Path) -> Dataset:
    """Return the dataset of the shop."""
    return built_once(once, "shop-dataset", shop)


@pytest.fixture(scope="session")
def stdlib(once: Callable[..., Path]) -> Path:
    """Return a repo with 150 modules of this Python's standard library."""

    def make(path: Path) -> None:
        root = Path(os.__file__).parent
        found = [*sorted(root.glob("*.py")), *sorted(root.glob("[a-j]*/*.py"))]
        small = [file for file in found if file.stat().st_size < 40_000]
        modules = [file for file in small if "-packages" not in file.parts[-2]][:150]
        files = {os.fsencode(m.relative_to(root)): (FILE, m.read_bytes()) for m in modules}
        make_repo(path, files)

    return once("stdlib", make)


@pytest.fixture(scope="session")
def stdlib_dataset(once: Callable[..., Path], stdlib: Path) -> Dataset:
    """Return the dataset of those modules."""
    return built_once(once, "stdlib-dataset", stdlib)


def built_once(once: Callable[..., Path], name: str, repo: Path) -> Dataset:
    def make(path: Path) -> None:
        summary = run_build(repo, path).summary
        path.with_name("summary.json").write_text(json.dumps(summary))

    folder = once(name, make)
    return Dataset(folder, repo, json.loads(folder.with_name("summary.json").read_text()))


@pytest.fixture(params=["shop", "stdlib"])
def dataset(request: pytest.FixtureRequest) -> Dataset:
    """Return each of the two datasets in turn."""
    return request.getfixturevalue(f"{request.param}_dataset")


Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def tunesmith(capfd: pytest.CaptureFixture[str]) -> Command:
    """Run the command in this process, and return its exit status and what it printed.

    It is what ``process`` does but for the start of Python and its imports, which take longer than
    most of what is asked of it.
    """

    def run(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        capfd.readouterr()
        with contextlib.chdir(cwd or "."):
            try:
                status = main([str(argument) for argument in arguments])
            except SystemExit as left:  # how argparse ends
                status = int(left.code or 0)
        return subprocess.CompletedProcess(arguments, status, *capfd.readouterr())

    return run


@pytest.fixture(scope="session")
def process() -> Command:
    """Run the installed command, and return its exit status and what it printed."""
    command = Path(sys.executable).with_name("tunesmith")

    def run(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [command, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            **options,
        )

    return run
