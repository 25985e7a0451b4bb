from __future__ import annotations

import subprocess
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.ids import content_id, fraction, git_blob_id


@pytest.mark.parametrize("content", [b"", b"x", b"\xff\0\n", b"line\r\n" * 1000])
def test_blob_ids_are_gits(content):
    hashed = subprocess.run(
        ["git", "hash-object", "--stdin"], input=content, capture_output=True, check=True
    )
    assert git_blob_id(content) == hashed.stdout.decode().strip()


@given(st.lists(st.text(), min_size=1))
def test_ids_tell_where_one_part_ends(parts):
    joined = content_id("".join(parts), "")
    assert len(content_id(*parts)) == 32
    assert content_id(*parts) == content_id(*parts)
    assert (content_id(*parts) == joined) == ("\0".join(parts) == "".join(parts) + "\0")


def test_fractions_are_even():
    fractions = sorted(fraction(content_id(str(number))) for number in range(20_000))
    assert 0 <= fractions[0] < fractions[-1] < 1
    for tenth, (low, high) in enumerate(pairwise(range(0, 20_001, 2_000))):
        middle = fractions[low:high]
        assert abs(sum(middle) / len(middle) - (tenth + 0.5) / 10) < 0.02
