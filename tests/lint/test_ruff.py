"""What ruff would write otherwise, as rows."""

from __future__ import annotations

import pytest

from corpus.errors import UsageError
from corpus.languages import LANGUAGES
from corpus.lint.fixes import fixed_functions
from corpus.lint.ruff import check_rules, rule
from corpus.tasks.samples import function_rows
from tests.history.story import Story

RULES = ["C4", "PIE", "Q", "RET", "SIM", "UP", "F", "W"]
ELSE = """\
def sign(n):
    if n < 0:
        return -1
    else:
        return 1
"""
NO_ELSE = """\
def sign(n):
    if n < 0:
        return -1
    return 1"""
FORMAT = """\
def greet(name, day):
    # “caf\N{LATIN SMALL LETTER E WITH ACUTE}” \N{SNOWMAN}
    return "\N{SNOWMAN}\N{GRINNING FACE}", "Hello {}".format(name), "on {}".format(day)
"""
CASES = {
    "a rule": (ELSE, [("RET505", NO_ELSE)]),
    "several places, beside characters of many bytes": (
        FORMAT,
        [("UP032", FORMAT.rstrip().replace('"Hello {}".format(name)', 'f"Hello {name}"')
                                  .replace('"on {}".format(day)', 'f"on {day}"'))],
    ),
    "a rule each": (
        ELSE.replace("-1", '"{}".format(n)'),
        [("RET505", NO_ELSE.replace("-1", '"{}".format(n)')),
         ("UP032", ELSE.rstrip().replace("-1", 'f"{n}"'))],
    ),
    "the outer of two": (
        "def outer(n):\n    def sign(n):\n        if n:\n            return 1\n        else:\n"
        "            return 2\n    return sign(n)\n",
        [("RET505", "def outer(n):\n    def sign(n):\n        if n:\n            return 1\n"
                    "        return 2\n    return sign(n)")],
    ),
    "what the team said no to": (ELSE.replace("else:", "else:  # noqa: RET505"), []),
    "layout alone": ("def f(a):\n    return 'a' + a   \n", []),
    "an import outside": ("import os\n\n\ndef f(a):\n    return a\n", []),
    "an import inside": ("def f(a):\n    import os\n\n    return a\n", []),
    "an unsafe fix": ("def f(a):\n    return dict([(b, 1) for b in a])\n", []),
    "no Python": ("def f(a:\n    return (\n", []),
    "nothing": ("def f(a):\n    return a + 1\n", []),
}  # fmt: skip


def found_in(text, path="shop/sign.py"):
    rows = function_rows(path, LANGUAGES["python"], text.encode())
    texts = {row["blob_id"]: text for row in rows}
    return list(fixed_functions(rows, texts, RULES, 120))


@pytest.mark.parametrize("case", CASES)
def test_fixes(case):
    text, wanted = CASES[case]
    found = found_in(text)
    assert sorted((code, change["after"]) for change, code in found) == wanted
    for change, _ in found:
        lines = text.split("\n")[change["start_line"] - 1 : change["end_line"]]
        assert change["before"] == "\n".join(lines)
        assert change["summaries"]


def test_what_a_rule_is_for():
    assert rule("RET505") == (
        "superfluous-else-return",
        "The `else` statement is not needed as the `return` statement will always break out of "
        "the enclosing function. Removing the `else` will reduce nesting and make the code more "
        "readable.",
    )


def test_an_unknown_rule_is_one_line():
    with pytest.raises(UsageError, match=r"^refactor.ruff: .*XYZ999") as raised:
        check_rules(["RET", "XYZ999"])
    assert "\n" not in str(raised.value)


def test_rows_say_that_ruff_made_them(build_dataset, tmp_path):
    story = Story(tmp_path / "repo")
    # Neither the repo's settings nor its code have a say.
    files = {"ruff.toml": 'lint.ignore = ["ALL"]\n', "conftest.py": "raise SystemExit(3)\n"}
    story.commit("Begin", {**files, "shop.py": ELSE, "tests/test_shop.py": ELSE})
    made = build_dataset(
        story.repo, tmp_path / "out", "refactor.ruff=[RET505]", "dedup.threshold=1.0"
    )
    (row,) = [r for r in made.rows("instructions") if r["task"] == "refactor"]
    assert row["source"] == "ruff"
    assert row["provenance"]["evidence"].endswith(" RET505")
    assert (row["provenance"]["path"], row["provenance"]["end_line"]) == ("shop.py", 5)
    assert "Follow ruff's rule `superfluous-else-return` (RET505)." in row["instruction"]
    assert ELSE.strip() in row["input"]
    assert NO_ELSE in row["output"]
    plain = build_dataset(story.repo, tmp_path / "plain")
    assert [r for r in plain.rows("instructions") if r["task"] == "refactor"] == []
