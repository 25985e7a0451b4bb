"""How old docs are, and the rows that are made of docs put right."""

from __future__ import annotations

import pytest

from corpus.extract.functions import ParsedFile
from corpus.history.docs import doc_edits
from corpus.history.match import compare
from corpus.languages import LANGUAGES
from tests.history.story import Story

SHOP = '''\
def total(lines):
    """Add up the {what} of all lines."""
    amount = sum(line.price for line in lines)
    return round(amount, {digits})


def weight(lines):
    """Return the heaviest line of an order."""
    heaviest = max(lines, key=by_weight)
    return {weight}


def label(order):
    """Return how an order is called on its parcel."""
    return order.name.title()
'''


def shop(what="prices", digits="2", weight="heaviest.weight"):
    return SHOP.format(what=what, digits=digits, weight=weight)


REWRITTEN = "sum(line.weight * line.count for line in lines if line.count and not line.is_digital)"


@pytest.fixture(scope="module")
def built(build_dataset, tmp_path_factory):
    folder = tmp_path_factory.mktemp("docs")
    story = Story(folder / "repo")
    story.commit("Begin", {"readme.md": "A shop."})
    story.commit("Add the shop", {"old.py": shop()})
    story.commit("Round to three digits", {"old.py": shop(digits="3")})
    story.commit("Move the shop", {"old.py": None, "shop.py": shop(digits="3")})
    gross = "gross amounts, to three digits,"
    corrected = story.commit(
        "Say what is added up",
        {"shop.py": shop(what=gross, digits="3")},
    )
    late = shop(what=gross, digits="3", weight=REWRITTEN)
    story.commit("Weigh the whole order", {"shop.py": late})
    made = build_dataset(story.repo, folder / "data", "docs.max_changed=0.4")
    return made, corrected, story.repo, folder


def test_functions_say_how_much_changed_since_their_doc(built):
    ages = {r["qualified_name"]: r["changed_since_doc"] for r in built[0].rows("functions")}
    assert ages.keys() == {"total", "weight", "label"}
    assert ages["total"] == 0  # its doc was the last that changed
    assert ages["label"] == 0  # it is as it was added
    assert 0.4 < ages["weight"] < 0.5


def test_stale_docs_are_not_explained(built, build_dataset):
    dataset, _, repo, folder = built
    stale = [r for r in dataset.rejects() if r["reason"] == "stale_doc"]
    assert [(r["path"], r["line"]) for r in stale] == [("shop.py", 7)]
    more = build_dataset(repo, folder / "more", "docs.max_changed=0.5")
    assert not [r for r in more.rejects() if r["reason"] == "stale_doc"]


def test_a_corrected_doc_is_a_row(built):
    dataset, corrected, *_ = built
    (row,) = [r for r in dataset.rows("instructions") if r["task"] == "update_doc"]
    assert row["provenance"]["commit"] == corrected
    assert '"""Add up the prices of all lines."""' in row["input"]
    assert '"""Add up the gross amounts, to three digits, of all lines."""' in row["output"]
    assert row["input"].count("round(amount, 3)") == row["output"].count("round(amount, 3)") == 1


def test_without_history_nothing_is_known(built, build_dataset, tmp_path):
    made = build_dataset(built[2], tmp_path / "data", "history.max_commits=0")
    assert {r["changed_since_doc"] for r in made.rows("functions")} == {None}


DOCS = {
    "python": 'def f(a):\n    """{}"""\n    return a\n',
    "java": "class A {{\n  /** {} */\n  int f(int a) {{ return a; }}\n}}\n",
    "go": "package a\n\n// F {}\nfunc F(a int) int {{ return a }}\n",
    "rust": "/// {}\nfn f(a: i32) -> i32 {{\n    a\n}}\n",
}


NOTES = """

    .. versionchanged:: 2.1
        May be null, which it was not.

        Or a number.

    **new in Shop 2.1**
    """


@pytest.mark.parametrize("language", DOCS)
@pytest.mark.parametrize(
    ("old", "new", "says_more"),
    [
        ("Returns the number of the line.", "Returns the number  of the line.", None),
        ("Returns the number of the line.", "Returns the numbr of the line.", False),
        ("Returns the number of the line.", "Returns {@code the} number of a line.", False),
        ("Since 8.2, see http://a.example.", "Since 8.4, see http://b.example.", False),
        ("Throws a ClassCastException then.", "Throws an IllegalStateException then.", True),
        ("Returns the line.", "Returns the line, or nothing at the end.", True),
        ("Returns the line, never null.", "Returns the line.", True),
        ("Raises b.Other there.", "Raises a.b.Other there.", False),
        ("Returns more then one.", "Returns more than one.", False),
    ],
)
def test_what_a_new_doc_says(language, old, new, says_more):
    sides = [
        ParsedFile(LANGUAGES[language], DOCS[language].replace("{}", doc).replace("{{", "{")
                   .replace("}}", "}").encode())
        for doc in (old, new)
    ]  # fmt: skip
    edits = list(doc_edits(*sides, compare(*sides, 100), lambda matched: 1.0))
    assert [edit.is_reworded for edit in edits] == ([] if says_more is None else [says_more])


def test_notes_of_versions_say_nothing():
    old, new = "Returns the line.", f"Returns the line.{NOTES}"
    javadoc = "Returns the line.\n   * @since 8.4 as others do\n   *   without a doubt"
    for language, after, says_more in (
        ("python", new, False),
        ("python", f"{new}Or nothing at the end.\n    ", True),
        ("java", javadoc, False),
        ("java", f"{javadoc}\n   * @return nothing at the end", True),
    ):
        sides = [ParsedFile(LANGUAGES[language], DOCS[language].format(doc).encode())
                 for doc in (old, after)]  # fmt: skip
        (edit,) = doc_edits(*sides, compare(*sides, 100), lambda matched: 1.0)
        assert edit.is_reworded == says_more
