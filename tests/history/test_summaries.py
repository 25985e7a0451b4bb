# ruff: noqa: E501 - a row of a table reads better on one line
"""What is said of a change: for every language, and for every kind of edit."""

from __future__ import annotations

from textwrap import indent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.extract.functions import ParsedFile
from corpus.history.changes import FileComparison
from corpus.history.findings import Findings
from corpus.history.match import compare
from corpus.languages import LANGUAGES


def findings(language: str, before: str, after: str) -> Findings:
    """Return what changed in the first function that differs."""
    old, new = (ParsedFile(LANGUAGES[language], text.encode()) for text in (before, after))
    compared = compare(old, new, 1000)
    return Findings(compared.changed[0], compared, new)


LOOPS = {
    "python": "def f(i, n):\n    while i < n:\n        i += 1\n    return i\n",
    "javascript": "function f(i, n) {\n  while (i < n) {\n    i++;\n  }\n  return i;\n}\n",
    "typescript": "function f(i: number, n: number) {\n  while (i < n) {\n    i++;\n  }\n}\n",
    "tsx": "function f(i: number, n: number) {\n  while (i < n) {\n    i++;\n  }\n}\n",
    "go": "package p\n\nfunc f(i, n int) int {\n\tfor i < n {\n\t\ti++\n\t}\n\treturn i\n}\n",
    "java": "class C {\n  int f(int i, int n) {\n    while (i < n) {\n      i++;\n    }\n  }\n}\n",
    "rust": "fn f(mut i: i32, n: i32) -> i32 {\n    while i < n {\n        i += 1;\n    }\n    i\n}\n",
    "c": "int f(int i, int n) {\n  while (i < n) {\n    i++;\n  }\n  return i;\n}\n",
    "cpp": "int f(int i, int n) {\n  while (i < n) {\n    i++;\n  }\n  return i;\n}\n",
    "csharp": "class C {\n  int F(int i, int n) {\n    while (i < n) {\n      i++;\n    }\n  }\n}\n",
    "ruby": "def f(i, n)\n  while i < n\n    i += 1\n  end\n  i\nend\n",
    "php": "<?php\nfunction f($i, $n) {\n  while ($i < $n) {\n    $i++;\n  }\n  return $i;\n}\n",
    "kotlin": "fun f(a: Int, n: Int): Int {\n  var i = a\n  while (i < n) {\n    i++\n  }\n  return i\n}\n",
    "scala": "def f(a: Int, n: Int): Int = {\n  var i = a\n  while (i < n) {\n    i += 1\n  }\n  i\n}\n",
    "swift": "func f(a: Int, n: Int) -> Int {\n  var i = a\n  while i < n {\n    i += 1\n  }\n  return i\n}\n",
    "bash": "f() {\n  while (( i < n )); do\n    g\n  done\n}\n",
    "lua": "function f(i, n)\n  while i < n do\n    i = i + 1\n  end\n  return i\nend\n",
}


def test_every_language_is_tried():
    assert LOOPS.keys() == LANGUAGES.keys()


@pytest.mark.parametrize("language", sorted(LOOPS))
def test_an_operator_in_every_language(language):
    before = LOOPS[language]
    found = findings(language, before, before.replace(" < ", " <= "))
    (sentence,) = found.sentences
    if language == "swift":  # whose grammar has two kinds of node for them
        assert sentence == "The loop condition `i < n` became `i <= n`."
        return
    assert sentence.startswith("The comparison `<` became `<=` in `")
    if language != "bash":  # whose condition is a command like any other
        assert sentence.endswith("`, in the loop condition.")


@pytest.mark.parametrize("language", sorted(LOOPS))
def test_layout_and_comments_are_no_change_in_any_language(language):
    before = LOOPS[language]
    comment = LANGUAGES[language].line_comment
    first, newline, rest = before.rpartition("\n  ")
    after = f"{first}{newline}{comment} a word\n\n  {rest}"
    old, new = (ParsedFile(LANGUAGES[language], t.encode()) for t in (before, after))
    assert compare(old, new, 1000).changed == []


P = "def f(a, b=None):\n    x = g(a)\n    if x > 1:\n        return x.y\n    return b\n"


@pytest.mark.parametrize(
    ("before", "after", "sentence", "shape"),
    [
        ("    x = g(a)\n    if", "    x = g(a)\n    if x is None:\n        return b\n    if",
         "The null check `x is None` was added before `if x > 1: return x.y`.", "added_null_check"),
        ("    x = g(a)\n", "    if not a:\n        raise ValueError(a)\n    x = g(a)\n",
         "The check `not a` was added before `x = g(a)`.", "added_check"),
        ("g(a)", "g(a, timeout=3)", "The call to `g` now passes `timeout=3`.", "argument"),
        ("g(a)", "g(b)", "The call to `g` now passes `b` instead of `a`.", "argument"),
        ("g(a)", "h(a)", "`h` is called instead of `g`.", "call"),
        ("g(a)", "h(g(a))", "`g(a)` is now part of `h(g(a))`.", "wrapped"),
        ("g(a)", "h(b)", "`x = g(a)` became `x = h(b)`.", "expression"),
        ("x > 1", "x > 1 and a", "The condition `x > 1` became `x > 1 and a`.", "condition"),
        ("x > 1", "x > 2", "The condition `x > 1` became `x > 2`.", "condition"),
        ("return x.y", "return x.z", "`x.z` is returned instead of `x.y`.", "returned"),
        ("(a, b=None)", "(a, b=0)", "The parameter `b=None` became `b=0`.", "parameter"),
        ("(a, b=None)", "(a, b=None, *, c)", "The parameter `c` was added.", "parameter"),
        ("    x = g(a)\n", "    x = g(a)\n    x.close()\n",
         "The statement `x.close()` was added before `if x > 1: return x.y`.", "added_statement"),
        ("    if x > 1:\n        return x.y\n", "",
         "The check `x > 1` was removed before `return b`.", "removed_check"),
        ("        return x.y\n", "        return x.y\n    elif a:\n        return a\n",
         "The branch for `a` was added.", "branch"),
    ],
)  # fmt: skip
def test_sentences(before, after, sentence, shape):
    assert before in P
    found = findings("python", P, P.replace(before, after, 1))
    assert sentence in found.sentences
    assert shape in found.shapes


@pytest.mark.parametrize(
    ("before", "after", "shape"),
    [
        ("def f(a, b):\n    c = a\n    return c + b\n", "def f(a, b):\n    d = a\n    return d + b\n",
         "only_renames"),
        ("def f(a, b):\n    return a\n", "def f(a: int, b: str = 'x') -> int:\n    return a\n", None),
        ("def f(a, b=1):\n    return a\n", "def f(a: int, b: int = 1) -> int:\n    return a\n",
         "only_types"),
        ("def f(a):\n    log.info('x')\n    return a\n", "def f(a):\n    return a\n", "only_logging"),
        ("def f(a):\n    g('so many words', a)\n", "def f(a):\n    g('other words yet', a)\n",
         "only_text"),
        ("def f(a):\n    ...\n", "def f(a, b):\n    ...\n", "stub"),
        ("def f(a):\n    g(a, 10)\n", "def f(a):\n    g(a, 20)\n", "number"),
        ("def f(a):\n    raise E(a)\n", "def f(a):\n    raise F(a)\n", "raised"),
        ("def f(a):\n    return a\n", "def f(a):\n    g(a)\n    return a\n", "only_additions"),
    ],
)  # fmt: skip
def test_shapes(before, after, shape):
    found = findings("python", before, after)
    special = {"only_renames", "only_types", "only_logging", "only_text", "stub"}
    if shape is None:
        assert not special & set(found.shapes)
    else:
        assert shape in found.shapes


@pytest.mark.parametrize(
    ("language", "before", "after", "sentence"),
    [
        ("python", "def f(x):\n    for k, v in x:\n        g(k)\n",
         "def f(x):\n    for (k, v) in x:\n        g(k)\n",
         "The loop header `k, v` became `(k, v)`."),
        ("go", "package p\nfunc f(k []int) {\n\tfor _, x := range k {\n\t\tg(x)\n\t}\n}\n",
         "package p\nfunc f(k []int) {\n\tfor _, x := range h(k) {\n\t\tg(x)\n\t}\n}\n",
         "The loop header `_, x := range k` became `_, x := range h(k)`."),
    ],
)  # fmt: skip
def test_a_loop_over_items_has_no_condition(language, before, after, sentence):
    assert findings(language, before, after).sentences[0] == sentence


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ('f!("{:?}", a.b)', 'f!("{}", a.b.c())',
         '`f!("{:?}", a.b)` was replaced by `f!("{}", a.b.c())`.'),
        ('f!("{:?}", a)', 'f!("{}", a)', 'The call to `f!` now passes `"{}"` instead of `"{:?}"`.'),
        ("f!(g(a), 2)", "f!(g(a, b.c), 2)", "`f!(g(a), 2)` was replaced by `f!(g(a, b.c), 2)`."),
    ],
)  # fmt: skip
def test_a_macro_is_told_as_a_whole(before, after, sentence):
    code = "fn f(a: A) -> S {\n    let b = a.d;\n    f!(1)\n}\n"
    old, new = code.replace("f!(1)", before), code.replace("f!(1)", after)
    assert findings("rust", old, new).sentences == [sentence]


LOGGED = """
def f(x):
    log(
        f"{x} was called with more words than a sentence has room for, "
        f"and took {x % 3} seconds, which is told in the second line"
    )
"""


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("{x % 3}", "{x or 1}", '`f"and took {x % 3} seconds, which is told in the second line"` was'
         ' replaced by `f"and took {x or 1} seconds, which is told in the second line"`.'),
        ("the second line", "the second line, at an end that is far off and is not shown: {x}",
         '`f"{x} was called with more words than a sentence has room for, " …` was changed.'),
    ],
)  # fmt: skip
def test_texts_that_begin_alike_are_told_by_the_line_that_differs(before, after, sentence):
    long = LOGGED.replace("and took", "and took, as far as it is known to those who look,")
    text = LOGGED if before.startswith("{") else long
    assert findings("python", text, text.replace(before, after)).sentences == [sentence]


def test_a_name_from_outside_is_not_renamed():
    found = findings("python", "def f(a):\n    return old(a)\n", "def f(a):\n    return new(a)\n")
    assert found.sentences == ["`new` is called instead of `old`."]
    assert "only_renames" not in found.shapes


def test_what_was_moved_into_a_new_function():
    block = "    rows = [row for row in rows if row.kept]\n    rows.sort(key=lambda r: r.name)\n"
    before = f"def f(rows):\n{block}    return rows\n"
    after = f"def order(rows):\n{block}    return rows\n\n\ndef f(rows):\n    return order(rows)\n"
    found = findings("python", before, after)
    assert "moved" in found.shapes
    assert found.sentences[0].endswith("were moved into `order`.")


def test_what_was_moved_within_a_function_is_told_once():
    body = "    if g(a):\n        return None\n"
    before = f"def f(a):\n{body}    h = open(a)\n    lock(a, h)\n"
    found = findings("python", before, f"def f(a):\n    h = open(a)\n{body}    lock(a, h)\n")
    assert found.sentences == [
        "The statement `h = open(a)` was moved before `if g(a): return None`."
    ]
    assert {"added_statement", "removed_statement"} <= set(found.shapes)


def test_a_part_that_begins_like_the_whole_is_told_by_what_differs():
    part = " or\n        ".join(f"a.is_one_of_the_many_words_{n}" for n in range(4))
    before = f"def f(a, d):\n    return (\n        {part}\n    )\n"
    (sentence,) = findings("python", before, before.replace(part, f"{part} or d")).sentences
    assert sentence == (
        "`a.is_one_of_the_many_words_3` was replaced by `a.is_one_of_the_many_words_3 or d`."
    )


def test_white_space_in_a_string_is_told_of():
    found = findings("python", 'def f(a):\n    g("a: %s", a)\n', 'def f(a):\n    g("a:   %s", a)\n')
    assert found.sentences == ['The call to `g` now passes `"a:   %s"` instead of `"a: %s"`.']


def test_many_places_are_counted():
    lines = [f"    a{n} = g({n})\n" for n in range(20)]
    before = f"def f():\n{''.join(lines)}"
    found = findings("python", before, before.replace("g(", "h(1, "))
    assert len(found.sentences) == 6
    assert found.sentences[-1].endswith("more places changed.")


@given(st.lists(st.sampled_from(["x = 1", "y = g(x)", "return y", "if x:\n        y = 2"]), min_size=1),
       st.lists(st.sampled_from(["x = 1", "y = g(x)", "return y", "z = [x, y]"]), min_size=1))  # fmt: skip
def test_every_change_is_told(before, after):
    texts = ["def f(x, y):\n" + "".join(f"    {line}\n" for line in b) for b in (before, after)]
    old, new = (ParsedFile(LANGUAGES["python"], text.encode()) for text in texts)
    compared = compare(old, new, 1000)
    assert bool(compared.changed) == (before != after)
    for matched in compared.changed:
        found = Findings(matched, compared, new)
        assert found.sentences
        assert all(s.endswith(".") and "\n" not in s for s in found.sentences)
        assert 0 < found.share <= 1


CALLING = """\
def retry(f): ...


def only(f): ...


class A:
    def stop(self): ...

    def copy(self): ...

    def run(self, thing, only):
        stop = copy = self.copy()
        self.retry(stop())
        only(thing.wait_for(thing.get()))
        return 1


class B:
    def copy(self): ...

    def wait_for(self, x): ...

    def get(self): ...
"""


def test_what_a_change_is_said_to_call_can_be_meant():
    """No function of the module by ``self.retry()``, no method by a variable, no other's ``get``."""
    old, new = (ParsedFile(LANGUAGES["python"], text.encode())
                for text in (CALLING, CALLING.replace("return 1", "return 2")))  # fmt: skip
    place = {"repo": "", "commit": "", "parent_path": "lib.py", "path": "lib.py", "blob_id": ""}
    (change,) = FileComparison(place, old, new, 1000).changes()
    assert change["signatures"] == ["def copy(self):", "def wait_for(self, x):"]


def test_a_change_of_a_name_says_what_it_was():
    """A prompt with the code before the commit must not ask for a function that is not there."""
    body = "    rows = [row for row in rows if row.kept]\n" * 5 + "    return rows\n"
    texts = [f"class A:\n    def {name}(self, rows):\n" + indent(body, "    ")
             for name in ("order", "order_rows")]  # fmt: skip
    texts[1] = texts[1].replace("return rows", "return rows or None")
    old, new = (ParsedFile(LANGUAGES["python"], text.encode()) for text in texts)
    place = {"repo": "", "commit": "", "parent_path": "lib.py", "path": "lib.py", "blob_id": ""}
    (change,) = FileComparison(place, old, new, 1000).changes()
    assert (change["before_name"], change["qualified_name"]) == ("A.order", "A.order_rows")
