"""Links of JavaScript tests, proved by a command that a pipeline file names."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from corpus.errors import PipelineError, UsageError
from corpus.pipeline_file import load_pipeline
from corpus.verify.frameworks import Command, Pytest
from corpus.verify.interpreter import ask_interpreter
from corpus.verify.results import read_named
from corpus.verify.runner import Mount, check_out
from tests.conftest import Dataset, run_build
from tests.repos import FILE, git, make_repo
from tests.verify.test_verify import SETTINGS, command, tiers

NODE = "node --test --test-reporter=junit --test-reporter-destination={junit} {test}"
_HEAD = """\
const { describe, it, test, before } = require('node:test');
const assert = require('node:assert');
const shop = require('../lib/shop');

"""
_PACKAGED = "module.exports = (text) => text.length;\n"
FILES = {
    "lib/shop.js": """\
/** Add up. */
function total(prices, rate) {
  if (rate < 0) {
    throw new RangeError('rate');
  }
  let sum = 0;
  for (const price of prices) sum += price;
  return sum * rate;
}

class Basket {
  constructor() {
    this.lines = [];
  }

  put(name, count) {
    this.lines.push([name, count]);
    return this.lines.length;
  }
}

const label = (order) => {
  return String(order).toUpperCase();
};

function open(name) {
  if (name === 'gone') throw new Error(name);
  return name.length + 1;
}

function flip(order) {
  return !order;
}

module.exports = { total, Basket, label, open, flip };
""",
    "test/shop.test.js": _HEAD
    + """\
describe('total', () => {
  it('adds up', () => {
    assert.strictEqual(shop.total([1, 2], 2), 6);
  });
  it('refuses a bad rate', () => {
    assert.throws(() => shop.total([1], -1), RangeError);
  });
});

test('Basket.put counts lines', () => {
  const basket = new shop.Basket();
  assert.strictEqual(basket.put('a', 1), 1);
});

test('label says little', () => {
  shop.label('a');
  assert.ok(true);
});

test('twice', () => {
  assert.strictEqual(shop.label('a'), 'A');
});

test('twice', () => {
  assert.strictEqual(shop.label('b'), 'B');
});

test('flips no more', () => {
  assert.strictEqual(shop.flip(true), true);
});

test('flip is flaky', () => {
  assert.strictEqual(shop.flip(false), process.hrtime.bigint() % 9n === 0n);
});
""",
    "test/hook.test.js": _HEAD
    + """\
describe('a shop that opens', () => {
  let size;
  before(() => {
    size = shop.open('x');
    if (size !== 2) throw new Error('no shop');
  });
  it('is there', () => {
    assert.strictEqual(size, 2);
  });
});
""",
    "test/hang.test.js": _HEAD
    + """\
test('hangs', () => {
  assert.strictEqual(shop.flip(false), true);
  for (;;);
});
""",
    "test/escape.test.js": _HEAD
    + """\
test('escapes', () => {
  assert.strictEqual(shop.flip(false), true);
  require('node:fs').writeFileSync(__dirname + '/escaped', 'x');
});
""",
    "test/package.test.js": _HEAD
    + """\
const measure = require('measure');

test('uses a package', () => {
  assert.strictEqual(measure(shop.label('ab')), 2);
  assert.strictEqual(shop.label('ab'), 'AB');
});
""",
    "test/broken.test.js": "require('no-such-module');\n"
    + _HEAD
    + """\
test('is broken', () => {
  assert.strictEqual(shop.flip(false), true);
});
""",
}


@pytest.fixture(scope="module")
def verified(node: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, dict]:
    folder = tmp_path_factory.mktemp("javascript")
    make_repo(folder / "repo", {n.encode(): (FILE, t.encode()) for n, t in FILES.items()})
    built = run_build(folder / "repo", folder / "out", *SETTINGS)
    package = folder / "packages" / "measure"
    package.mkdir(parents=True)
    (package / "index.js").write_text(_PACKAGED)
    (folder / "pipeline.yaml").write_text(f"tests:\n  commands:\n    javascript: '{NODE}'\n")
    done = subprocess.run(
        command(built.folder, built.repo, "--pipeline", str(folder / "pipeline.yaml"),
                "--mount", f"node_modules={folder / 'packages'}",
                "--python", "/bin/false", "--mutants", "4"),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return built, json.loads(done.stdout)


def test_tiers(verified):
    built, summary = verified
    assert tiers(built.folder) == {
        "total > adds up": "mutant_killed",
        "total > refuses a bad rate": "mutant_killed",
        "Basket.put counts lines": "mutant_killed",
        "label says little": "static",
        "twice": "static",
        "flips no more": "static",
        "flip is flaky": "static",
        "a shop that opens > is there": "static",
        "hangs": "static",
        "escapes": "static",
        "is broken": "static",
        "uses a package": "mutant_killed",
    }
    assert summary["tiers"]["mutant_killed"] == 5  # the basket's constructor is one

    assert (summary["judged"], summary["executed"]) == (0, 0)  # no lines are known
    assert summary["unproved"]["absent"] >= 2
    assert git(built.repo, "status", "--porcelain", "--ignored") == b""


def test_the_manifest_says_nothing_of_commands(verified):
    built, _ = verified
    assert (
        "commands"
        not in json.loads((built.folder / "manifest.json").read_text())["pipeline"]["tests"]
    )


def test_mutants_reproduce(verified, node, tmp_path):
    built, _ = verified
    more = ["tests.tier=mutant_killed", f"tests.verified={built.folder}"]
    rebuilt = run_build(built.repo, tmp_path / "out", *SETTINGS, *more,
                        "tests.mutants_per_function=9")  # fmt: skip
    rows = rebuilt.rows("instructions")
    assert {row["task"] for row in rows} >= {"test", "fix_mutant", "explain_failure"}
    functions = {row["function_id"]: row for row in built.rows("functions")}
    killed = pl.read_parquet(built.folder / ".tunesmith" / "killed.parquet").to_dicts()
    assert len(killed) >= 4
    for number, row in enumerate(killed):
        path, _, title = row["test"].partition("::")
        copy = tmp_path / str(number)
        shutil.copytree(built.repo, copy)
        (copy / "node_modules").symlink_to(built.folder.parent / "packages")
        function = functions[row["function_id"]]
        code = function["code_without_doc"].encode()
        faulty = code[: row["start"]] + row["replacement"].encode() + code[row["end"] :]
        file = copy / function["path"]
        indent = "  " if "." in function["qualified_name"] else ""
        before, after = (re.sub("(?m)^", indent, text.decode()) for text in (code, faulty))
        assert passes(node, copy, path, title.rpartition(" > ")[2])
        text = file.read_text()
        assert text.count(before) == 1
        file.write_text(text.replace(before, after))
        assert not passes(node, copy, path, title.rpartition(" > ")[2])


def passes(node: str, folder: Path, path: str, title: str) -> bool:
    """Tell what the test of a title did, by what node's other reporter says."""
    done = subprocess.run([node, "--test", "--test-reporter=tap", path], cwd=folder,
                          capture_output=True, text=True, check=False)  # fmt: skip
    found = re.findall(rf"^ *(not )?ok \d+ - {re.escape(title)}$", done.stdout, re.MULTILINE)
    assert len(found) == 1, done.stdout
    return found == [""]


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
