# ruff: noqa: E501 - a row of a table reads better on one line
"""Which functions before and after a commit are the same one, and which split they are in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.dedup.parameters import Splits
from corpus.extract.functions import ParsedFile
from corpus.history.commits import Chains
from corpus.history.match import compare
from corpus.history.plan import _shards
from corpus.history.splits import Families
from corpus.ids import content_id
from corpus.languages import LANGUAGES

LONG = "    total = 0\n    for line in lines:\n        total += line.price * line.count\n    return total\n"


def names(language, before, after, max_lines=100):
    old, new = (ParsedFile(LANGUAGES[language], text.encode()) for text in (before, after))
    found = compare(old, new, max_lines)
    return (
        [(m.old.qualified_name, m.new.qualified_name) for m in found.changed],
        [located.qualified_name for located in found.added],
        [located.qualified_name for located in found.removed],
    )


@pytest.mark.parametrize(
    ("language", "before", "after", "expected"),
    [
        ("python", "def f():\n    return 1\n", "def f():\n    return 2\n", ([("f", "f")], [], [])),
        ("python", "def f():\n    return 'a'\n", 'def f():\n    return "a"\n', ([], [], [])),
        ("python", "def f():\n    return g(a, b)\n", "def f():\n    return g(\n        a,\n        b,\n    )\n",
         ([], [], [])),
        ("python", "def f():\n    return a\n", "def f():\n    '''Doc.'''\n    return (a)\n", ([], [], [])),
        ("python", "def f():\n    import a\n    a()\n", "def f():\n    import a, b\n    a()\n", ([], [], [])),
        ("python", "def f():\n    if (a  # as is\n            and b):\n        g()\n",
         "def f():\n    if a \\\n            and b:\n        g()\n", ([], [], [])),
        ("python", f"class A:\n  def f(lines):\n{LONG}", f"class B:\n  def f(lines):\n{LONG}", ([], [], [])),
        ("python", f"def old(lines):\n{LONG}", f"def new(lines):\n{LONG}", ([("old", "new")], [], [])),
        ("python", "def a():\n    return 1\n", "def b():\n    return 1\n", ([], ["b"], ["a"])),
        ("python", "class A:\n    def f(self):\n        return 1\n", "class A:\n    def f(self):\n        return 2\n",
         ([("A.f", "A.f")], [], [])),
        ("python", "def f():\n    return (a,)\n", "def f():\n    return a\n", ([("f", "f")], [], [])),
        ("python", "def f():\n    return a * (b + c)\n", "def f():\n    return a * b + c\n", ([("f", "f")], [], [])),
        ("java",
         "class A { int f(int a) { return g(a) + g(a) + 1; } int f(String a) { return h(a).size(); } }",
         "class A { int f(String a) { return h(a).size(); } int f(int a) { return g(a) + g(a) + 2; } }",
         ([("A.f", "A.f")], [], [])),
    ],
)  # fmt: skip
def test_functions_are_matched(language, before, after, expected):
    assert names(language, before, after) == expected


def test_functions_that_are_too_long_are_not_compared():
    before = f"def f(lines):\n{LONG}"
    old, new = (
        ParsedFile(LANGUAGES["python"], text.encode()) for text in (before, before + "    x()\n")
    )
    found = compare(old, new, 3)
    assert found.changed == []
    assert [new.qualified_name for _, new in found.long] == ["f"]


def test_paths_of_one_file_are_one_chain():
    chains = Chains()
    for one, other in (("a", "b"), ("c", "d"), ("d", "b"), ("x", "y")):
        chains.link(one, other)
    assert {chains.of(path) for path in "abcd"} == {"a"}
    assert {path: chain for path, chain, _ in chains.paths()} == {
        "b": "a", "c": "a", "d": "a", "y": "x"
    }  # fmt: skip


def test_new_commits_leave_the_shards_below_as_they_are():
    paths = [f"src/{number}.py" for number in range(40)]
    known = [
        {"chain": path, "commit": content_id(path, str(n))}
        for path in paths
        for n in range(600 if path == paths[7] else 20)
    ]
    new = [{"chain": paths[7], "commit": content_id("new", str(n))} for n in range(10)]
    at = next(n for n, revision in enumerate(known) if revision["chain"] == paths[7])
    before, after = list(_shards(known)), list(_shards([*known[:at], *new, *known[at:]]))
    assert [row for shard in after for row in shard] == [*known[:at], *new, *known[at:]]
    assert len(before) > 10
    assert len([shard for shard in after if shard not in before]) <= 2


KEYS = st.lists(st.sampled_from("abcdefghij"), min_size=1, max_size=3)


@given(st.lists(KEYS, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_families_do_not_depend_on_order_and_never_part(links, random):
    shuffled = [list(keys) for keys in links]
    random.shuffle(shuffled)
    one, other = Families(), Families()
    for keys, others in zip(links, shuffled, strict=True):
        one.link(keys)
        other.link(others)
    functions = [((links[0][0],), "test")]
    one.fix(functions)
    other.fix(functions)
    half = Splits(validation=0.3, test=0.3)
    for keys in links:
        assert len({one.split(key, half) for key in keys}) == 1
        assert one.split(keys[0], half) == other.split(keys[0], half)
    assert one.split(links[0][0], half) == "test"


def test_a_family_whose_functions_are_in_two_splits_is_in_none():
    families = Families()
    families.link(["a", "b"])
    families.fix([(("a",), "train"), (("b",), "test"), (("unknown",), "validation")])
    assert families.split("a", Splits()) is None


def test_what_is_too_deep_does_not_hang_on_what_was_met_before():
    def compare_sums(terms: int) -> None:
        before = f"def f(x):\n    return {' + '.join(['x'] * terms)}\n"
        names("python", before, before.replace("x)", "x, y)"))

    for terms in (10, 60, 110, 160):
        compare_sums(terms)
    with pytest.raises(RecursionError):
        compare_sums(210)  # of which all but 50 terms are known
    with pytest.raises(RecursionError):
        compare_sums(5_000)
