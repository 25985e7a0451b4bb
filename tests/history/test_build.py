"""From a repo's history to rows of a dataset."""

from __future__ import annotations

from collections import Counter

import pytest

from corpus.report.page import write_report
from tests.history.story import CART, LABEL_FIXED, Story, make_story
from tests.repos import git


@pytest.fixture(scope="module")
def commits(tmp_path_factory):
    repo = tmp_path_factory.mktemp("story") / "repo"
    return repo, make_story(repo)


@pytest.fixture(scope="module")
def story_dataset(commits, build_dataset, tmp_path_factory):
    return build_dataset(commits[0], tmp_path_factory.mktemp("built") / "data")


def rows_of(dataset, task):
    return [row for row in dataset.rows("instructions") if row["task"] == task]


def test_fixes_become_rows(commits, story_dataset):
    rows = {row["provenance"]["commit"]: row for row in rows_of(story_dataset, "fix")}
    names = {name: commit for name, commit in commits[1].items() if commit in rows}
    assert names.keys() == {"fix", "crash"}
    fix = rows[names["fix"]]
    assert "wrong total of an order with empty lines" in fix["instruction"]
    assert "#12" not in fix["instruction"]
    assert "Abbott" not in fix["instruction"]
    assert "if number < 0:" in fix["input"]
    assert "def test_lines_without_items_are_passed_over" in fix["input"]
    fence, bullets = fix["output"].split("\n```\n")
    assert "if number <= 0:" in fence
    assert bullets.strip() == ("- The comparison `<` became `<=` in `number <= 0`, in a condition.")
    crash = rows[names["crash"]]
    assert (
        "- The null check `order.customer is None` was added before "
        '`return order.name.title() + " of " + order.customer.name`.' in crash["output"]
    )


def test_refactorings_become_rows(commits, story_dataset):
    (row,) = rows_of(story_dataset, "refactor")
    assert row["provenance"]["commit"] == commits[1]["refactor"]
    assert row["output"].endswith("- `result` was renamed to `amount`.")


def test_what_is_left_out_has_a_reason(commits, story_dataset):
    reasons = {
        reject["id"]: reject["reason"]
        for reject in story_dataset.rejects()
        if reject["stage"] == "commits"
    }
    named = {name: reasons.get(commit) for name, commit in commits[1].items()}
    assert named == {
        "first": "no_source_change",
        "fix": None,
        "rename_file": "no_source_change",
        "crash": None,
        "refactor": None,
        "comment": None,
        "bad": "reverted",
        "revert": "revert",
        "large": "large_commit",
        "bot": "bot",
    }
    assert story_dataset.summary["commits"] == len(named)


def test_before_and_after_are_the_source_at_the_commit(commits, story_dataset):
    repo = commits[0]
    rows = story_dataset.rows("changes")
    assert len(rows) >= 3
    for row in rows:
        for revision, start, end, code in (
            (f"{row['commit']}:{row['path']}", "start_line", "end_line", "after"),
            (f"{row['parent']}:{row['parent_path']}", "before_start_line", "before_end_line",
             "before"),
        ):  # fmt: skip
            lines = git(repo, "show", revision).decode().split("\n")
            assert "\n".join(lines[row[start] - 1 : row[end]]) == row[code]
        parent = git(repo, "rev-parse", f"{row['commit']}^").decode().strip()
        assert parent == row["parent"]


def test_versions_of_one_function_share_a_split(commits, story_dataset):
    functions = {row["qualified_name"]: row["split"] for row in story_dataset.rows("functions")}
    changes = story_dataset.rows("changes")
    assert {row["split"] for row in changes} <= set(functions.values())
    for row in changes:
        assert row["split"] == functions[row["qualified_name"]]


def test_workers_change_nothing(commits, build_dataset, story_dataset, tmp_path):
    two = build_dataset(commits[0], tmp_path / "data", workers=2)
    assert two.published() == story_dataset.published()
    assert two.rejects() == story_dataset.rejects()


@pytest.mark.parametrize(
    ("setting", "wanted"),
    [
        ("history.max_commits=0", set()),
        ("history.skip_authors=['ANN ABBOTT']", set()),
        ("history.skip_authors=['ann@example.org']", set()),
        ("history.until='2023-11-14'", set()),
        ("history.since='2023-11-14'", {"fix", "refactor"}),
        ("history.min_confidence=0.99", {"fix", "refactor"}),
        ("history.max_lines=1", set()),
        ("tasks=['refactor']", {"refactor"}),
    ],
)
def test_settings(commits, build_dataset, tmp_path, setting, wanted):
    made = build_dataset(commits[0], tmp_path / "data", setting)
    tasks = {row["task"] for row in made.rows("instructions")}
    assert tasks & {"fix", "refactor"} == wanted


def test_a_shallow_clone_has_the_history_that_it_has(commits, build_dataset, tmp_path):
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--depth=8", f"file://{commits[0]}", str(clone))
    made = build_dataset(clone, tmp_path / "data")
    mined = {row["provenance"]["commit"] for row in rows_of(made, "fix")}
    assert mined == {commits[1]["crash"]}
    assert made.summary["commits"] == 8


def test_a_partial_clone_says_what_it_lacks(commits, build_dataset, tmp_path):
    source = commits[0]
    git(source, "config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--filter=blob:none", f"file://{source}", str(clone))
    git(clone, "config", "remote.origin.url", str(tmp_path / "gone"))
    made = build_dataset(clone, tmp_path / "data")
    reasons = Counter(r["reason"] for r in made.rejects() if r["stage"] in ("history", "revisions"))
    assert reasons["unreadable"] >= 3
    assert rows_of(made, "fix") == []


def test_merges_tell_nothing_and_their_branches_once(build_dataset, tmp_path):
    story = Story(tmp_path / "repo")
    story.commit("Add", {"cart.py": CART, "a.py": "A = 1\n"})
    fix = story.commit(
        "Fix crash without customer", {"cart.py": LABEL_FIXED}, branch="topic", start="main"
    )
    story.commit("More", {"a.py": "A = 2\n"})
    story.commit("Merge branch 'topic': fix crash", {"cart.py": LABEL_FIXED}, merge="topic")
    made = build_dataset(story.repo, tmp_path / "data")
    assert {row["commit"] for row in made.rows("changes")} == {fix}


def test_odd_paths(build_dataset, tmp_path):
    story = Story(tmp_path / "repo")
    names = ["caf\u00e9 \u2603.py", 'quo"te\\d.py', "new\nline.py", ":100644 x.py", "\x01mark.py"]
    texts = {name: CART.replace("result", f"result{n}") for n, name in enumerate(names)}
    story.commit("Add", texts | {b"bad\xff.py": CART})
    fixed = {name: text.replace("number < 0", "number <= 0") for name, text in texts.items()}
    story.commit("Fix wrong total", fixed | {b"bad\xff.py": TOTAL_WRONG})
    made = build_dataset(story.repo, tmp_path / "data", "dedup.threshold=1.0")
    assert {row["path"] for row in made.rows("changes")} == set(names)


TOTAL_WRONG = CART.replace("number < 0", "number <= 0")


def test_a_plain_folder_has_no_history(build_dataset, tmp_path):
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "cart.py").write_text(CART)
    made = build_dataset(folder, tmp_path / "data")
    assert made.summary["commits"] == made.summary["changes"] == 0


TOTAL = """
def total(lines):
    amount = 0
    for line in lines:
        amount += line.price{}
    return round(amount, 2)
"""
WEIGHT = """
def weight(parcel):
    heaviest = max(parcel.items, key=by_weight{})
    return heaviest.weight * len(parcel.items)
"""
LABEL = """
def label(parcel):
    return " ".join(word.title() for word in parcel.address.split())
"""


@pytest.mark.parametrize(
    "splits", ["{by: path, test_in: [post]}", "{by: time, test_since: 2030-01-01}"]
)
def test_what_is_held_out_is_so_in_its_history(build_dataset, tmp_path, splits):
    """Also where the function is gone by now, so that no function of today says its split."""
    story = Story(tmp_path / "repo")
    story.commit("Begin", {"shop.py": TOTAL.format(""), "post/parcel.py": WEIGHT.format("")})
    story.commit("Fix wrong total of several lines", {"shop.py": TOTAL.format(" * line.count")})
    story._time = 1_900_000_000  # in 2030
    fixed = WEIGHT.format(", default=NOTHING") + LABEL
    story.commit("Fix crash on a parcel without items", {"post/parcel.py": fixed})
    story.commit("Weigh no more", {"post/parcel.py": LABEL})
    made = build_dataset(story.repo, tmp_path / "out", f"splits={splits}").rows("changes")
    found = {row["qualified_name"]: row["split"] for row in made}
    assert found == {"total": "train", "weight": "test"}


def test_a_file_too_deep_to_compare_costs_itself(tmp_path, build_dataset):
    story = Story(tmp_path / "repo")
    terms = " +\n        ".join([" + ".join(["x"] * 20)] * 150)
    for number, name in enumerate(("one", "two")):
        files = {
            "deep.py": f"def {name}(x):\n    y = {number}\n    return ({terms})\n",
            "flat.py": f"def flat(x):\n    return x + {number}\n",
        }
        story.commit(f"Fix number {number}", files)
    built = build_dataset(story.repo, tmp_path / "data")
    assert [row["path"] for row in built.rejects() if row["reason"] == "too_deep"] == ["deep.py"]
    assert [row["path"] for row in built.rows("changes")] == ["flat.py"]


def test_the_report_counts_changes_as_the_manifest_does(story_dataset, tmp_path):
    page = write_report(story_dataset.folder, tmp_path / "report.html").read_text("utf-8")
    assert "its manifest counts" not in page
    assert "<td>changes</td>" in page
