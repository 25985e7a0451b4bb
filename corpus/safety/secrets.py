"""Secrets: Kingfisher's rules, in process and offline, and ours for what has no form of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from kingfisher_sdk import Rules, Scanner

from corpus.safety.anchors import Anchored
from corpus.safety.calls import find_calls
from corpus.safety.codes import find_codes
from corpus.safety.commands import find_commands
from corpus.safety.credentials import find_credentials
from corpus.safety.drawn import find_drawn
from corpus.safety.findings import Finding
from corpus.safety.formats import find_formats
from corpus.safety.logins import find_logins, is_word_at_home
from corpus.safety.manifests import find_in_manifests
from corpus.safety.pieces import find_pieces
from corpus.safety.private_keys import find_private_keys
from corpus.safety.public import without_public
from corpus.safety.spoken import find_spoken
from corpus.safety.stand_ins import is_encoded_stand_in, is_stand_in

_FINDERS = (
    find_credentials,
    find_logins,
    find_commands,
    find_calls,
    find_codes,
    find_in_manifests,
    find_spoken,
    find_drawn,
    find_formats,
    find_pieces,
)


@cache
def _scanner() -> Scanner:
    """Load the rules, once per process. The first time on a machine compiles them: 5 s."""
    return Scanner(Rules(confidence="medium"))


def find_secrets(anchored: Anchored) -> Iterator[Finding]:
    """Yield every secret in a text."""
    yield from find_private_keys(anchored)
    yield from without_public(anchored, _find(anchored))


def _find(anchored: Anchored) -> Iterator[Finding]:
    text = anchored.text
    for find in _FINDERS:
        yield from find(anchored)
    for found in _scanner().scan(text):
        if not found.visible:
            continue
        start, end = found.location["start_offset"], found.location["end_offset"]
        value = text[start:end]
        if text[start - len(value) - 1 : start] == value + b":":
            continue  # the default of a database: `postgres:postgres`
        if is_word_at_home(text, start):
            continue
        if b"PRIVATE KEY" in value or _is_stand_in(found.secret):
            continue  # ours takes a key out line by line, so that what holds it still parses
        yield from _by_line(text, start, end, found.rule_id)


def _is_stand_in(secret: str) -> bool:
    """Tell whether a secret is made up: of an address, the part at its end is."""
    last = secret.rstrip("/").rpartition("/")[2] if "://" in secret else secret
    return bool(_CONSTANT.fullmatch(last)) or is_stand_in(last) or is_encoded_stand_in(last)


_CONSTANT = re.compile(r"[A-Z]+\d{0,2}(?:_[A-Z]+\d{0,2})+")  # `MY_TOKEN`, to be filled in
# Of `-u bob:'X'` the quotes stay.
_USER = re.compile(rb"[\w.@-]{1,60}:[\"']")


def _by_line(text: bytes, start: int, end: int, rule: str) -> Iterator[Finding]:
    """Part a finding at its line ends, which stay: rows name lines."""
    for line in text[start:end].split(b"\n"):
        bare = line.strip(b" \t\"'`,;+\\")
        if user := _USER.match(bare):
            bare = bare[user.end() :]
        if bare:
            at = start + line.index(bare)
            yield Finding(at, at + len(bare), "secret", rule)
        start += len(line) + 1
