"""`tunesmith templates`: what a team sees on the way to its own format."""

from __future__ import annotations

import re
import resource
from pathlib import Path

import pytest

from corpus.house.catalogue import SLOTS, catalogue, copy
from corpus.house.check import check_folder
from corpus.house.preview import preview
from corpus.pipeline_file import load_pipeline
from corpus.shipped import shipped
from tests.conftest import Dataset
from tests.history.story import Story, make_story
from tests.links.shop import FILES
from tests.repos import FILE, make_repo

HOUSE = """\
{#---
weight: 3
when: parameters
shape: {begins_with: text, min_bullets: 1}
---#}
{% extends "tunesmith/explain/default.jinja" %}
{% block instruction %}
House style: {{ name }}
{% endblock %}
"""


@pytest.fixture
def house(tmp_path) -> Path:
    folder = tmp_path / "house"
    (folder / "explain" / "python").mkdir(parents=True)
    (folder / "explain" / "house.jinja").write_text(HOUSE)
    (folder / "explain" / "python" / "brief.jinja").write_text(HOUSE)
    return folder


def test_list_names_every_template(tunesmith, house):
    done = tunesmith("templates", "list", "--templates", house)
    assert (done.returncode, done.stderr) == (0, "")
    lines = {re.sub(r"\s+", " ", line).strip() for line in done.stdout.splitlines()}
    assert "explain brief all 1 shipped" in lines
    assert any(line.startswith("explain house all 3 parameters") for line in lines)
    assert any(line.startswith("explain brief python 3 parameters") for line in lines)
    shipped_ones = list(shipped("templates").glob("*/*.jinja"))
    assert len(catalogue()) == len(shipped_ones)
    assert len(catalogue(house)) == len(shipped_ones) + 2


def test_show(tunesmith, house):
    source = (shipped("templates") / "explain" / "default.jinja").read_text()
    for name in ("explain", "explain/default", "explain/default.jinja"):
        assert tunesmith("templates", "show", name).stdout == source
    assert tunesmith("templates", "show", "row").stdout.startswith("{#-")
    shown = tunesmith("templates", "show", "explain/house", "--templates", house)
    assert shown.stdout == HOUSE


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("show", "explian"), "no template 'explian'; did you mean 'explain/"),
        (("show", "../pyproject"), "no template '../pyproject'; there are "),
        (("copy", "explian", "x"), "no template 'explian'; did you mean 'explain'?"),
        (("preview", "explain/nope"), "no template 'explain/nope'; did you mean 'explain/"),
        (("show", "fix/house", "--templates", "absent"), "template folder absent does not exist"),
        (("preview", "explian"), "on the command line: tasks.0: no task 'explian'; did you"),
        (("check", "absent"), "template folder absent does not exist"),
        (("list", "--templates", "absent"), "template folder absent does not exist"),
    ],
)
def test_wrong_requests(tunesmith, tmp_path, arguments, error):
    done = tunesmith("templates", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"tunesmith: error: {error}"), done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("task", sorted(SLOTS))
def test_a_copy_explains_the_variables_and_renders_the_same(task, tmp_path):
    copied = copy(task, tmp_path)
    assert {path.relative_to(tmp_path) for path in copied} == {
        path.relative_to(shipped("templates")) for path in shipped("templates").glob(f"{task}/*")
        if path.suffix == ".jinja"
    }  # fmt: skip
    for path in copied:
        text = path.read_text()
        assert all(f"    {name} " in text for name in SLOTS[task]), path
    found = check_folder(tmp_path)
    assert (found.faults, found.templates) == ([], len(copied))
    assert found.rows > 0


def test_a_copy_overwrites_nothing(tunesmith, tmp_path):
    assert tunesmith("templates", "copy", "explain/brief", tmp_path).returncode == 0
    before = (tmp_path / "explain" / "brief.jinja").read_bytes()
    done = tunesmith("templates", "copy", "explain", tmp_path)
    assert done.returncode == 2
    assert "brief.jinja exists" in done.stderr
    assert [path.name for path in tmp_path.rglob("*.jinja")] == ["brief.jinja"]
    assert (tmp_path / "explain" / "brief.jinja").read_bytes() == before


def test_check_tells_all_faults_at_once(tunesmith, house):
    (house / "explain" / "one.jinja").write_text(
        '{% extends "row.jinja" %}\n{{ sumary }}\n{{ nam }}'
    )
    (house / "explain" / "two.jinja").write_text(HOUSE.replace("House style:", "{{ summary }}"))
    (house / "document").mkdir()
    (house / "document" / "three.jinja").write_text(HOUSE.replace("when", "whne"))
    (house / "explian").mkdir()
    (house / "explian" / "four.jinja").write_text(HOUSE)
    (house / "explain" / "five.txt").write_text("x")
    (house / "policy").mkdir()
    (house / "policy" / "policies.yaml").write_text("policies:\n  - nmae: x\n")
    done = tunesmith("templates", "check", house)
    assert done.returncode == 2
    lines = [line.removeprefix(f"{house}/") for line in done.stdout.splitlines()]
    assert lines == [
        "explain/five.txt:1: is not read; name it five.jinja",
        "explian/four.jinja:1: the folder 'explian' is no task's; did you mean 'explain'?",
        "policy/policies.yaml:2: unknown key 'policies.0.nmae'; did you mean 'name'?",
        "explain/one.jinja:2: no variable 'sumary'; did you mean 'summary'?",
        "explain/one.jinja:3: no variable 'nam'; did you mean 'name'?",
        "explain/two.jinja:8: the prompt gives the answer away; take 'summary' out of it, "
        "or say it in block 'output' alone",
        "document/three.jinja:3: unknown key 'whne'; did you mean 'when'?",
    ]
    assert done.stderr.startswith("tunesmith: error: 7 faults in ")


def test_check_names_a_template_that_nothing_uses(tunesmith, house):
    (house / "mine.jinja").write_text("{% macro mine() %}x{% endmacro %}")
    done = tunesmith("templates", "check", house)
    assert done.stdout.startswith(
        f"{house}/mine.jinja:1: no template uses it; a phrasing lies in a "
    )
    assert done.stderr.startswith("tunesmith: error: 1 fault in ")
    (house / "explain" / "uses.jinja").write_text(
        '{% extends "tunesmith/explain/default.jinja" %}{% from "mine.jinja" import mine %}\n'
        "{% block instruction %}{{ mine() }}{% endblock %}\n"
    )
    assert tunesmith("templates", "check", house).returncode == 0


def test_check_holds_outputs_against_their_shape(house):
    (house / "explain" / "house.jinja").write_text(HOUSE.replace("when: parameters\n", ""))
    (fault,) = (f for f in check_folder(house).faults if "house.jinja" in f)
    assert fault.startswith(f"{house}/explain/house.jinja:3: the output for the go sample has not")
    assert fault.endswith("0 bullets, not 1 or more")


def test_preview_shows_rows_of_the_repo(tunesmith, shop, house):
    done = tunesmith("templates", "preview", "explain/house", "--repo", shop, "--templates", house,
                     "-n", "2")  # fmt: skip
    assert (done.returncode, done.stderr.startswith("not built yet")) == (0, True)
    assert len(re.findall(r"^explain/house\.jinja  \S+:\d+-\d+", done.stdout, re.M)) == 2
    assert "House style: " in done.stdout
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize("task", ["knowledge", "explain", "document", "implement"])
def test_previewed_rows_are_rows_of_the_build(task, shop, shop_dataset, tmp_path):
    pipeline = load_pipeline(None, (), {"repos": [{"where": str(shop)}], "tasks": [task]})
    configuration = "knowledge" if task == "knowledge" else "instructions"
    rows_of_build = {row["example_id"]: row for row in shop_dataset.rows(configuration)}
    cache = shop_dataset.folder.with_name(f".{shop_dataset.folder.name}.cache")
    for found in (preview(pipeline, 3, cache=cache), preview(pipeline, 3, cache=tmp_path)):
        assert len(found.rows) == 3
        assert len({row["provenance"]["path"] for row in found.rows}) == 3
        same = [row for row in found.rows if row["example_id"] in rows_of_build]
        # Without a build, copies are not told, nor the context that takes the whole repo.
        assert len(same) == 3 if found.is_built else len(same) >= 2
    every = preview(pipeline, 10**6, cache=cache)
    assert every.is_built
    assert {row["example_id"] for row in every.rows} == rows_of_build.keys() & {
        row["example_id"] for row in rows_of_build.values() if row.get("task", task) == task
    }


@pytest.mark.parametrize(
    ("changed", "is_built"),
    [("docs.min_words=9", True), ("mix.seed=2", True), ("context.share=0.9", False)],
)
def test_what_was_built_is_shown_as_long_as_the_settings_before_it_stay(
    changed, is_built, shop, shop_dataset
):
    flags = {"repos": [{"where": str(shop)}], "tasks": ["explain"]}
    cache = shop_dataset.folder.with_name(f".{shop_dataset.folder.name}.cache")
    assert preview(load_pipeline(None, (changed,), flags), 1, cache=cache).is_built == is_built


def test_a_pruned_cache_is_as_good_as_none(tunesmith, shop, tmp_path):
    build = ("build", "--repo", shop, "--out", tmp_path / "out", "--tasks", "explain")
    assert tunesmith(*build, "--cache", tmp_path / "cache").returncode == 0
    show = ("templates", "preview", "explain", "--repo", shop, "--cache", tmp_path / "cache")
    assert tunesmith(*show).stderr == ""
    entries = tmp_path / "cache" / "entries"
    for extracted in entries.glob("*/*/functions-*.arrow"):
        extracted.write_bytes(b"torn")
    torn, again = tunesmith(*show), tunesmith(*show)
    assert (torn.returncode, torn.stderr.count("\n")) == (1, 1)
    assert (again.returncode, again.stderr.startswith("not built")) == (0, True)


def test_preview_of_nothing(tunesmith, tmp_path):
    (tmp_path / "a.py").write_text("x = 1\n")
    done = tunesmith("templates", "preview", "explain", "--repo", tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "makes a row" in done.stderr


@pytest.fixture(scope="module")
def tested(tmp_path_factory) -> Path:
    repo = tmp_path_factory.mktemp("tested") / "repo"
    make_repo(repo, {name.encode(): (FILE, text.encode()) for name, text in FILES.items()})
    return repo


def test_tests_are_previewed(tunesmith, tested):
    for task in ("test", "test_first"):
        done = tunesmith("templates", "preview", task, "--repo", tested, "-n", "2")
        assert (done.returncode, done.stderr.startswith("not built")) == (0, True)
        assert len(re.findall(rf"^{task}/\w+\.jinja  \S+:\d+-\d+", done.stdout, re.M)) == 2


@pytest.fixture(scope="module")
def story(tmp_path_factory) -> Path:
    repo = tmp_path_factory.mktemp("story") / "repo"
    make_story(repo)
    return repo


@pytest.fixture(scope="module")
def story_dataset(story, build_dataset) -> Dataset:
    return build_dataset(story, story.parent / "out")


@pytest.mark.parametrize("name", ["fix", "refactor", "fix/with_test", "preferences"])
def test_changes_are_previewed_as_a_build_has_them(tunesmith, story, story_dataset, name):
    where = [row["provenance"] for row in story_dataset.rows("instructions")]
    places = {f"{w['path']}:{w['start_line']}-{w['end_line']}" for w in where}
    cache = story_dataset.folder.with_name(f".{story_dataset.folder.name}.cache")
    for flags, note in (((), "not built"), (("--cache", cache), "")):
        done = tunesmith("templates", "preview", name, "--repo", story, "-n", "1", *flags)
        assert (done.returncode, done.stderr[:9]) == (0, note)
        (place,) = re.findall(r"^\w+/\w+\.jinja  (\S+:\d+-\d+)", done.stdout, re.M)
        assert place in places


def test_a_preview_says_why_there_are_no_more_rows(tunesmith, story, story_dataset, house):
    cache = story_dataset.folder.with_name(f".{story_dataset.folder.name}.cache")
    show = ("templates", "preview", "--repo", story, "--cache", cache)
    few = tunesmith(*show, "fix/with_test", "-n", "99")
    assert few.returncode == 0
    assert re.fullmatch(r"\d+ of 99 rows: a build makes no more\n", few.stderr)
    none = tunesmith(*show, "explain", "--set", "docs.min_words=999")
    assert re.search(r"nothing in \S+ makes a row of explain; left out: \d+ ", none.stderr)
    unproved = tunesmith(*show, "fix_mutant")
    assert "verify one, then say --set tests.verified=" in unproved.stderr


def test_many_commits_are_previewed(tunesmith, tmp_path):
    """More than are looked at at a time, so that what was planned is read again and again."""
    story = Story(tmp_path / "repo")
    for rate in range(60):
        function = f"def total_{rate // 2}(lines):\n    return sum(lines) * {rate}\n"
        message = f"Fix the wrong rate of total_{rate // 2}, which was too low"
        story.commit(message, {f"orders_{rate // 2}.py": function})
    done = tunesmith("templates", "preview", "fix", "--repo", story.repo, "-n", "20")
    assert done.returncode == 0
    assert len(re.findall(r"^fix/\w+\.jinja  \S+:\d+-\d+", done.stdout, re.M)) == 20


def test_security_is_previewed_from_files_and_from_commits(tunesmith, tmp_path):
    story = Story(tmp_path / "repo")
    code = "import yaml\n\n\ndef settings(file):\n    return yaml.load(file)\n"
    story.commit("Begin", {"settings.py": code, "other.py": code.replace("settings", "others")})
    story.commit("Load safely", {"settings.py": code.replace("yaml.load", "yaml.safe_load")})
    for name, expected in (("security", "yaml.load(file)"), ("security/fixed", "Correction")):
        done = tunesmith("templates", "preview", name, "--repo", story.repo, "-n", "1")
        assert done.returncode == 0
        assert expected in done.stdout


@pytest.fixture(scope="module")
def listing(process) -> float:
    return _seconds(process, "templates", "list")


@pytest.mark.parametrize("task", ["explain", "fix", "test"])
def test_preview_takes_a_few_times_what_listing_takes(
    process, listing, stdlib, story, tested, task
):
    """Of processor time, which grows too where a machine is busy; it is 2 to 3 times."""
    repo = {"explain": stdlib, "fix": story, "test": tested}[task]
    used = _seconds(process, "templates", "preview", task, "--repo", repo)
    assert used < 4 * listing


def _seconds(process, *arguments) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert process(*arguments).returncode == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
