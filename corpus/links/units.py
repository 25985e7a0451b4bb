"""Parts a file into tests and what they use: hooks, fixtures, helpers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from corpus.ids import content_id
from corpus.languages import Language
from corpus.links.conventions import is_fixture, is_test
from corpus.links.view import Block, View

_HOOK_NAME = re.compile(
    r"^(set_?up(_?(class|method|function|module|before_class))?|before_?(each|all|class|every)?"
    r"|initialize|init|testInitialize|before_teardown)$",
    re.IGNORECASE,
)
_HOOK_MARK = re.compile(r"@Before|\[(SetUp|OneTimeSetUp|TestInitialize)|#\[Before|autouse=True")
_SKIPPED = re.compile(
    r"@(pytest\.mark\.|unittest\.)?skip|@(Disabled|Ignored?)\b|#\[(cfg_attr\(.*)?ignore"
    r"|\[(Ignore|Explicit)\b|Skip\s*=\s*\"|\b(it|test|describe|specify)\.(skip|todo)\b"
    r"|\bx(it|describe|test|specify)\b|\bmarkTest(Skipped|Incomplete)\b|\bpending[ (]|XCTSkip"
    r"|^\s*(t\.Skip(f|Now)?\(|pytest\.skip\(|self\.skipTest\(|skip\b)",
    re.MULTILINE,
)
# Looked for first: most tests hold none of these, and that is found out much faster.
_SKIP_WORDS = ("skip", "ignore", "disabled", "explicit", "todo", "xit", "xtest", "xdescribe",
               "xspecify", "incomplete", "pending")  # fmt: skip
_EXPECTED_FAILURE = re.compile(r"xfail|expectedFailure|\b(it|test)\.(fails|failing)\b")
_ASSERTION = re.compile(
    r"[aA]ssert|ASSERT|\bexpect|\b(EXPECT|CHECK|REQUIRE|BOOST)_?|\bshould|\.should|\bmust_|"
    r"\bt\.(Error|Fatal|Fail)|\b(require|is|qt|c|td)\.[A-Z]|\b[vV]erif(y|ies)|\bfail\(|\bXCT|"
    r"\braises?\b|\bwarns\b|deprecated_call|should_panic|\b[a-z]*_eq!|\bThrows\b|expected\s*=|"
    r"\.(isEqualTo|andExpect|expect\w*)\(|\bresult\.(exit_code|output)|\bStepVerifier|"
    r"\[ \"|\bensure\b|\bsnapshot\b|@\w*Expected"
)


@dataclass
class Unit:
    """One test, hook, fixture or helper; see ``links.records.TEST_UNIT``.

    What stands before ``body_line`` is not run with it.
    """

    unit_id: str
    kind: str
    name: str
    own_name: str
    place: str
    code: str
    start_line: int
    body_line: int
    end_line: int
    split: str
    parameters: list[str]
    reason: str | None = None
    scope: list[str] = field(default_factory=list)


def function_units(
    language: Language, path: str, functions: Iterable[Mapping[str, Any]]
) -> list[Unit]:
    """Return the units of a file that are functions.

    ``functions`` are the file's, with the verdicts of dedup; in a file that is not test code by its
    path only those count that are tests, and what shares a scope with one.
    """
    rows = list(functions)
    functions_here = {row["qualified_name"] for row in rows}
    # What stands inside a function is part of it, and can't be called from elsewhere.
    rows = [row for row in rows if _place(row) not in functions_here]
    in_tests = language.is_test_path(path)
    tests_here = {
        row["function_id"]
        for row in rows
        if is_test(language, row["name"], row["signature"], in_tests=in_tests)
    }
    if not in_tests:
        scopes = {_place(row) for row in rows if row["function_id"] in tests_here} - {""}
        rows = [r for r in rows if r["function_id"] in tests_here or _place(r) in scopes]
    return [
        Unit(
            row["function_id"],
            _kind(row, is_test=row["function_id"] in tests_here),
            row["qualified_name"],
            row["name"],
            _place(row),
            row["code"],
            row["start_line"],
            _body_line(language, row),
            row["end_line"],
            row["split"],
            _parameters(row["signature"]),
            None if row["kept"] else "duplicate",
        )
        for row in rows
    ]


def find_units(
    file: Mapping[str, Any], functions: list[Unit], view: View, max_lines: int
) -> list[Unit]:
    """Return all units of a file, in the order that they begin, with what is around them."""
    lines = file["text"].split("\n")
    outer = [block for block in view.blocks if block.kind in ("class", "group")]
    inner = sorted((b for b in view.blocks if b.kind in ("test", "hook")), key=_order)
    units = functions + [
        _of_block(file, block, around, lines)
        for block, around in zip(inner, _around(inner, outer), strict=True)
    ]
    units.sort(key=_order)
    for unit, around in zip(units, _around(units, outer), strict=True):
        unit.scope = [block.header for block in around]
        if unit.kind == "test":
            unit.reason = unit.reason or _fault(unit, max_lines)
    return units


def _order(unit: Unit | Block) -> tuple[int, int]:
    return unit.start_line, -unit.end_line


def _around(units: Sequence[Unit] | Sequence[Block], outer: list[Block]) -> Iterator[list[Block]]:
    """Yield the blocks around each unit, outermost first; both in the order that they begin."""
    waiting = iter(outer)
    following = next(waiting, None)
    open_: list[Block] = []
    for unit in units:
        while following and following.start_line <= unit.start_line:
            open_.append(following)
            following = next(waiting, None)
        open_ = [block for block in open_ if block.end_line >= unit.start_line]
        yield [
            block
            for block in open_
            if block.end_line >= unit.end_line
            and (block.start_line, block.end_line) != (unit.start_line, unit.end_line)
        ]


def _kind(row: Mapping[str, Any], *, is_test: bool) -> str:
    header = row["signature"]
    if is_test:
        return "test"
    if is_fixture(header) and "autouse=True" not in header:
        return "fixture"
    if _HOOK_NAME.match(row["name"]) or _HOOK_MARK.search(header):
        return "hook"
    return "helper"


def _body_line(language: Language, row: Mapping[str, Any]) -> int:
    """Return where begins what runs with a function: Python runs its head where it is defined."""
    if language.name != "python":
        return int(row["start_line"])
    return int(min(row["start_line"] + row["signature"].count("\n") + 1, row["end_line"]))


def _place(row: Mapping[str, Any]) -> str:
    return str(row["qualified_name"])[: -len(row["name"])].rstrip(".")


def _parameters(signature: str) -> list[str]:
    """Return the plain names among the parameters: what a fixture can be asked for by."""
    inside = re.search(r"def \w+\(([^)]*)\)", signature)
    names = re.findall(r"(?:^|,)\s*(\w+)", inside[1]) if inside else []
    return [name for name in names if name not in ("self", "cls")]


def _of_block(file: Mapping[str, Any], block: Block, around: list[Block], lines: list[str]) -> Unit:
    titles = [other.title for other in around if other.kind == "group"]
    code = lines[block.start_line - 1 : block.end_line]
    indent = code[0][: len(code[0]) - len(code[0].lstrip())]
    code = [line.removeprefix(indent) for line in code]
    return Unit(
        content_id(file["file_id"], block.kind, str(block.start_line)),
        block.kind,
        " > ".join([*titles, block.title]),
        block.title,
        " > ".join(titles),
        "\n".join(code),
        block.start_line,
        block.start_line,
        block.end_line,
        file["split"],
        [],
        None if file["kept"] else "duplicate",
    )


def _fault(unit: Unit, max_lines: int) -> str | None:
    """Say why a test is not one to learn from."""
    around = "\n".join([*unit.scope, unit.code])
    plain = around.lower()
    if any(word in plain for word in _SKIP_WORDS) and _SKIPPED.search(around):
        return "skipped"
    if "fail" in plain and _EXPECTED_FAILURE.search(around):
        return "expected_failure"
    if unit.end_line - unit.start_line >= max_lines:
        return "giant_test"
    if not re.search(r"\w\s*[(!{]|assert|\[ ", unit.code.partition("\n")[2] or unit.code):
        return "empty_test"
    code = unit.code.replace(unit.own_name, "")
    plain = code.lower()
    if "assert" in plain or "expect" in plain or _ASSERTION.search(code):
        return None
    return "no_assertion"
