"""``tunesmith duplicates``: what a build left out as copies."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest

from tests.repos import FILE, git, make_repo

BODY = "    total = 0\n    for item in items:\n        total += item.price * item.count\n"
COPIED = "def {name}(items):\n" + BODY + "    return round(total, {digits})\n"
OTHER = "def other(path, mode):\n    with open(path, mode) as file:\n        return file.read(10)\n"


@pytest.fixture
def folder(tmp_path, build_dataset):
    files = {
        b"a.py": COPIED.format(name="price", digits=2) + "\n\n" + OTHER,
        b"b.py": "x = 1\n\n\n" + COPIED.format(name="price", digits=2),
        b"c.py": "y = [1, 2, 3]\n\n\n" + COPIED.format(name="price", digits=3),
        b"d.py": "import os, sys\n\n\n" + OTHER,
    }
    make_repo(tmp_path / "repo", {path: (FILE, text.encode()) for path, text in files.items()})
    return build_dataset(tmp_path / "repo", tmp_path / "out").folder


def test_largest_cluster_first_with_a_diff(folder, tunesmith):
    done = tunesmith("duplicates", folder)
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
    assert lines[:5] == [
        "3 of 5 functions in 2 clusters left out as copies",
        "3 alike",
        "kept  a.py:1",
        "1.00  b.py:4",
        "0.87  c.py:4",
    ]
    assert "-    return round(total, 2)" in lines
    assert "+    return round(total, 3)" in lines
    assert lines[-4:] == ["2 alike", "kept  a.py:8", "1.00  d.py:4", "the same to the letter"]


def test_as_many_clusters_as_asked_for(folder, tunesmith):
    assert tunesmith("duplicates", folder, "-n", "1").stdout.count("alike") == 1


def test_rejects_name_the_survivor(folder, tunesmith):
    rejects = pq.read_table(folder / ".tunesmith" / "rejects.parquet").to_pylist()
    said = {(r["path"], r["line"]): (r["reason"], r["detail"]) for r in rejects}
    assert said["b.py", 4] == ("exact_duplicate", "1.0 like a.py:1")
    assert said["c.py", 4] == ("near_duplicate", "0.87 like a.py:1")
    assert said["d.py", 4] == ("exact_duplicate", "1.0 like a.py:8")


@pytest.mark.parametrize("make_something", [True, False])
def test_not_a_dataset(tmp_path, tunesmith, make_something):
    if make_something:
        (tmp_path / "x").mkdir()
    done = tunesmith("duplicates", tmp_path / "x")
    assert done.returncode == 2
    assert done.stderr.startswith(f"tunesmith: error: {tmp_path / 'x'} is not a dataset folder")
    assert done.stderr.count("\n") == 1


def test_the_copy_in_the_newest_repo_survives(tmp_path, build_dataset):
    """Whatever the order that repos are named in; a plain folder has no date and comes last."""
    text = COPIED.format(name="price", digits=2)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.py").write_text(text)
    for name in ("old", "new"):
        make_repo(tmp_path / name, {b"a.py": (FILE, f"{name} = 1\n\n\n{text}".encode())})
    late = b"commit refs/heads/main\ncommitter A <a@example.org> 1900000000 +0000\ndata 1\nx\n"
    git(tmp_path / "new", "fast-import", "--quiet", stdin=late + b"from refs/heads/main^0\n")
    repos = [{"where": str(tmp_path / name)} for name in ("folder", "old", "new")]
    (kept,) = build_dataset(tmp_path, tmp_path / "out", repos=repos).rows("functions")
    assert kept["repo"] == "new"
