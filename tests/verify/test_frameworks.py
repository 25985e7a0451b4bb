"""What commands may be, how their results are read, and what is mounted for them."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from corpus.errors import PipelineError, UsageError
from corpus.pipeline_file import load_pipeline
from corpus.verify.frameworks import Command, Pytest
from corpus.verify.interpreter import ask_interpreter
from corpus.verify.results import read_named
from corpus.verify.runner import Mount, check_out

_FAILS = '<failure type="x" message="no"/>'


@pytest.mark.parametrize(
    ("cases", "title", "outcome"),
    [
        # node: a suite for every block
        ('<testsuite name="a"><testsuite name="b c"><testcase name="d" classname="test"/>'
         "</testsuite></testsuite>", "a > b c > d", "passed"),
        # jest-junit, mocha, vitest: the whole title is the name
        (f'<testsuite name="a"><testcase name="a b" classname="a b">{_FAILS}</testcase>'
         "</testsuite>", "a > b", "failed"),
        ('<testsuite name="x.test.js"><testcase name="a &gt; b"><skipped/></testcase></testsuite>',
         "a > b", "skipped"),
        # gotestsum, and JUnit
        ('<testsuite name="shop"><testcase classname="shop" name="TestTotal"/></testsuite>',
         "TestTotal", "passed"),
        ('<testsuite name="com.x.ShopTest"><testcase classname="com.x.ShopTest" name="total"/>'
         "</testsuite>", "ShopTest.total", "passed"),
        # JUnit: an exception that the test did not expect
        ('<testcase classname="ShopTest" name="total"><error type="NullPointerException"/>'
         "</testcase>", "ShopTest.total", "failed"),
        # what a hook did is not the test's; two of a title say nothing of either
        ('<testcase name="a"><failure type="hookFailed" message="no"/></testcase>', "a", "error"),
        (f'<testcase name="a"/><testcase name="a">{_FAILS}</testcase>', "a", None),
        ('<testcase name="a b"/>', "b", None),
        # the test itself, not one of a block that has its last title
        (f'<testsuite name="b"><testcase name="a"/></testsuite><testcase name="a">{_FAILS}'
         "</testcase>", "a", "failed"),
    ],
)  # fmt: skip
def test_names_in_junit(cases, title, outcome):
    xml = f"<testsuites>{cases}</testsuites>".encode()
    results = read_named(xml, [f"t.js::{title}"])
    assert [result.outcome for result in results.values()] == ([outcome] if outcome else [])


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("tests.commands={javascript: node --test}", "has no {junit}"),
        ("tests.commands={javascript: 'node {junit}'}", "neither {test} nor {folder}"),
        ("tests.commands={javascript: '{junit} {test}'}", "has no {junit}"),
        ("""tests.commands={javascript: "node ' {junit} {test}"}""", "is no command"),
        ("tests.commands={javascript: ''}", "is no command"),
        ("tests.commands={javscript: 'node {junit} {test}'}", "did you mean 'javascript'?"),
        ("tests.commands={python: 'pytest {junit} {test}'}", "its tests run with pytest"),
    ],
)
def test_commands_that_can_not_be(override, message):
    with pytest.raises(PipelineError, match=re.escape(message)):
        load_pipeline(None, [override])


def test_a_program_that_is_not_there():
    with pytest.raises(UsageError, match=r"tests.commands.go: there is no program 'no-such'"):
        Command.open("go", "no-such {junit} {test}")


def test_a_path_is_one_word_and_no_option():
    run = Command.open("go", "./run --to={junit} {test} ./{folder} '{test} x'")
    tests = ["-a; b/{junit}/c_test.go::TestC", "d_test.go::TestD", "d_test.go::TestE"]
    made = [(argv, list(asked)) for argv, asked in run.commands(tests, coverage=False)]
    assert made == [
        (["./run", "--to=/tmp/out/junit.xml", "./-a; b/{junit}/c_test.go", "./-a; b/{junit}",
          "./-a; b/{junit}/c_test.go x"], tests[:1]),
        (["./run", "--to=/tmp/out/junit.xml", "d_test.go", "./.", "d_test.go x"], tests[1:]),
    ]  # fmt: skip


def test_what_sets_variables_is_not_what_is_looked_for():
    found = Command.open("go", "env A=1 sh {junit} {test}")
    assert found.words == ("env", "A=1", shutil.which("sh"), "{junit}", "{test}")
    with pytest.raises(UsageError, match="there is no program 'no-such'"):
        Command.open("go", "env A=1 no-such {junit} {test}")


def test_a_mounted_folder_is_part_of_the_checkout(tmp_path):
    for name in ("repo/lib", "packages/left"):
        (tmp_path / name).mkdir(parents=True)
    mount = Mount.read(f"lib/node_modules={tmp_path}/packages")
    plain = check_out(tmp_path / "repo", None, tmp_path / "a")
    mounted = check_out(tmp_path / "repo", None, tmp_path / "b", [mount])
    assert (tmp_path / "b/lib/node_modules/left").is_dir()
    assert plain.key != mounted.key
    assert list((tmp_path / "repo/lib").iterdir()) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("node_modules=no/such", "there is no folder no/such"),
        ("../x=.", "'../x' is no place in a worktree"),
        ("/x=.", "'/x' is no place in a worktree"),
        ("=.", "'' is no place in a worktree"),
        ("lib=.", "the repo has that itself"),
        ("no/lib=.", "the repo has that itself, or not its folder"),
        ("out/x=.", "that is outside of the repo"),
    ],
)
def test_mounts_that_can_not_be(text, message, tmp_path):
    (tmp_path / "repo/lib").mkdir(parents=True)
    (tmp_path / "repo/out").symlink_to(tmp_path)
    with pytest.raises(UsageError, match=re.escape(message)):
        check_out(tmp_path / "repo", None, tmp_path / "copy", [Mount.read(text)])


def test_a_relative_pythonpath_is_nobodys(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", ".")
    assert "/" not in ask_interpreter(sys.executable)[0]


def test_a_python_may_be_named_from_here(monkeypatch):
    monkeypatch.chdir(Path(sys.executable).parent)
    assert Pytest.open(f"./{Path(sys.executable).name}").python == sys.executable
