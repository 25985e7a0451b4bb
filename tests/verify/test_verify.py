"""A dataset that is verified for real: tiers, mutants that reproduce, flaky and hanging tests."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from corpus.verify.results import read_junit
from tests.conftest import Dataset, run_build
from tests.repos import FILE, git, make_repo

FILES = {
    "shop.py": '''\
def total(prices, rate):
    """Add up."""
    if rate < 0:
        raise ValueError("rate")
    return sum(prices) * rate


def label(order):
    text = str(order)
    return text.upper()


def flip(order):
    return not order


def never(order):
    return order + 1
''',
    "tests/test_shop.py": """\
import os
import socket
import time

import pytest
import shop


def test_total():
    assert shop.total([1, 2], 2) == 6


def test_bad_rate():
    with pytest.raises(ValueError):
        shop.total([1], -1)


def test_label_says_little():
    assert shop.label("a") is not None


def test_flip_is_flaky():
    assert shop.flip(time.time_ns() % 2) in (True, False)
    assert time.time_ns() // 1000 % 31 == 0


def test_never_fails():
    assert shop.never(1) == 3


def test_escapes():
    assert shop.flip(False)
    open(os.path.join(os.path.dirname(__file__), "escaped"), "w").write("x")


def test_connects():
    assert shop.flip(False)
    socket.create_connection(("127.0.0.1", 1), 1)
""",
    "tests/test_hangs.py": """\
import time
import shop


def test_hang():
    assert shop.flip(False)
    time.sleep(10000)
""",
    "tests/test_broken.py": """\
import no_such_module
import shop


def test_broken():
    assert shop.flip(False)
""",
}
SETTINGS = ["dedup.threshold=1.0", "splits.validation=0.0", "splits.test=0.0"]


def make(path: Path) -> None:
    make_repo(path, {name.encode(): (FILE, text.encode()) for name, text in FILES.items()})


@pytest.fixture(scope="session")
def repo(once: Callable[..., Path]) -> Path:
    return once("verified-shop", make)


def command(folder: Path, repo: Path, *more: str) -> list[str]:
    tunesmith = str(Path(sys.executable).with_name("tunesmith"))
    return [
        tunesmith,
        "verify",
        str(folder),
        "--repo",
        str(repo),
        "--seconds",
        "15",
        "--json",
        *more,
    ]


@pytest.fixture(scope="module")
def verified(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, dict]:
    if shutil.which("bwrap") is None and os.environ.get("CI") != "true":
        pytest.skip("needs bubblewrap (Debian: bubblewrap)")
    built = run_build(repo, tmp_path_factory.mktemp("verify") / "out", *SETTINGS)
    done = subprocess.run(command(built.folder, repo, "--mutants", "4"), capture_output=True,
                          text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return built, json.loads(done.stdout)


def tiers(folder: Path) -> dict[str, str]:
    links = pl.read_parquet(folder / ".tunesmith" / "links.parquet")
    rows = pl.read_parquet(folder / ".tunesmith" / "verified.parquet")
    both = links.join(rows, on=["test_id", "function_id"])
    assert len(both) == len(links) == len(rows)
    return dict(zip(both["test_name"], both["tier"], strict=True))


def test_tiers(verified):
    built, summary = verified
    assert tiers(built.folder) == {
        "test_total": "mutant_killed",
        "test_bad_rate": "mutant_killed",
        "test_label_says_little": "mutant_killed",
        "test_flip_is_flaky": "static",
        "test_never_fails": "static",
        "test_escapes": "static",
        "test_connects": "static",
        "test_hang": "static",
        "test_broken": "static",
    }
    assert summary["unproved"]["failed"] >= 3
    assert summary["unproved"]["absent"] == 2


def test_the_repo_is_as_it_was(verified, repo):
    assert git(repo, "status", "--porcelain", "--ignored") == b""


def test_mutant_rows_reproduce_from_their_provenance_alone(verified, repo, tmp_path):
    built, _ = verified
    more = ["tests.tier=mutant_killed", f"tests.verified={built.folder}"]
    rebuilt = run_build(repo, tmp_path / "out", *SETTINGS, *more, "tests.mutants_per_function=9")
    rows = [row for row in rebuilt.rows("instructions") if row["task"] == "fix_mutant"]
    assert len(rows) >= 4
    assert {row["task"] for row in rebuilt.rows("instructions")} >= {"explain_failure", "test"}
    original = tmp_path / "original"
    shutil.copytree(repo, original)
    tests = set()
    for number, row in enumerate(rows):
        place = row["provenance"]
        found = re.fullmatch(
            r"mutant \w+ bytes (\d+)-(\d+) of the code without its doc: (.*); fails (\S+)",
            place["evidence"], re.DOTALL,
        )  # fmt: skip
        assert found
        folder = tmp_path / str(number)
        shutil.copytree(repo, folder)
        file = folder / place["path"]
        lines = file.read_text().split("\n")
        code = "\n".join(lines[place["start_line"] - 1 : place["end_line"]])
        bare = code.replace('    """Add up."""\n', "").encode()
        start, end = int(found[1]), int(found[2])
        faulty = (bare[:start] + eval(found[3]).encode() + bare[end:]).decode()
        assert faulty in row["input"]
        file.write_text(file.read_text().replace(code, faulty))
        assert not passes(folder, found[4])
        tests.add(found[4])
    assert all(passes(original, test) for test in sorted(tests))


def passes(folder: Path, test: str) -> bool:
    done = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", test], cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)}, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stdout
    return done.returncode == 0


def test_it_goes_on_after_a_kill(verified, repo, tmp_path):
    built, summary = verified
    folder = tmp_path / "out"
    shutil.copytree(built.folder, folder)
    runs = folder / ".tunesmith" / "runs"
    # Some of what is done must be done again: not all, and no test that hangs.
    kept = sorted(p for p in runs.iterdir() if json.loads(p.read_text())["ended"] == "done")
    for path in kept[:8]:
        path.unlink()
    left = len(list(runs.iterdir()))
    (folder / ".tunesmith" / "verified.parquet").unlink()
    process = subprocess.Popen(command(folder, repo, "--mutants", "4"), stdout=subprocess.DEVNULL)
    while len(list(runs.glob("*.json"))) == left:
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = {path.name: path.stat().st_mtime_ns for path in runs.glob("*.json")}
    assert not (folder / ".tunesmith" / "verified.parquet").exists()
    assert len(done) < left + 8
    again = subprocess.run(command(folder, repo, "--mutants", "4"), capture_output=True, text=True,
                           check=True)  # fmt: skip
    assert json.loads(again.stdout)["tiers"] == summary["tiers"]
    assert {name: (runs / name).stat().st_mtime_ns for name in done} == done
    assert (folder / ".tunesmith" / "verified.parquet").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{nothing}", "--repo", "{repo}"], "is not a dataset folder"),
        (["{folder}", "--repo", "{nothing}"], "does not exist"),
        (["{folder}", "--repo", "{other}"], "not a repo of"),
        (["{folder}", "--repo", "{repo}", "--python", "/bin/true"], "is not a Python that runs"),
    ],
)
def test_requests_that_cannot_be_met(verified, repo, tmp_path, tunesmith, arguments, message):
    other = tmp_path / "other"
    other.mkdir()
    names = {"nothing": tmp_path / "nothing", "repo": repo, "folder": verified[0].folder,
             "other": other}  # fmt: skip
    done = tunesmith("verify", *(word.format(**names) for word in arguments))
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("xml", "results"),
    [
        (b"", {}),
        (b"<testsuites><testsuite><testcase", {}),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><testsuites/>', {}),
        (
            b'<testsuites><testsuite><testcase file="a/test_a.py" classname="a.test_a.TestB" '
            b'name="test_c[1]"/><testcase file="a/test_a.py" classname="a.test_a.TestB" '
            b'name="test_c[2]"><failure message="no">x</failure></testcase>'
            b"</testsuite></testsuites>",
            {"a/test_a.py::TestB::test_c": ("failed", "no")},
        ),
    ],
)
def test_junit(xml, results):
    assert read_junit(xml) == results
