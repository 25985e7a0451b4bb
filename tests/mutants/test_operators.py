"""What each operator makes of a function, and that what it makes is still a function."""

from __future__ import annotations

import ast

import pytest

from corpus.mutants.choose import choose
from corpus.mutants.mutate import mutants

CODE = """\
def price(order, rate):
    total = order.sum() + 1
    if total < 10 and rate == 2:
        notify(order, rate)
        raise ValueError("small")
    return total
"""


@pytest.mark.parametrize(
    ("operator", "line"),
    [
        ("comparison", "    if total < 10 and rate != 2:"),
        ("off_by_one", "    if total <= 10 and rate == 2:"),
        ("boolean", "    if total < 10 or rate == 2:"),
        ("arithmetic", "    total = order.sum() - 1"),
        ("constant", "    total = order.sum() + 2"),
        ("negated_condition", "    if not (total < 10 and rate == 2):"),
        ("swapped_arguments", "        notify(rate, order)"),
        ("early_return", "    return None"),
        ("wrong_exception", '        raise TypeError("small")'),
    ],
)
def test_operator(operator, line):
    assert line in [m.apply(CODE).split("\n")[m.line] for m in mutants("python", CODE)
                    if m.operator == operator]  # fmt: skip


@pytest.mark.parametrize(
    ("operator", "gone"),
    [("removed_assignment", "    total = order.sum() + 1\n"),
     ("removed_call", "        notify(order, rate)\n")],
)  # fmt: skip
def test_what_is_removed_leaves_no_trace(operator, gone):
    (mutant,) = [m for m in mutants("python", CODE) if m.operator == operator]
    assert mutant.apply(CODE) == CODE.replace(gone, "")


def test_every_mutant_parses_and_differs():
    import inspect
    import textwrap

    for function in (textwrap.dedent, textwrap.indent, inspect.getmodule, inspect.cleandoc):
        code = textwrap.dedent(inspect.getsource(function))
        found = mutants("python", code)
        assert found
        for mutant in found:
            faulty = mutant.apply(code)
            assert ast.dump(ast.parse(faulty)) != ast.dump(ast.parse(code)), mutant


def test_chosen_mutants_are_few_different_and_always_the_same():
    chosen = choose("python", CODE, "id", 3)
    assert chosen == choose("python", CODE, "id", 3)
    assert len({(m.operator, m.line) for m in chosen}) == 3
    assert {m.id("id") for m in chosen}.isdisjoint(m.id("other") for m in chosen)


@pytest.mark.parametrize(
    ("language", "code", "faulty"),
    [
        ("go", "func F(a int) bool { return a < 1 && g(a) }", "a <= 1"),
        ("javascript", "function f(a) { if (a === 1) { return a; } }", "a !== 1"),
        ("java", "int f(int a) { return a + 1; }", "a - 1"),
        ("rust", "fn f(a: u8) -> bool { a > 1 || g(a) }", "a > 1 && g(a)"),
        ("ruby", "def f(a)\n  a == 1\nend", "a != 1"),
    ],
)
def test_other_languages(language, code, faulty):
    assert any(faulty in mutant.apply(code) for mutant in mutants(language, code))
