"""Context from the repo: what is shown is what it says it is, and the answer can be found in it."""

from __future__ import annotations

import re
import subprocess
from collections import Counter

import pytest

from corpus.extract.calls import can_mean, defined_elsewhere
from tests.conftest import Dataset
from tests.repos import FILE, make_repo

SNIPPET = re.compile(
    r"^`([^`\n]+):(\d+)-(\d+)`\n\n(`{3,})\w*\n(.*?)\n\4$", re.MULTILINE | re.DOTALL
)
_RELIES = re.compile(r"^- `([^`]+)` \(`([^`]+):(\d+)`\)", re.MULTILINE)
_MISSING = re.compile(r"^- `([^`]+)`: I would need its definition", re.MULTILINE)
_ASKED = re.compile(r"It calls (.*?)\. Give the path")

LIB = '''
def parse_price(text):
    """Read a price as people write it."""
    return float(text.strip("$"))


def parse_prices(text):
    return [parse_price(part) for part in text.split()]


def total_price(text):
    """Add up the prices in a text. It calls what is above."""
    return sum(parse_prices(text))


def helper():
    """Does what two functions of this name do."""
    return parse_prices("")
'''
APP = '''
def show_total(text):
    """Show what a text's prices come to.

    Used by the command line.
    """
    helper()
    return f"total: {total_price(text)}".join([])


def helper():
    return 1
'''


@pytest.fixture(scope="module")
def shown(stdlib, build_dataset, tmp_path_factory) -> Dataset:
    out = tmp_path_factory.mktemp("context") / "out"
    return build_dataset(stdlib, out, "context.share=1.0", tasks=["explain", "implement"])


def _rows(dataset, name):
    return [row for row in dataset.rows("instructions") if row["template"].endswith(name)]


def _code(repo, commit, path, start, end) -> str:
    text = subprocess.run(
        ["git", "-C", repo, "show", f"{commit}:{path}"], capture_output=True, check=True
    ).stdout.decode("utf-8", "replace")
    lines = text.splitlines()[start - 1 : end]
    return "".join("".join(lines).split())


def test_snippets_stand_where_they_say(shown):
    rows = _rows(shown, "context.jinja")
    assert len(rows) > 100
    for row in rows[:150]:
        snippets = SNIPPET.findall(row["input"])
        assert 1 <= len(snippets) <= 5
        for path, start, end, _, code in snippets[:2]:
            there = _code(shown.repo, shown.commit, path, int(start), int(end))
            assert there == "".join(code.split())
            assert int(end) - int(start) < 40


def test_answers_quote_definitions_that_are_in_the_context(shown):
    rows = _rows(shown, "explain/context.jinja")
    used, missing = 0, 0
    for row in rows:
        places = {(p, s): code for p, s, _, _, code in SNIPPET.findall(row["input"])}
        asked = set(re.findall(r"`([^`]+)`", _ASKED.search(row["instruction"])[1]))
        relied = _RELIES.findall(row["output"])
        absent = set(_MISSING.findall(row["output"]))
        assert {name for name, _, _ in relied} | absent == asked
        for name, path, line in relied:
            assert re.search(rf"\b{re.escape(name)}\b", places[path, line])
        for name in absent:
            assert not any(re.search(rf"def {re.escape(name)}\b", c) for c in places.values())
        near = len(places) - len(relied)
        assert near or not absent
        used, missing = used + len(relied), missing + bool(absent)
    assert used > 100
    assert 0.1 < missing / len(rows) < 0.4


def test_training_rows_show_nothing_that_is_tested(shown):
    split_of = {(row["path"], row["start_line"]): row["split"] for row in shown.rows("functions")}
    order = ("train", "validation", "test")
    seen = Counter()
    for row in _rows(shown, "context.jinja"):
        for path, start, *_ in SNIPPET.findall(row["input"]):
            split = split_of[path, int(start)]
            assert order.index(split) <= order.index(row["split"])
            seen[row["split"]] += 1
    assert set(seen) == set(order)


def test_a_name_with_two_definitions_is_not_asked_for(tmp_path, build_dataset):
    make_repo(tmp_path / "app", {b"lib.py": (FILE, LIB.encode()), b"app.py": (FILE, APP.encode())})
    made = build_dataset(
        tmp_path / "app", tmp_path / "out", "context.share=1.0", "context.lacking=0.0",
        "splits.test=0.0", "splits.validation=0.0", tasks=["explain", "implement"],
    )  # fmt: skip
    rows = {row["provenance"]["path"]: row for row in _rows(made, "explain/context.jinja")}
    assert rows, "weights let other templates win"
    for row in rows.values():
        assert "helper" not in row["instruction"].partition("calls")[2]
        assert "join" not in row["instruction"]


@pytest.mark.parametrize(
    ("code", "elsewhere"),
    [
        ("def f(run, *rest):\n    rest(run(total(1)))", ["total"]),
        ("def f(x):\n    total = table[x]\n    return total(run=rest(2))", ["rest"]),
        ("def f(x):\n    for run in x:\n        run(x.total(1))\n    return rest(2)", ["rest"]),
        ("func f(x int) {\n\ttotal := table[x]\n\ttotal(run(1))\n}", ["run"]),
        ("void f(int x) { var run = total(x); if (x == rest(1)) run(); }", ["total", "rest"]),
        ("def f(x):\n    x.run(self.total(1), lib.rest(2))", ["total", "rest"]),
        ("def f(x):\n    return self.x.run(get().total(1)) + ''.rest()", []),
        ("func (c *Order) Sum(f *Set) {\n\tc.total(c.lines().rest(1)); f.run()\n}", ["total"]),
        ("void f(Set set) { set.run(Orders.total(1)); this.rest(2); }", ["total", "rest"]),
    ],
)  # fmt: skip
def test_a_call_of_a_local_name_asks_for_no_definition(code, elsewhere):
    calls = [name for name in ("total", "run", "rest") if f"{name}(" in code]
    assert list(defined_elsewhere(calls, code)) == elsewhere


@pytest.mark.parametrize(
    ("language", "code", "path", "name", "kind", "expected"),
    [
        ("python", "def f(a):\n    total(a)", "lib.py", "total", "function", True),
        ("python", "def f(a):\n    total(a)", "lib.py", "Cart.total", "method", False),
        ("python", "def f(a):\n    logger.total(a)", "lib.py", "total", "function", False),
        ("python", "def f(a):\n    lib.total(a)", "shop/lib.py", "total", "function", True),
        ("python", "def f(a):\n    _lib.total(a)", "shop/_lib.py", "Cart.total", "method", True),
        ("python", "def f(a):\n    shop.total(a)", "shop/lib.py", "total", "function", True),
        ("python", "def f(a):\n    Cart.total(a)", "lib.py", "Cart.total", "method", True),
        ("python", "def f(a):\n    self.total(a)", "lib.py", "Cart.total", "method", True),
        ("python", "def f(a):\n    self.total(a)", "lib.py", "total", "function", False),
        ("python", "def f(a):\n    total = self.total(a)", "lib.py", "Cart.total", "method", True),
        ("python", "def f(a):\n    # The sum.\n    total(a)", "lib.py", "total", "function", True),
        ("python", "def f(a):\n    total(a)\n    B.total(a)", "lib.py", "C.total", "method", False),
        ("go", "func (c *Cart) f(a int) {\n\tc.total(a)\n}", "l.go", "Cart.total", "method", True),
        ("go", "func (c *Cart) f(a int) {\n\ttotal(a)\n}", "l.go", "Cart.total", "method", False),
        ("go", "func (c *C) f(a int) {\n\ttime.total(a)\n}", "l.go", "T.total", "method", False),
        ("java", "void f(int a) {\n    total(a);\n}", "l.java", "Cart.total", "method", True),
        ("javascript", "function f(a) {\n  Map.total(a)\n}", "l.js", "total", "function", False),
    ],
)  # fmt: skip
def test_what_a_call_can_mean(language, code, path, name, kind, expected):
    call = defined_elsewhere(["total"], code)["total"]
    assert can_mean(call, language, kind, path, name) == expected


def test_what_was_taken_down_is_not_shown(tmp_path, build_dataset):
    make_repo(tmp_path / "app", {b"lib.py": (FILE, LIB.encode()), b"app.py": (FILE, APP.encode())})
    (tmp_path / "gone.json").write_text('[{"path": "lib.py"}]')
    made = build_dataset(
        tmp_path / "app", tmp_path / "out", "context.share=1.0", "splits.test=0.0",
        "splits.validation=0.0", f"safety.forgotten={tmp_path}/gone.json", tasks=["explain"],
    )  # fmt: skip
    (row,) = made.rows("instructions")
    assert row["provenance"]["path"] == "app.py"
    assert "lib.py" not in row["input"]


def test_no_share_no_context(shop, build_dataset, tmp_path):
    made = build_dataset(shop, tmp_path / "out", "context.share=0.0")
    assert _rows(made, "context.jinja") == []
