"""What a build with history promises, looked through by other means than those that made it."""

from __future__ import annotations

import pytest

from tests.history.story import Story, make_story
from tests.oracles.history_rows import alike, crossing, rows

CODE = '''\
import os
{imports}

class {name}:
    def total(self, lines, rate):
        """{doc}"""
        result = 0  # {comment}
        for number, price in lines:
            if (number > 0 and{layout}price > 0):
                result += {left}number * price{right}
        return round(result * rate, {digits})
'''
BEGUN = {"imports": "", "name": "Cart", "doc": "Add up what an order costs.", "comment": "cents",
         "layout": " ", "left": "", "right": "", "digits": "2"}  # fmt: skip
# One after the other; what is no change of code makes no row, under any message.
SILENT = [
    {"comment": "in cents"},
    {"layout": "\n                    "},
    {"imports": "import re\n"},
    {"left": "(", "right": ")"},
    {"layout": " \\\n                    "},
    {"name": "Basket"},
    {"comment": "as before", "imports": ""},
]


@pytest.fixture(scope="module")
def told(tmp_path_factory, build_dataset):
    folder = tmp_path_factory.mktemp("told")
    make_story(folder / "story")
    return build_dataset(folder / "story", folder / "data").folder


def test_no_change_is_the_same_before_and_after(tmp_path, build_dataset):
    story, state = Story(tmp_path / "repo"), dict(BEGUN)
    story.commit("Begin", {"cart.py": CODE.format(**state)})
    for number, edit in enumerate(SILENT):
        state |= edit
        story.commit(f"Fix wrong total #{number}", {"cart.py": CODE.format(**state)})
    state["digits"] = "3"
    fix = story.commit("Fix wrong digits of totals", {"cart.py": CODE.format(**state)})
    built = build_dataset(story.repo, tmp_path / "data")
    assert {row["commit"] for row in built.rows("changes")} == {fix}
    assert alike(rows(built.folder, "changes")) == []


def test_nothing_crosses_splits(told):
    changes = rows(told, "changes")
    assert changes
    assert alike(changes) == []
    assert crossing(changes, rows(told, "functions")) == []


def test_the_oracle_sees_what_is_wrong(told):
    changes, functions = rows(told, "changes"), rows(told, "functions")
    other = {"train": "test"}.get(changes[0]["split"], "train")
    copy = changes[0] | {"change_id": "copy", "split": other}
    assert len(crossing([*changes, copy], functions)) >= 2
    change = next(row for row in changes if "only_doc" not in row["shapes"])
    commented = "# to be seen\n" + change["before"].replace("\n", "\n\n", 1)
    assert alike([change | {"after": commented}])
