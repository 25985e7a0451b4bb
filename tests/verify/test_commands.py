"""Links of JavaScript tests, proved by a command that a pipeline file names."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import polars as pl
import pytest

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
  assert.strictEqual(shop.flip(false), process.hrtime.bigint() % 31n === 0n);
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
