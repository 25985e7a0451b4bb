"""Splits: by what decides, and that nothing similar is on two sides, counted by brute force."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.dedup.parameters import DedupParameters, Splits
from corpus.dedup.sign import sign
from corpus.dedup.splits import split_files
from corpus.errors import PipelineError, UsageError
from corpus.ids import git_blob_id
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
        None,
        "{by: path, test_in: [bisect.py, calendar.py, cmd.py], validation_in: [copy.py, csv.py]}",
    ],
)
def test_nothing_similar_is_on_two_sides(tmp_path, stdlib, stdlib_dataset, build_dataset, splits):
    made = stdlib_dataset
    if splits:
        made = build_dataset(stdlib, tmp_path / "out", f"splits={splits}")
    for configuration, column in (("functions", "code_without_doc"), ("knowledge", "text")):
        rows = made.rows(configuration)
        assert {row["split"] for row in rows} == {"train", "validation", "test"}
        texts = pa.array([row[column] for row in rows])
        sets = sign(texts, DedupParameters())["shingles"].to_pylist()
        left, right, _ = similar_pairs(sets, 0.7)
        split = np.array([row["split"] for row in rows])
        assert np.count_nonzero(split[left] != split[right]) == 0


def _files(sizes, tests=()):
    """Make the table that ``split_files`` takes: a file per size, those in ``tests`` of tests."""
    rows = [
        {
            "repo": "team/app",
            "path": f"pkg/{name}.py",
            "blob_id": git_blob_id(name.encode()),
            "functions": size,
            "outside_tests": 0 if name in tests else size,
            "documented": size > 0,
        }
        for name, size in sizes.items()
    ]
    return pl.DataFrame(rows)


def _held_out(files):
    """Return the share of the functions that each split has, and its files."""
    split = split_files(files, Splits(), {})
    parts = [files.filter(split == number) for number in range(3)]
    shares = [part["functions"].sum() / files["functions"].sum() for part in parts]
    return shares, [set(part["path"]) for part in parts]


@pytest.mark.parametrize("seed", range(20))
def test_a_large_file_is_never_held_out(seed):
    """Half of the functions stand in one test file, whatever its hash."""
    sizes = {f"large{seed}": 240, **{f"m{seed}_{at}": 3 + at % 9 for at in range(36)}}
    shares, files = _held_out(_files(sizes, tests={f"large{seed}"}))
    assert f"pkg/large{seed}.py" in files[0]
    assert all(0.012 <= share <= 0.1 for share in shares[1:])


@given(sizes=st.lists(st.integers(0, 60), min_size=3, max_size=80), share=st.floats(0.02, 0.3))
def test_shares_are_held_to_for_any_sizes(sizes, share):
    files = _files({f"f{at}": size for at, size in enumerate(sizes)})
    split = split_files(files, Splits(validation=share, test=share), {})
    again = split_files(files.reverse(), Splits(validation=share, test=share), {}).reverse()
    assert split.to_list() == again.to_list()
    left = files.filter((split == 0) & files["documented"])
    for held in (1, 2):
        part = files.filter(split == held)
        # Where nothing fits, the split has one documented file, the smallest that was left.
        fits = part["functions"].sum() <= 2 * share * sum(sizes)
        assert fits or part.filter("documented").height == 1
        # Without any only where training could spare none.
        assert part["documented"].any() or left.height <= 1
    assert left.height or not any(sizes)


def test_an_edit_moves_no_file():
    """What is in a file changes, and how much, but not its path."""
    sizes = {f"m{at}": 1 + at * at % 23 for at in range(60)}
    before, after = _files(sizes), _files({**sizes, "m7": sizes["m7"] + 2, "m40": 5})
    after = after.with_columns(blob_id=pl.col("blob_id").reverse())
    assert _held_out(before)[1] == _held_out(after)[1]


def test_one_more_file_moves_few():
    """Files are added one by one to a repo of 30, until it has three times as many."""
    sizes = {f"m{at}": 1 + at * at % 23 for at in range(90)}
    names, moved = list(sizes), 0
    for count in range(30, 90):
        before, after = (
            _held_out(_files({name: sizes[name] for name in names[:end]}))[1]
            for end in (count, count + 1)
        )
        moved += sum(len(old - new) for old, new in zip(before, after, strict=True))
    assert moved / 60 <= 0.25
