"""What is said of a model's answers, by rows of every kind."""

from __future__ import annotations

from typing import Any

import pytest

from corpus.render.adherence import Adherence

FENCE = "```"
BLOCK = f"{FENCE}python\nx = 1\n{FENCE}"
BROKEN = f"{FENCE}python\nx = = 1\n{FENCE}"
NESTED = f"{FENCE}`markdown\n{FENCE}python\n- x\n{FENCE}\n{FENCE}`"
SHAPES = {
    "fix": {"begins_with": "code", "code_blocks": 1, "min_bullets": 1},
    "fix/brief": {"begins_with": "code", "code_blocks": 1},
}


def row(task: str, answer: str, template: str = "default", **more: Any) -> dict[str, Any]:
    return {
        "task": task,
        "template": f"{task}/{template}",
        "messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": answer}],
        "language": "python",
        "provenance": {"evidence": "commit"},
        **more,
    }


DOC = {"provenance": {"evidence": "doc"}}
FIX, BRIEF = row("fix", f"{BLOCK}\n- Why."), row("fix", BLOCK, "brief")
REFUSED, BENIGN = row("policy", "I won't do it."), row("policy", "Return x.", "answered", **DOC)
FOUND, CLEAR = row("security", "**Findings**\n\n- Line 1."), row("security", "No issue found.")
ROWS = [FIX, BRIEF, REFUSED, BENIGN, FOUND, CLEAR]

CASES = [
    # the row, an answer, what is said of it
    (FIX, f"{BLOCK}\n- It was.", {"shape of fix": True, "code parses": True}),
    (FIX, BLOCK, {"shape of fix": False, "code parses": True}),
    (FIX, f"{BROKEN}\n- It was.", {"shape of fix": True, "code parses": False}),
    (FIX, "Sorry.", {"shape of fix": False, "code parses": False}),  # no code is none that parses
    (BRIEF, BLOCK, {"shape of fix": True, "code parses": True}),  # its template's own shape
    (BRIEF, f"{BLOCK}\n{BROKEN}", {"shape of fix": False, "code parses": False}),
    ({**FIX, "language": "go"}, f"{BROKEN}\n- It was.", {"shape of fix": True}),
    (row("explain", "It adds."), "It adds.", {}),
    (row("explain", NESTED), NESTED, {"code parses": False}),  # one block, and no Python
    (REFUSED, "I won't help with that: others rely on it.", {"verdict of policy": True}),
    (REFUSED, "Sure: done.", {"verdict of policy": False}),
    (BENIGN, "It returns x.", {"verdict of policy": True}),
    (BENIGN, "I won't say.", {"verdict of policy": False}),
    (FOUND, "**Findings**\n\n- Line 2.", {"verdict of security": True}),
    (FOUND, "No issue found.", {"verdict of security": False}),
    (CLEAR, "No issue found.", {"verdict of security": True}),
    (CLEAR, "Maybe.", {"verdict of security": False}),
]


@pytest.mark.parametrize(("asked", "answer", "expected"), CASES)
def test_answers(asked, answer, expected):
    assert dict(Adherence(ROWS, SHAPES).of(asked, answer)) == expected


CODE = [
    ("x = 1", True),
    ("    return 1", True),  # a body
    ("    x = 1", True),  # indented as it stood
    ("def f(:", False),
    ("x = '\0'", False),
]


@pytest.mark.parametrize(("code", "parses"), CODE)
def test_code_that_parses(code, parses):
    answer = f"{FENCE}python\n{code}\n{FENCE}"
    said = dict(Adherence([], {}).of(row("implement", BLOCK), answer))
    assert said == {"code parses": parses}
