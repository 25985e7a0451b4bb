"""Splits: by what decides, and that nothing similar is on two sides, counted by brute force."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pytest

from corpus.dedup.parameters import DedupParameters
from corpus.dedup.sign import sign
from corpus.errors import PipelineError, UsageError
from corpus.pipeline_file import load_pipeline
from tests.dedup.brute_force import similar_pairs
from tests.repos import FILE, git, make_repo

COPY = (
    'def shared(rows, key):\n    """Return the rows that have a key."""\n'
    "    found = [row for row in rows if key in row]\n    return sorted(found, key=str)\n"
)


def _own(name: str) -> str:
    """Make a documented function whose words are all its own."""
    words = " + ".join(f"{name}_{number}" for number in range(9))
    return f'def {name}(x):\n    """Return the sum for {name}."""\n    return {words}\n'


@pytest.fixture
def repo(tmp_path):
    files = {
        b"core/a.py": _own("alpha") + "\n\n" + COPY,
        b"core/deep/b.py": _own("beta"),
        b"apps/billing/c.py": _own("gamma") + "\n\n" + COPY.replace("found", "hits"),
        b"apps/billing2/d.py": _own("delta"),
        b"apps/shop/e.py": _own("epsilon"),
    }
    make_repo(tmp_path / "repo", {path: (FILE, text.encode()) for path, text in files.items()})
    return tmp_path / "repo"


def _splits(dataset):
    return {row["name"]: row["split"] for row in dataset.rows("functions")}


def test_by_path(tmp_path, repo, build_dataset):
    made = build_dataset(
        repo,
        tmp_path / "out",
        "splits={by: path, test_in: [apps/billing/], validation_in: [core/deep/b.py]}",
    )
    assert _splits(made) == {
        "alpha": "train",
        "shared": "train",  # a near-copy is in test, but it stands in a training file
        "beta": "validation",
        "gamma": "test",
        "delta": "train",
        "epsilon": "train",
    }


def test_the_nearest_folder_decides(tmp_path, repo, build_dataset):
    splits = "splits={by: path, test_in: [apps], validation_in: [apps/shop]}"
    made = _splits(build_dataset(repo, tmp_path / "out", splits))
    assert {name for name, split in made.items() if split == "test"} == {"gamma", "delta"}
    assert made["epsilon"] == "validation"


def test_by_repo(tmp_path, repo, build_dataset):
    make_repo(tmp_path / "held", {b"z.py": (FILE, (_own("zeta") + "\n\n" + COPY).encode())})
    repos = [{"where": str(repo), "name": "team/app"}, {"where": str(tmp_path / "held")}]
    splits = "splits={by: repo, test_in: [held]}"
    made = _splits(build_dataset(repo, tmp_path / "out", splits, repos=repos))
    assert {name for name, split in made.items() if split == "test"} == {"zeta"}
    assert set(made.values()) == {"train", "test"}


def _change_late(repo):
    """Add a commit of the year 2030 that changes one file, and a merge of it."""
    code = _own("beta").replace("the sum", "a sum").encode()
    git(repo, "fast-import", "--quiet", stdin=b"".join([
        b"commit refs/heads/main\ncommitter A <a@example.org> 1900000000 +0000\ndata 1\nx\n",
        b"from refs/heads/main^0\nM 100644 inline core/deep/b.py\n",
        b"data %d\n%b\n" % (len(code), code),
    ]))  # fmt: skip


def test_by_time(tmp_path, repo, build_dataset):
    _change_late(repo)
    splits = "splits={by: time, test_since: 2030-01-01, validation: 0.3}"
    made = _splits(build_dataset(repo, tmp_path / "out", splits))
    assert {name for name, split in made.items() if split == "test"} == {"beta"}
    assert "validation" in made.values()


REFUSED = {
    "{by: time}": "`by: time` and test_since need each other",
    "{test_since: 2030-01-01}": "`by: time` and test_since need each other",
    "{by: time, test_since: soon}": "'soon' is no day; write it as 2024-01-31",
    "{test_in: [a]}": "validation_in and test_in need `by: repo` or `by: path`",
    "{by: path}": "by path needs names in validation_in or test_in",
    "{by: path, test_in: [a, b], validation_in: [b/]}": "a name stands twice",
    "{by: path, test_in: [/]}": "a repo or folder must have a name",
    "{by: author}": "input should be 'cluster', 'repo', 'path' or 'time'",
    "{by: path, test_in: a}": "input should be a valid list",
}


@pytest.mark.parametrize("splits", REFUSED)
def test_refused(splits):
    with pytest.raises(PipelineError, match=re.escape(REFUSED[splits])):
        load_pipeline(None, [f"splits={splits}"])


@pytest.mark.parametrize(
    ("splits", "said"),
    [
        ("{by: path, test_in: [app]}", "no file that was read is in path 'app'"),
        ("{by: repo, test_in: [rep]}", "no file that was read is in repo 'rep'"),
        ("{by: repo, test_in: [repo]}", "leave no file to train on"),
        ("{by: time, test_since: 2000-01-01}", "every file was changed since 2000-01-01"),
    ],
)
def test_refused_once_the_files_are_known(tmp_path, repo, build_dataset, splits, said):
    with pytest.raises(UsageError, match=said):
        build_dataset(repo, tmp_path / "out", f"splits={splits}")
    assert not (tmp_path / "out").exists()


def test_a_folder_has_no_time(tmp_path, build_dataset):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.py").write_text(COPY)
    with pytest.raises(UsageError, match="`by: time` needs git repos"):
        build_dataset(
            tmp_path / "folder", tmp_path / "out", "splits={by: time, test_since: 2030-01-01}"
        )


@pytest.mark.parametrize(
    "splits",
    [
        "{}",
        "{by: path, test_in: [bisect.py, calendar.py, cmd.py], validation_in: [copy.py, csv.py]}",
    ],
)
def test_nothing_similar_is_on_two_sides(tmp_path, stdlib, build_dataset, splits):
    made = build_dataset(stdlib, tmp_path / "out", f"splits={splits}")
    for configuration, column in (("functions", "code_without_doc"), ("knowledge", "text")):
        rows = made.rows(configuration)
        assert {row["split"] for row in rows} == {"train", "validation", "test"}
        texts = pa.array([row[column] for row in rows])
        sets = sign(texts, DedupParameters())["shingles"].to_pylist()
        left, right, _ = similar_pairs(sets, 0.7)
        split = np.array([row["split"] for row in rows])
        assert np.count_nonzero(split[left] != split[right]) == 0
