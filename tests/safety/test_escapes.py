"""What is written otherwise than it is read is found where it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.safety.benchmarks import Benchmarks
from corpus.safety.escapes import Unescaped
from corpus.safety.findings import Finding
from corpus.safety.policy import SafetyPolicy
from corpus.safety.scrub import Scrubber

AT = "@"
MAIL = f"jane.roe{AT}corp-mail.com"


@pytest.mark.parametrize(
    ("written", "redacted"),
    [
        ("to jane.roe&#64;corp-mail.com, now", "to <EMAIL_1>, now"),
        ("to jane&#46;roe&#x40;corp-mail&period;com", "to <EMAIL_1>"),
        ("to jane.roe{@literal @}corp-mail.com}", "to <EMAIL_1>}"),
        ('to = "jane.roe\\u0040corp-mail.com"', 'to = "<EMAIL_1>"'),
        (f"&#169; 2024 {MAIL} &amp; more", "&#169; 2024 <EMAIL_1> &amp; more"),
        ("a &#64; b &amp;#64; c &#9999999; d", "a &#64; b &amp;#64; c &#9999999; d"),
    ],
)
def test_addresses(written, redacted):
    scrubber = Scrubber(SafetyPolicy(), [], Benchmarks.none())
    assert scrubber.scrub(written.encode()).text.decode() == redacted


PIECES = st.lists(st.sampled_from(["ab", "&#64;", "&#x1F600;", "{@literal x}", "&", "é", "\\x40"]))


@given(PIECES, st.data())
def test_places_lead_back(pieces, data):
    """What a finding covers, once read, is what is written at its place."""
    written = "".join(pieces).encode()
    read = Unescaped(written)
    if not read.text:
        return
    start = data.draw(st.integers(0, len(read.text) - 1))
    end = data.draw(st.integers(start + 1, len(read.text)))
    for found in read.as_written([Finding(start, end, "email", "email")]):
        assert read.text[start:end] in Unescaped(written[found.start : found.end]).text
        assert 0 <= found.start < found.end <= len(written)
