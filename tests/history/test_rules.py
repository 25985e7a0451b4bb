# ruff: noqa: E501 - a row of a table reads better on one line
"""What a commit's message and circumstances say: tables of real cases."""

from __future__ import annotations

import pytest

from corpus.config import History
from corpus.history.commits import CommitRules
from corpus.history.kinds import Circumstances, classify
from corpus.history.message import complaint, strip
from corpus.sources.history import Commit


def commit(subject: str, author: str = "Ann Abbott", sha: str = "a" * 40) -> Commit:
    return Commit(sha, "b" * 40, author, "ann@example.org", 0, subject, ())


@pytest.mark.parametrize(
    ("subject", "reason"),
    [
        ("Fix swipe gestures", None),
        ("Debug output of the prefix tree", None),
        ("Fix black screen after start", None),
        ("Handle whitespace in headers", None),
        ("Release the lock when a worker dies", None),
        ("Format dates by locale", None),
        ("Generate ids from names", None),
        ("Run black over all files", "format_commit"),
        ("apply black", "format_commit"),
        ("gofmt", "format_commit"),
        ("style: sort imports", "format_commit"),
        ("Reformat the code", "format_commit"),
        ("Fix trailing whitespace", "format_commit"),
        ("Release 1.2", "release"),
        ("v1.2.3", "release"),
        ("Bump version to 2.0", "release"),
        ("[maven-release-plugin] prepare release 2.8", "release"),
        ("Regenerate parsers", "generated"),
    ],
)
def test_which_commits_count(subject, reason):
    assert CommitRules(History()).verdict(commit(subject)) == reason


@pytest.mark.parametrize(
    ("author", "reason"),
    [
        ("dependabot[bot]", "bot"),
        ("renovate", "bot"),
        ("Renovato Botticelli", None),
        ("Talbot Abbott", None),
        ("Skipped One", "author"),
    ],
)
def test_whose_commits_count(author, reason):
    rules = CommitRules(History(skip_authors=["skipped one"]))
    assert rules.verdict(commit("Fix a crash", author)) == reason


def test_reverts_take_back_what_they_revert_and_reverts_of_reverts_bring_it_back():
    rules = CommitRules(History())
    newest_first = [
        ("d", "Reapply\n\nThis reverts commit " + "c" * 40, "revert"),
        ("c", "Revert\n\nThis reverts commit " + "b" * 40, "revert"),
        ("b", "Fix a crash", None),
        ("f", "Revert\n\nThis reverts commit " + "e" * 12, "revert"),
        ("e", "Fix a bug", "reverted"),
    ]
    for sha, message, reason in newest_first:
        assert rules.verdict(commit(message, sha=sha * 40)) == reason


def kind(subject, *shapes, body="", share=0.1, **circumstances):
    known = {
        "functions": 1, "tests_touched": False, "tests_added": False,
        "expectations_changed": False, "tested_by": False, "example": False,
    }  # fmt: skip
    found = classify(Circumstances(subject, body, **(known | circumstances)), shapes, share)
    return found.name if found.confidence >= 0.6 else f"{found.name}?"


@pytest.mark.parametrize(
    ("subject", "shapes", "circumstances", "expected"),
    [
        ("Fix crash on empty input", ["added_check"], {}, "fix"),
        ("Fix rounding", ["operator"], {"tests_touched": True}, "fix"),
        ("Fix rounding", ["operator"], {"functions": 3}, "fix?"),
        ("fix(cart): rounding", ["operator"], {}, "fix"),
        ("fix: remove unnecessary list", ["expression"], {}, "fix?"),
        ("fix: crash where a useless row is removed", ["expression"], {}, "fix"),
        ("Handle empty carts", ["added_check"], {"body": "Closes #12", "tests_touched": True}, "fix?"),
        ("Fix typo in a message", ["only_text"], {}, "other?"),
        ("Fix flake8 warnings", ["expression"], {"tests_touched": True}, "fix?"),
        ("Fix the build", ["call"], {"tests_touched": True}, "fix?"),
        ("Fix #12: allow other names", ["parameter"], {"tests_touched": True}, "fix?"),
        ("docs: fix wrong example", ["value"], {}, "docs"),
        ("chore: fix lint", ["expression"], {}, "other"),
        ("Debug the prefix tree", ["expression"], {}, "other?"),
        ("Fix types", ["only_types"], {"tests_touched": True}, "other"),
        ("Fix crash", ["stub"], {"tests_touched": True}, "other"),
        ("Fix crash in callers", ["call"], {"functions": 3}, "fix?"),
        ("Fix CVE-2024-1234", ["added_check"], {}, "security"),
        ("Simplify the loop", ["expression"], {}, "refactor"),
        ("refactor: reuse the parser", ["call"], {}, "refactor"),
        ("Rename a to b", ["rename", "only_renames"], {}, "refactor"),
        ("Move on", ["rename", "only_renames"], {}, "refactor"),
        ("Remove unused variable", ["removed_statement", "only_removals"], {}, "refactor"),
        ("Defer the cleanup", ["added_statement"], {}, "other?"),
        ("Simplify the loop", ["expression", "raised"], {}, "refactor?"),
        ("Simplify the loop", ["expression"], {"tests_touched": True, "expectations_changed": True}, "refactor?"),
        ("Refactor and fix the loop", ["expression"], {}, "fix?"),
        ("feat: coupons", ["added_check"], {}, "feature"),
        ("Add coupons", ["added_check"], {}, "feature"),
        ("perf: keep totals", ["added_statement"], {}, "performance"),
    ],
)  # fmt: skip
def test_kinds(subject, shapes, circumstances, expected):
    assert kind(subject, *shapes, **circumstances) == expected


@pytest.mark.parametrize(
    ("text", "stripped"),
    [
        ("Fix crash (#123)", "Fix crash"),
        ("Fix crash, closes #12 and #13", "Fix crash"),
        ("Fix crash. This fixes #12", "Fix crash."),
        ("Fix crash of 8.4 by #6 and properly fix #12 and #13", "Fix crash of 8.4"),
        ("Fix crash\n\nSigned-off-by: A B <a@b.org>", "Fix crash"),
        ("Fix crash\n\nCo-authored-by: A B <a@b.org>\nChange-Id: I0123", "Fix crash"),
        ("Fix crash since 1a2b3c4d5e", "Fix crash"),
        ("Fix crash, see https://example.org/a?b=c", "Fix crash"),
        ("Fix crash for SPR-1234", "Fix crash"),
        ("Fix crash as mentioned in https://example.org/", "Fix crash"),
        ("Fix crash\n\n--HG--\nbranch : trunk", "Fix crash"),
        ("Fix crash\n\nFixes #12", "Fix crash"),
        ("Fix @click.pass_obj", "Fix @click.pass_obj"),
        ("Fix f() and g()", "Fix f() and g()"),
        ("The feedface function fails", "The feedface function fails"),
        ("Fix crash\n\nThanks to Bob Builder for the report.", "Fix crash"),
    ],
)
def test_what_is_stripped_from_a_message(text, stripped):
    assert strip(text) == stripped


BEFORE = "def f(items):\n    return items[0]\n"
AFTER = "def f(items):\n    return first_or_none(items)\n"


@pytest.mark.parametrize(
    ("subject", "body", "expected"),
    [
        ("Fix crash on empty lists", "", "Fix crash on empty lists."),
        ("fix(lists): crash on empty lists", "", "Crash on empty lists."),
        ("[lists] crash on empty lists", "", "Crash on empty lists."),
        ("\U0001f41b Fix crash on empty lists", "", "Fix crash on empty lists."),
        ("\u267b\ufe0f fix(lists): crash on empty lists", "", "Crash on empty lists."),
        (":ambulance: Crash on empty lists", "", "Crash on empty lists."),
        (  # the body's first line goes on with a long subject, unless nothing is left of it
            "fix(lists): crash on lists that are empty or hold no item at all (#12)",
            "close #11\n\nIt raised an IndexError.",
            "Crash on lists that are empty or hold no item at all. It raised an IndexError.",
        ),
        (
            "Fix crash on empty lists",
            "It raised an IndexError. Use first_or_none instead.",
            "Fix crash on empty lists. It raised an IndexError.",
        ),
        (
            "Fix crash on empty lists",
            "This adds a helper.\n\n* one\n* two",
            "Fix crash on empty lists.",
        ),
        ("Call first_or_none", "Lists may be empty.", ""),
        (
            "Fix crash on empty lists",
            "Fixes #12. Where a list is empty, it\nhas no first item.",
            "Fix crash on empty lists. Where a list is empty, it has no first item.",
        ),
        (
            "Fix crash on empty lists",
            "- one which\n  goes on\n- two\n\nSee:\n\n    f([])\n\nIt raised an IndexError.",
            "Fix crash on empty lists. It raised an IndexError.",
        ),
        (  # a sentence that a block stands in says nothing without it
            "Fix crash on empty lists",
            "It would give:\n\n```\n1\n```\n\nwith one, and\n\n```\n2\n```\n\nwithout. It is old.",
            "Fix crash on empty lists. It is old.",
        ),
        (
            "Fix crash on empty lists",
            "It raised an IndexError. When one calls\n    f([])\nit must give nothing.",
            "Fix crash on empty lists. It raised an IndexError.",
        ),
        (
            "Fix crash on empty lists",
            "It raised an IndexError:\n\n    f([])\n\n`f` was at fault here.",
            "Fix crash on empty lists. `f` was at fault here.",
        ),
        ("Fix some more issues in f", "", ""),
        (
            "Fix decoding of UTF-8 (SHOP-12)",
            "A name such as this one was torn:\n\n* Zoë\n\nIt held a `utf-8` letter.",
            "Fix decoding of UTF-8. It held a `utf-8` letter.",
        ),
        (
            "Fix crash on empty lists",
            'Fixes #413 whereby the list "items" was out of scope in the\nhandling of errors.\n\n'
            "It was old and empty.",
            "Fix crash on empty lists. It was old and empty.",
        ),
        (
            "Fix a bug that caused syntax errors in places where there was an",
            "empty list inside of loops.\n\nIt was old.",
            "Fix a bug that caused syntax errors in places where there was an empty list inside of "
            "loops. It was old.",
        ),
        ("Small fix for Cart.total_price", "", ""),
        ("Fix total price of a Cart when empty", "", "Fix total price of a Cart when empty."),
        ("Fix bug", "", ""),
        ("Fix #12", "", ""),
    ],
)
def test_the_complaint_does_not_give_the_patch_away(subject, body, expected):
    assert complaint(subject, body, BEFORE, AFTER, "Cart.total_price") == expected
