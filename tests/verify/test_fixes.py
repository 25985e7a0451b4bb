"""Fixes of a history that are run for real: each before and after, by its commit's own tests."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import Dataset, run_build
from tests.history.story import Story
from tests.verify.test_commands import NODE
from tests.verify.test_verify import command

SHOP = '''\
def total(prices, rate):
    """Add up what an order costs."""
    result = 0
    for price in prices:
        if price < 0:
            raise ValueError("price")
        result += price * rate
    return result / len(prices)


def label(order):
    """Say whose order it is."""
    parts = [order["name"], order["town"]]
    return ", ".join(parts).title()
'''
NO_PRICES = SHOP.replace("return result / len(prices)", "return result / len(prices or [1])")
NO_TOWN = NO_PRICES.replace('order["town"]]', 'order.get("town") or "nowhere"]')
NO_NAME = NO_TOWN.replace('order["name"]', 'order.get("name") or "nobody"')
TEST = "import shop\n\n\ndef test_{0}():\n    assert {1}\n"
SETTINGS = ["tasks=['fix']", "dedup.threshold=1.0"]


@pytest.fixture(scope="module")
def verified(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, Path, dict[str, str]]:
    if shutil.which("bwrap") is None and os.environ.get("CI") != "true":
        pytest.skip("needs bubblewrap (Debian: bubblewrap)")
    folder = tmp_path_factory.mktemp("fixes")
    story = Story(folder / "repo")
    story.commit("Begin", {"shop.py": SHOP})
    commits = {
        story.commit(f"Fix crash on {name} orders\n\nFixes #{number}", files): name
        for number, (name, files) in enumerate({
            "empty": {"shop.py": NO_PRICES,
                      "tests/test_total.py": TEST.format("total", "shop.total([], 2) == 0")},
            # Tests that say nothing of the fix, and that can't be run.
            "homeless": {"shop.py": NO_TOWN,
                         "tests/test_label.py": TEST.format("label", "shop.label")},
            "nameless": {"shop.py": NO_NAME,
                         "tests/test_name.py": "import no_such_module\n" + TEST.format("a", 1)},
        }.items())
    }  # fmt: skip
    built = run_build(story.repo, folder / "data", *SETTINGS)
    done = subprocess.run(command(built.folder, story.repo), capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)["fixes"]
    assert figures == {"fail_to_pass": 1, "pass_to_pass": 1, "no_test_passes": 1}
    return built, story.repo, commits


def test_what_running_says_of_fixes(verified):
    built, _, commits = verified
    proofs = pl.read_parquet(built.folder / ".tunesmith" / "verified_fixes.parquet")
    changes = {row["change_id"]: commits[row["commit"]] for row in built.rows("changes")}
    assert {
        changes[row["change_id"]]: (row["tier"], row["tests"]) for row in proofs.to_dicts()
    } == {
        "empty": ("fail_to_pass", ["tests/test_total.py::test_total"]),
        "homeless": ("pass_to_pass", []),
        "nameless": ("static", []),
    }


def test_a_build_can_ask_for_proved_fixes(verified, tmp_path, tunesmith):
    built, repo, commits = verified
    again = run_build(repo, tmp_path / "data", *SETTINGS, "tests.fix_tier=fail_to_pass",
                      f"tests.verified={built.folder}")  # fmt: skip
    rows = again.rows("instructions")
    assert [commits[row["provenance"]["commit"]] for row in rows] == ["empty"]
    unproved = [r for r in again.rejects() if (r["stage"], r["reason"]) == ("fix", "unproved")]
    assert len(unproved) == 2
    done = tunesmith("build", "--repo", repo, "--out", tmp_path / "x", "--quiet",
                     "--set", "tests.fix_tier=fail_to_pass")  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert "needs tests.verified" in done.stderr


JS = """\
exports.total = function total(prices) {
  const count = prices.length;
  return count + 1;
};
"""
JS_TEST = """\
const test = require('node:test');
const assert = require('node:assert');
const { total } = require('../lib/total');

test('no prices', () => assert.strictEqual(total(), 1));
test('some prices', () => assert.strictEqual(total([1]), 2));
"""


def test_a_command_proves_fixes_of_its_language(node, tmp_path):
    story = Story(tmp_path / "repo")
    story.commit("Begin", {"lib/total.js": JS})
    story.commit("Fix crash without prices\n\nFixes #1", {
        "lib/total.js": JS.replace("prices.length", "prices ? prices.length : 0"),
        "test/total.test.js": JS_TEST,
    })  # fmt: skip
    built = run_build(story.repo, tmp_path / "data", *SETTINGS)
    (tmp_path / "pipeline.yaml").write_text(f"tests:\n  commands:\n    javascript: '{NODE}'\n")
    done = subprocess.run(
        command(built.folder, story.repo, "--pipeline", str(tmp_path / "pipeline.yaml")),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (proof,) = pl.read_parquet(built.folder / ".tunesmith" / "verified_fixes.parquet").to_dicts()
    assert proof["tier"] == "fail_to_pass"
    assert proof["tests"] == ["test/total.test.js::no prices"]
