# ruff: noqa: E501 - a row of a table reads better on one line
from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from corpus.config import TASKS, Pipeline
from corpus.errors import PipelineError, UsageError
from corpus.pipeline_file import copy_pipeline, load_pipeline, pipeline_names

FAULTS = {
    "docs:\n  min_word: 5": "{file}:2: unknown key 'docs.min_word'; did you mean 'min_words'?",
    "task: [explain]": "{file}:1: unknown key 'task'; did you mean 'tasks'?",
    "zzz: 1": "{file}:1: unknown key 'zzz'; there are " + ", ".join(Pipeline.model_fields),
    "repos:\n  - where: a\n  - where: b\n    revison: x": "{file}:4: unknown key 'repos.1.revison'; did you mean 'revision'?",
    "repos:\n  - revision: x": "{file}:2: 'repos.0.where' is missing",
    "repos: ../app": "{file}:1: repos: input should be a valid list, not '../app'",
    "\n\ndocs:\n  min_words: many": "{file}:4: docs.min_words: input should be a valid integer, not 'many'",
    "docs:\n  min_words: -1": "{file}:2: docs.min_words: input should be greater than or equal to 0, not -1",
    "docs:\n  min_words: true": "{file}:2: docs.min_words: input should be a valid integer, not True",
    "docs:\n  english: 3": "{file}:2: docs.english: input should be a valid boolean, ",
    "files:\n  max_bytes: 0": "{file}:2: files.max_bytes: input should be greater than 0",
    "files:\n  include: '*.py'": "{file}:2: files.include: input should be a valid list, not '*.py'",
    "files:\n  include:\n    - a\n    - 3": "{file}:4: files.include.1: input should be a valid string, not 3",
    "languages: [python, pyhton]": "{file}:1: languages.1: no language 'pyhton'; did you mean 'python'?",
    "tasks:\n- explain\n- explian": "{file}:3: tasks.1: no task 'explian'; did you mean 'explain'?",
    "tasks: [xyz]": "{file}:1: tasks.0: no task 'xyz'; there are " + ", ".join(sorted(TASKS)),
    "splits:\n  validation: 0.5\n  test: 0.5": "{file}:1: splits: validation and test together must leave something to train on",
    "splits:\n  test: .nan": "{file}:2: splits.test: input should be ",
    "length: 5": "{file}:1: length holds keys (max_tokens, max_output_tokens), not 5",
    "repos:\n  - ../app": "{file}:2: repos.0 holds keys (where, revision, name), not '../app'",
    "docs:\n  min_words: 1\ndocs: {}": "{file}:3: 'docs' is given twice",
    "docs:\n  min_words: 1\n  min_words: 2": "{file}:3: 'min_words' is given twice",
    "- a\n- b": "{file}:1: a pipeline file holds keys, as `tasks: [explain]`",
    "just text": "{file}:1: a pipeline file holds keys, as `tasks: [explain]`",
    "docs: [": "{file}:1: ",
    "docs:\n\tmin_words: 1": "{file}:2: ",
    "docs: *nowhere": "{file}:1: found undefined alias",
    "a: 1\n---\nb: 2": "{file}:2: but found another document",
    "docs: !!python/object:os.system {}": "{file}:1: could not determine a constructor for the tag",
    "1: 2": "{file}:1: ",
    "? [a]\n: 1": "{file}:1: ",
    "docs: \0": "{file}",
    "repos: &a [*a]": "{file}:1: ",
}


@pytest.mark.parametrize("text", FAULTS, ids=range(len(FAULTS)))
def test_faults(tmp_path, text):
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    with pytest.raises(PipelineError) as fault:
        load_pipeline(file)
    assert "\n" not in str(fault.value)
    assert str(fault.value).startswith(FAULTS[text].replace("{file}", str(file)))


def test_exact_messages_end_where_they_say(tmp_path):
    """What the table says in full is all that is said."""
    for text, expected in FAULTS.items():
        if expected[-1] in "?'" or expected.endswith(("splits", "security", "train on")):
            (tmp_path / "p.yaml").write_text(text)
            with pytest.raises(PipelineError) as fault:
                load_pipeline(tmp_path / "p.yaml")
            assert str(fault.value) == expected.replace("{file}", str(tmp_path / "p.yaml"))


def test_files_that_cannot_be_read(tmp_path):
    (tmp_path / "latin.yaml").write_bytes(b"# \xe9\n")
    for file, said in (
        (tmp_path / "absent.yaml", "does not exist"),
        (tmp_path, "can't be read"),
        (tmp_path / "latin.yaml", "can't be read"),
        (tmp_path / "latin.yaml" / "x", "can't be read"),
    ):
        with pytest.raises(PipelineError, match=said) as fault:
            load_pipeline(file)
        assert str(file) in str(fault.value)
        assert "\n" not in str(fault.value)


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "{}"])
def test_an_empty_file_is_the_defaults(tmp_path, text):
    (tmp_path / "p.yaml").write_text(text)
    assert load_pipeline(tmp_path / "p.yaml") == load_pipeline(None) == Pipeline()


# ---------------------------------------------------------------- flags and --set

FILE = """\
repos:
  - where: from-file
languages: [python]
docs: {min_words: 7, english: true}
files:
  include: ["*.py"]
  max_bytes: 5
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text(FILE)
    return path


def test_flags_win_over_set_and_set_over_the_file(file):
    flags = {
        "repos": [{"where": "from-flag", "revision": "v1"}],
        "files": {"include": ["*.go"]},
        "docs": {"min_words": 9},
    }
    made = load_pipeline(
        file, ["docs.min_words=8", "docs.english=false", "length.max_tokens=3"], flags
    )
    assert [(repo.where, repo.revision) for repo in made.repos] == [("from-flag", "v1")]
    assert (made.docs.min_words, made.docs.english, made.length.max_tokens) == (9, False, 3)
    assert (made.files.include, made.files.max_bytes) == (["*.go"], 5)
    assert made.languages == ["python"]


@pytest.mark.parametrize(
    ("override", "read", "value"),
    [
        ("docs.min_words=5", lambda p: p.docs.min_words, 5),
        ("docs.english=yes", lambda p: p.docs.english, True),
        ("templates=a=b", lambda p: p.templates, "a=b"),
        ("templates=null", lambda p: p.templates, None),
        ("files.exclude=[a, 'b c']", lambda p: p.files.exclude, ["a", "b c"]),
        ("splits={validation: 0.2, test: 0}", lambda p: p.splits.validation, 0.2),
        (" docs.min_words = 5", lambda p: p.docs.min_words, 5),
    ],
)
def test_set(override, read, value):
    assert read(load_pipeline(None, [override])) == value


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("docs.min_words", "--set docs.min_words: write it as key.path=value, as docs.min_words=5"),
        ("=5", "--set =5: write it as key.path=value, as docs.min_words=5"),
        ("docs..x=5", "--set docs..x=5: write it as key.path=value, as docs.min_words=5"),
        ("docs.min_words=[", "--set docs.min_words=[: the value is not YAML"),
        ("docs.min_word=5", "--set docs.min_word: unknown key 'docs.min_word'; did you mean 'min_words'?"),
        ("dosc.min_words=5", "--set dosc.min_words: unknown key 'dosc'; did you mean 'docs'?"),
        ("docs=5", "--set docs: docs holds keys (min_words, english, max_changed), not 5"),
        ("languages=[pyhton]", "--set languages: languages.0: no language 'pyhton'; did you mean 'python'?"),
        ("files.include=[3]", "--set files.include: files.include.0: input should be a valid string"),
        ("docs.min_words.x=5", "--set docs.min_words.x: docs.min_words: input should be a valid integer"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("with_file", [False, True])
def test_faults_of_set_name_it_and_not_the_file(file, with_file, override, message):
    with pytest.raises(PipelineError) as fault:
        load_pipeline(file if with_file else None, [override])
    assert str(fault.value).startswith(message)


@pytest.mark.parametrize("with_file", [False, True])
@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"languages": ["pyhton"]}, "languages.0: no language 'pyhton'; did you mean 'python'?"),
        ({"tasks": ["explian"]}, "tasks.0: no task 'explian'; did you mean 'explain'?"),
    ],
)
def test_faults_of_flags_name_the_command_line_and_not_the_file(file, with_file, flags, message):
    with pytest.raises(PipelineError) as fault:
        load_pipeline(file if with_file else None, (), flags)
    assert str(fault.value) == f"on the command line: {message}"


def test_loading_leaves_the_flags_alone(file):
    flags = {"files": {"include": ["x"]}}
    load_pipeline(file, ["files.max_bytes=9"], flags)
    assert flags == {"files": {"include": ["x"]}}


@pytest.mark.parametrize("key", ["tasks", "languages"])
def test_what_is_named_twice_is_done_once(shop, build_dataset, tmp_path, key):
    names = {"tasks": ["explain", "explain"], "languages": ["go", "go"]}[key]
    made = build_dataset(shop, tmp_path / "out", **{key: names})
    ids = [row["example_id"] for row in made.rows("instructions")]
    assert len(ids) == len(set(ids)) > 0


# ---------------------------------------------------------------- shipped pipelines


def test_shipped_pipelines():
    names = pipeline_names()
    assert "default" in names
    folder = Path(__file__).parent.parent / "pipelines"
    assert names == sorted(path.stem for path in folder.iterdir())


def test_a_copied_pipeline_loads_and_default_is_the_defaults(tmp_path):
    for name in pipeline_names():
        copied = copy_pipeline(name, tmp_path / "mine")
        assert copied == tmp_path / "mine" / f"{name}.yaml"
        if name != "two_stage":  # for training: tests/train
            assert isinstance(load_pipeline(copied), Pipeline)
    default = tmp_path / "mine" / "default.yaml"
    assert load_pipeline(default) == Pipeline()
    assert yaml.safe_load(default.read_text()).keys() == Pipeline.model_fields.keys()


@pytest.mark.parametrize(
    ("name", "prepare", "message"),
    [
        ("defualt", None, "no pipeline 'defualt'; did you mean 'default'?"),
        ("../default", None, "no pipeline '../default'"),
        ("default", "copied", "default.yaml exists"),
        ("default", "file", "mine"),
    ],
)
def test_what_cannot_be_copied(tmp_path, name, prepare, message):
    folder = tmp_path / "mine"
    if prepare == "copied":
        folder.mkdir()
        (folder / "default.yaml").write_text("mine: true")
    elif prepare == "file":
        folder.write_text("a file")
    before = {path: path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(UsageError) as fault:
        copy_pipeline(name, folder)
    assert message in str(fault.value)
    assert {path: path.read_text() for path in tmp_path.rglob("*") if path.is_file()} == before
