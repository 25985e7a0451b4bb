"""What the keys of a shape mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.render.environment import fence
from corpus.render.shape import outline, violation

FIX = "```python\nx\n```\n\n- a\n- b"
STEPS = "1. a\n2. b\n\n```\nx\n```\n\n**Why**\n\nc\n\n## Risk\n\nd"
TABLE = [
    ({}, "", None),
    ({}, "```\nnever closed", None),
    ({"code_blocks": 1}, FIX, None),
    ({"code_blocks": 2}, FIX, "1 code blocks, not 2"),
    ({"code_blocks": 0}, FIX, "1 code blocks, not 0"),
    ({"code_blocks": 1}, "```\nx\n``", "a code block is not closed"),
    ({"code_blocks": 1}, "````\n```\n- a\n```\n````", None),
    ({"code_blocks": 1, "min_bullets": 1}, "````\n- a\n````", "0 bullets, not 1 or more"),
    ({"code_blocks": 1}, "```\nx\n``` y\n```", None),
    ({"only_code": True}, "```\nx\n```", None),
    ({"only_code": True}, "\n```\nx\n```\n\n", None),
    ({"only_code": True}, FIX, "text outside the code blocks"),
    ({"begins_with": "code"}, FIX, None),
    ({"begins_with": "text"}, FIX, "begins with code, not text"),
    ({"begins_with": "code"}, "", "begins with nothing, not code"),
    ({"begins_with": "code"}, STEPS, "begins with text, not code"),
    ({"min_bullets": 2}, FIX, None),
    ({"min_bullets": 3}, FIX, "2 bullets, not 3 or more"),
    ({"min_bullets": 1}, "  - nested\n* star", "0 bullets, not 1 or more"),
    ({"min_steps": 2}, STEPS, None),
    ({"min_steps": 3}, STEPS, "2 steps, not 3 or more"),
    ({"min_steps": 1}, "1. a\n3. b", "the steps are not numbered 1, 2, 3, …"),
    ({"sections": ["Why", "Risk"]}, STEPS, None),
    ({"sections": ["Risk", "Why"]}, STEPS, "sections in the order Why, Risk"),
    ({"sections": ["Why", "What"]}, STEPS, "no section 'What'"),
    ({"sections": ["Why"]}, "**Why** not", "no section 'Why'"),
    ({"sections": ["Why"]}, "```\n**Why**\n```", "no section 'Why'"),
    ({"optional_sections": ["Why", "What", "Risk"]}, STEPS, None),
    ({"optional_sections": ["Risk", "Why"]}, STEPS, "sections in the order Why, Risk"),
    ({"optional_sections": ["Why"]}, "**Why**\n**Why**", "sections in the order Why, Why"),
]


@pytest.mark.parametrize(("shape", "text", "expected"), TABLE)
def test_violation(shape, text, expected):
    assert violation(text, shape) == expected


@given(st.text(alphabet="`x\n- *", max_size=60), st.text(alphabet="ab \n", max_size=20))
def test_whatever_is_in_a_fence_is_one_block(code, prose):
    found = outline(f"{fence(code, 'py')}\n{prose}")
    assert (found.code_blocks, found.is_closed, found.begins_with) == (1, True, "code")
    assert found.prose == [line.rstrip() for line in prose.split("\n") if line.strip()]
