"""Take-down: which rows go, that nothing of them is left, and that they stay away."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.report.difference import difference
from tests.conftest import CONFIGURATIONS, Dataset, built_once, cache_of
from tests.history.story import Story
from tests.repos import git


def _function(name: str, verb: str) -> str:
    return (
        f"def {name}(items, limit):\n"
        f'    """{verb} the items that are worth it, up to a limit."""\n'
        f"    found = [item for item in items if item.{name}]\n"
        f"    return found[:limit], {len(name)}\n"
    )


def _make_team(made: Path) -> None:
    """Two people, three files; one file was renamed after its first author left."""
    made.mkdir()
    git(made, "init", "--quiet", "--initial-branch=main")
    _commit(made, "Ann Poe <ann@corp.example>", {"keep.py": _function("keep", "Keep")})
    _commit(made, "Ann Poe <ann@corp.example>", {"old/moved.py": _function("moved", "Move")})
    _commit(made, "Bob Roe <bob@corp.example>", {
        "keep.py": _function("keep", "Keep") + "\n\n" + _function("added", "Add"),
        "old/other.py": _function("other", "Sort"),
    })  # fmt: skip
    git(made, "mv", "old/moved.py", "renamed.py")
    _commit(made, "Bob Roe <bob@corp.example>", {})


@pytest.fixture(scope="session")
def repo(once) -> Path:
    """Return the team's repo. Look, don't touch."""
    return once("team", _make_team)


@pytest.fixture(scope="session")
def team_dataset(once, repo) -> Dataset:
    return built_once(once, "team-dataset", repo)


@pytest.fixture
def made(team_dataset, tmp_path) -> Dataset:
    """A copy of the team's dataset, to take from."""
    return replace(team_dataset, folder=shutil.copytree(team_dataset.folder, tmp_path / "out"))


def _commit(repo: Path, author: str, files: dict[str, str]) -> None:
    for name, text in files.items():
        (repo / name).parent.mkdir(exist_ok=True)
        (repo / name).write_text(text)
    git(repo, "add", "--all")
    name, _, mail = author.rstrip(">").partition(" <")
    identity = ("-c", f"user.name={name}", "-c", f"user.email={mail}")
    git(repo, *identity, "commit", "--quiet", "--message", "work")


def _names(folder: Path) -> set[str]:
    import pyarrow.parquet as pq

    files = folder.glob("functions/*.parquet")
    return {name for file in files for name in pq.read_table(file)["name"].to_pylist()}


def _paths(folder: Path) -> set[str]:
    import pyarrow.parquet as pq

    files = folder.glob("knowledge/*.parquet")
    return {row["path"] for f in files for row in pq.read_table(f)["provenance"].to_pylist()}


ALL = {"keep", "added", "moved", "other"}


@pytest.mark.parametrize(
    ("what", "functions", "files"),
    [
        (["--path", "old/"], ALL - {"other"}, {"keep.py", "renamed.py"}),
        (["--path", "*.py"], set(), set()),
        (["--author", "Ann Poe"], {"added", "other"}, {"old/other.py"}),
        (["--author", "BOB@corp.example"], {"keep", "moved"}, {"renamed.py"}),
        (["--author", "nobody"], ALL, {"keep.py", "renamed.py", "old/other.py"}),
        (["--repo", "team"], set(), set()),
        (["--commit", "HEAD~1"], {"keep", "moved"}, {"renamed.py"}),
    ],
)
def test_rows_that_go_stay_away(repo, made, team_dataset, tunesmith, what, functions, files):
    out = made.folder
    assert (_names(out), len(_paths(out))) == (ALL, 3)
    if what[0] == "--commit":
        what = ["--commit", git(repo, "rev-parse", what[1]).decode().strip()]
    before = {c: len(made.rows(c)) for c in CONFIGURATIONS}
    done = tunesmith("forget", out, *what, "--clone", repo)
    assert done.returncode == 0, done.stderr
    assert (_names(out), _paths(out)) == (functions, files)
    gone = [line.split() for line in done.stdout.splitlines()[:-1]]
    left = {c: sum(t.num_rows for t in made.tables(c)) for c in CONFIGURATIONS}
    for configuration in CONFIGURATIONS:
        went = sum(line[0] == configuration for line in gone)
        assert went == before[configuration] - left[configuration]
    manifest = json.loads((out / "manifest.json").read_text())
    counted = {c: sum(s.values()) for c, s in manifest["figures"]["rows"].items()}
    assert counted == {c: n for c, n in left.items() if n}
    # A later build to the same place leaves them out, and says so.
    if functions:
        # Nor does work that was kept from before they went bring them back.
        build = ("build", "--repo", repo, "--out", out, "--cache", cache_of(team_dataset))
        again = tunesmith(*build, "--overwrite", "--workers", "1")
        assert again.returncode == 0, again.stderr
        assert (_names(out), _paths(out)) == (functions, files)
        assert ("forgotten" in again.stdout) == (functions != ALL)


def test_nothing_of_it_is_left(repo, made, tunesmith):
    out = made.folder
    assert tunesmith("forget", out, "--author", "Ann Poe", "--clone", repo).returncode == 0
    import pyarrow.parquet as pq

    for file in out.rglob("*"):
        if file.suffix == ".parquet":
            assert "Move the items" not in str(pq.read_table(file).to_pylist())
        elif file.is_file() and ".tunesmith" not in file.parts:
            assert b"Ann" not in file.read_bytes()


def test_tombstones_for_another_build(repo, made, tmp_path, build_dataset, tunesmith):
    """A pipeline file names the take-downs, wherever the build goes."""
    assert tunesmith("forget", made.folder, "--path", "old/").returncode == 0
    stones = made.folder / ".tunesmith" / "forgotten.json"
    build_dataset(repo, tmp_path / "new", f"safety.forgotten={stones}")
    assert _names(tmp_path / "new") == ALL - {"other"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--author", "Ann Poe"], "name a --clone"),
        (["--path", "a", "--repo", "b"], "not allowed with argument"),
        ([], "one of the arguments"),
    ],
)
def test_what_can_not_be_met(made, tmp_path, tunesmith, arguments, says):
    (tmp_path / "elsewhere").mkdir()
    done = tunesmith("forget", made.folder, *arguments, cwd=tmp_path / "elsewhere")
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert _names(made.folder) == ALL


def test_a_folder_that_is_no_dataset(tmp_path, tunesmith):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes").write_text("x")
    for folder in (tmp_path / "mine", tmp_path / "absent"):
        done: subprocess.CompletedProcess[str] = tunesmith("forget", folder, "--path", "x")
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
    assert (tmp_path / "mine" / "notes").read_text() == "x"
    assert not (tmp_path / "absent").exists()


SHORT = "def total(lines):\n    result = 0\n    for n, price in lines:\n        if n < 0:\n"
SHORT += "            continue\n        result += n * price\n    return round(result, 2)\n"
LABEL = "def label(order):\n    return order.name.title() + ' of ' + order.customer.name\n"
NAMED = "def label(order):\n    if order.customer is None:\n        return order.name.title()\n"
NAMED += "    return order.name.title() + ' of ' + order.customer.name\n"


def test_a_change_is_its_authors(tmp_path, build_dataset, tunesmith):
    """Whoever wrote the commit, wherever its lines have gone since."""
    story = Story(tmp_path / "team")
    bob = "Bob Roe <bob@corp.example>"
    story.commit("Add a shop", {"total.py": SHORT, "label.py": LABEL})
    fixed = SHORT.replace("n < 0", "n <= 0")
    theirs = story.commit(
        "Fix wrong total of orders with empty lines", {"total.py": fixed}, author=bob
    )
    others = story.commit("Fix crash of orders without a customer", {"label.py": NAMED})
    story.commit("Put a licence above", {"total.py": "# MIT\n" * 20 + fixed, "label.py": NAMED})
    out = tmp_path / "out"
    made = build_dataset(story.repo, out, "history.min_confidence=0.0")

    def commits(configuration: str) -> set[str]:
        rows = [row for table in made.tables(configuration) for row in table.to_pylist()]
        places = [row if configuration == "changes" else row["provenance"] for row in rows]
        return {place["commit"] for place in places} & {theirs, others}

    for configuration in ("changes", "instructions"):
        assert commits(configuration) == {theirs, others}
    forget = ("forget", out, "--author", "Bob Roe", "--clone", story.repo)
    assert tunesmith(*forget).returncode == 0
    for configuration in ("changes", "instructions"):
        assert commits(configuration) == {others}
    settings = ("--set", "history.min_confidence=0.0", "--workers", "1", "--overwrite")
    again = tunesmith("build", "--repo", story.repo, "--out", out, *settings)
    assert again.returncode == 0, again.stderr
    for configuration in ("changes", "instructions"):
        assert commits(configuration) == {others}


def test_diff_says_what_was_forgotten(made, team_dataset, tunesmith):
    assert tunesmith("forget", made.folder, "--path", "keep.py").returncode == 0
    rows = difference(team_dataset.folder, made.folder)
    assert set(rows.filter(path="keep.py")["why"]) == {"in B: left out at forget: forgotten"}
    assert set(rows.filter(rows["path"] != "keep.py")["change"]) == {"same"}
