"""What goes with changes is what the repo held then: definitions, tests, findings of before."""

from __future__ import annotations

import re

import pytest

from corpus.tasks.findings import findings_in
from tests.conftest import Dataset
from tests.context.test_lookup import SNIPPET
from tests.history.story import Story
from tests.repos import git

PRICES = '''\
"""Prices."""


def parse_amount(text):
    """Read an amount as people write it."""
    return float(text.strip())


def parse_amounts(text):
    return [parse_amount(part) for part in text.split()]


def rounded_amount(text):
    return round(float(text), 2)
'''
BILL = """\
from prices import parse_amount


def bill_total(lines):
    total = 0
    for text, count in lines:
        total += parse_amount(text) * count
    return total


def bill_header(order):
    return order.title()
"""
BILL_FIXED = BILL.replace("for text, count in lines:\n", "for text, count in lines or ():\n")
BILL_TIDY = BILL_FIXED.replace("total +=", "amount +=").replace("total = 0", "amount = 0")
BILL_TIDY = BILL_TIDY.replace("return total", "return amount")
TEST = """\
from bill import bill_total


def helper():
    return bill_total([])


def test_bill_total_of_nothing():
    assert helper() == bill_total([]) == 0
"""
PACK = """\
import pickle
import yaml


def settings(path, defaults):
    with path.open() as file:
        return defaults | yaml.load(file, Loader=yaml.Loader)


def entry(target):
    return eval(target)


def read(file):
    return yaml.load(file, Loader=yaml.Loader)


def oldest(file):
    return pickle.load(file)


def newest(files):
    return pickle.load(files[-1])
"""
MENDED = PACK.replace(
    "defaults | yaml.load(file, Loader=yaml.Loader)", "defaults | yaml.safe_load(file)"
)
SILENCED = MENDED.replace("eval(target)", "eval(target)  # nosec")
MOVED = SILENCED.replace(
    "def read(file):\n    return yaml.load(file, Loader=yaml.Loader)",
    "def loaded(file):\n    return yaml.load(file, Loader=yaml.Loader)\n\n\n"
    "def read(file):\n    return loaded(file)",
)
GATHERED = MOVED.replace("    return pickle.load(files[-1])", "    return oldest(files[-1])")


@pytest.fixture(scope="module")
def story(tmp_path_factory) -> tuple[Story, dict[str, str]]:
    """A repo whose files moved since the commits that rows are made of."""
    story = Story(tmp_path_factory.mktemp("context") / "repo")
    old = {"lib/prices.py": "# Old\n" + PRICES, "lib/bill.py": BILL, "lib/pack.py": PACK}
    story.commit("Begin", {**old, "tests/test_bill.py": TEST})
    made = {"fix": story.commit(
        "Fix crash on a bill without lines", {"lib/bill.py": BILL_FIXED}
    )}  # fmt: skip
    made["refactor"] = story.commit("Rename total to amount", {"lib/bill.py": BILL_TIDY})
    made["mended"] = story.commit("Load safely", {"lib/pack.py": MENDED})
    story.commit("Quiet", {"lib/pack.py": SILENCED})
    story.commit("Load elsewhere", {"lib/pack.py": MOVED})
    story.commit("Load at one place", {"lib/pack.py": GATHERED})
    new = {"lib/prices.py": None, "src/prices.py": PRICES, "lib/bill.py": None}
    story.commit("Move", {**new, "src/bill.py": BILL_TIDY})
    return story, made


@pytest.fixture(scope="module")
def made(story, build_dataset, tmp_path_factory) -> Dataset:
    out = tmp_path_factory.mktemp("built") / "data"
    return build_dataset(
        story[0].repo, out, "context.fixes=1.0", "context.lacking=0.0", "splits.validation=0.0",
        "splits.test=0.0", tasks=["fix", "refactor", "security"],
    )  # fmt: skip


def _row(made: Dataset, template: str) -> dict[str, object]:
    (row,) = (row for row in made.rows("instructions") if row["template"] == template)
    return row


def test_a_fix_is_shown_what_was_there_before_it(story, made):
    row = _row(made, "fix/context.jinja")
    assert row["provenance"]["commit"] == story[1]["fix"]
    parent = f"{story[1]['fix']}^"
    shown = {}
    for path, start, end, _, code in SNIPPET.findall(row["input"]):
        lines = git(story[0].repo, "show", f"{parent}:{path}").decode().split("\n")
        assert "\n".join(lines[int(start) - 1 : int(end)]) == code
        shown[re.search(r"def (\w+)", code)[1]] = (path, int(start))
    assert shown.keys() == {"parse_amount", "parse_amounts", "rounded_amount", "bill_header"}
    _, relied = row["output"].split("**Relies on**\n\n")
    path, line = shown["parse_amount"]
    assert path == "lib/prices.py", "its path of then"
    assert relied == f"- `parse_amount` (`{path}:{line}`): Read an amount as people write it."


def test_what_is_missing_is_said(story, build_dataset, tmp_path):
    lacking = build_dataset(
        story[0].repo, tmp_path / "data", "context.fixes=1.0", "context.lacking=1.0",
        "splits.validation=0.0", "splits.test=0.0", tasks=["fix"],
    )  # fmt: skip
    row = _row(lacking, "fix/context.jinja")
    assert "def parse_amount(" not in row["input"]
    assert "def parse_amounts(" in row["input"]
    assert "Relies on" not in row["output"]
    _, missing = row["output"].split("**Not in the context**\n\n")
    assert missing.startswith("- `parse_amount`: ")


def test_no_share_no_context(story, build_dataset, tmp_path):
    setting = "context.fixes=0.0"
    plain = build_dataset(story[0].repo, tmp_path / "data", setting, tasks=["fix"])
    assert {row["template"] for row in plain.rows("instructions")} <= {
        "fix/default.jinja", "fix/report.jinja", "fix/reasoned.jinja"
    }  # fmt: skip


def test_a_refactoring_goes_with_a_test_that_was_there(story, build_dataset, tmp_path):
    only = tmp_path / "mine" / "refactor"
    only.mkdir(parents=True)
    for name in ("default", "aim", "review"):
        text = f'{{#---\nweight: 0\n---#}}\n{{% extends "tunesmith/refactor/{name}.jinja" %}}\n'
        (only / f"{name}.jinja").write_text(text)
    both = build_dataset(
        story[0].repo, tmp_path / "data", "splits.validation=0.0", "splits.test=0.0",
        tasks=["refactor"], templates=str(only.parent),
    )  # fmt: skip
    row = _row(both, "refactor/with_test.jinja")
    assert row["provenance"]["commit"] == story[1]["refactor"]
    assert "`tests/test_bill.py`" in row["instruction"]
    code, test = row["output"].split("**Test**\n\n")
    assert "amount += parse_amount(text) * count" in code
    assert test.startswith("```python\ndef test_bill_total_of_nothing():\n")


def test_what_a_commit_mended_is_a_pair_of_rows(story, made):
    row = _row(made, "security/fixed.jinja")
    assert row["provenance"]["commit"] == story[1]["mended"]
    before, after = (
        re.search(r"```python\n(.*?)\n```", row[part], re.DOTALL)[1] for part in ("input", "output")
    )
    assert [one.rule for one in findings_in(f"import yaml\n{before}", "a.py")] == ["B506"]
    assert "yaml.Loader)`: CWE-20. " in row["output"]
    assert row["output"].split("- Line ")[1].startswith("3, `return defaults | yaml.load(")
    assert findings_in(f"import yaml\n{after}", "a.py") == []
    twins = [
        twin
        for twin in made.rows("instructions")
        if twin["provenance"]["commit"] == story[1]["mended"] and after in twin["input"]
    ]
    assert [twin["output"] for twin in twins] == ["No issue found."]


def test_what_was_only_silenced_or_moved_was_not_mended(story, made):
    rows = [r for r in made.rows("instructions") if r["template"] == "security/fixed.jinja"]
    assert {row["provenance"]["commit"] for row in rows} == {story[1]["mended"]}
