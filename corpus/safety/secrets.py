"""Secrets: Kingfisher's rules, in process and offline, and ours for what has no form of its own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from kingfisher_sdk import Rules, Scanner

from corpus.safety.anchors import Anchored
from corpus.safety.credentials import find_credentials
from corpus.safety.drawn import find_drawn
from corpus.safety.findings import Finding
from corpus.safety.formats import find_formats
from corpus.safety.logins import find_logins
from corpus.safety.pieces import find_pieces
from corpus.safety.private_keys import find_private_keys
from corpus.safety.values import is_stand_in


@cache
def _scanner() -> Scanner:
    """Load the rules, once per process. The first time on a machine compiles them: 5 s."""
    return Scanner(Rules(confidence="medium"))


def find_secrets(anchored: Anchored) -> Iterator[Finding]:
    """Yield every secret in a text."""
    text = anchored.text
    yield from find_private_keys(anchored)
    yield from find_credentials(anchored)
    yield from find_logins(anchored)
    yield from find_drawn(anchored)
    yield from find_formats(anchored)
    yield from find_pieces(anchored)
    for found in _scanner().scan(text):
        if not found.visible:
            continue
        start, end = found.location["start_offset"], found.location["end_offset"]
        value = text[start:end]
        if b"PRIVATE KEY" in value or is_stand_in(found.secret):
            continue  # ours takes a key out line by line, so that what holds it still parses
        yield from _by_line(text, start, end, found.rule_id)


def _by_line(text: bytes, start: int, end: int, rule: str) -> Iterator[Finding]:
    """Part a finding at its line ends, which stay: rows name lines."""
    for line in text[start:end].split(b"\n"):
        bare = line.strip(b" \t\"'`,;+\\")
        if bare:
            at = start + line.index(bare)
            yield Finding(at, at + len(bare), "secret", rule)
        start += len(line) + 1
