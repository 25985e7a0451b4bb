"""Tells a key that was drawn from names, prose and hashes."""

from __future__ import annotations

import base64
import re

from corpus.safety.letters import are_drawn
from corpus.safety.measures import (
    entropy,
    is_drawn_letters,
    is_in_words,
    is_noisy,
    is_sequence,
    share_of_changes,
)
from corpus.safety.stand_ins import is_placeholder, is_reference

_UUID = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HEX = re.compile(r"(?:[0-9a-f]+|[0-9A-F]+)")
_ANY_HEX = re.compile(r"[0-9a-fA-F]+")
_BASE32 = re.compile(r"[A-Z2-7]{16,}|[a-z2-7]{32,}")
_ADDRESS = re.compile(r"0x[0-9A-Fa-f]{40}")  # Ethereum's, which are public
_BASE64 = re.compile(r"[\w+/-]+", re.ASCII)
_URL_SAFE = str.maketrans("+/", "-_")
_UUID_SIZE = 22  # 16 bytes in base64
_FEWEST_RANDOM = 16
_FEWEST_HEX = 20
_LONG_DRAWN = 22


def is_random(value: str, fewest: int = _FEWEST_RANDOM) -> bool:
    """Tell whether a value looks drawn by a machine: long, mixed, and without order."""
    core = value.rstrip("=")
    if len(core) < fewest or re.search(r"\s", core) or is_reference(value):
        return False
    if _UUID.fullmatch(value) or _ADDRESS.fullmatch(value):
        return False
    digits_of_hex = core.replace("-", "")
    if _HEX.fullmatch(digits_of_hex):
        if len(digits_of_hex) < max(fewest, _FEWEST_HEX) or digits_of_hex.isdigit():
            return False
        return entropy(core) >= 2.9 and not is_sequence(core)
    if _BASE32.fullmatch(core) and share_of_changes(core) >= (0.1 if len(core) < 32 else 0.03):
        return entropy(core) >= 3.2
    # Of 16 random letters and digits one in 10 has fewer than two digits, of 24 one in 30.
    digits = sum(character.isdigit() for character in core)
    if digits < 2 and is_drawn_letters(re.sub(r"\d", "", core), max(fewest - 1, 15)):
        return True
    if are_drawn(core, max(fewest - 6, 10)):
        return not is_sequence(core)
    if digits < 2 and not (len(core) >= 24 and digits and share_of_changes(core) > 0.4):
        return False
    fewest_changes = 0.05 if is_noisy(core) else 0.25
    return (
        entropy(core) >= 3.2
        and share_of_changes(core) >= fewest_changes
        and not is_sequence(core)
        and not is_in_words(core)
    )


def _is_encoded_uuid(value: str) -> bool:
    """Tell whether a value is, or ends with, a random UUID in base64 (RFC 9562, version 4)."""
    before = value[:-_UUID_SIZE]
    if len(value) < _UUID_SIZE or before[-1:] not in ("", "-") or not _BASE64.fullmatch(value):
        return False
    content = base64.urlsafe_b64decode(value[-_UUID_SIZE:].translate(_URL_SAFE) + "==")
    return content[6] >> 4 == 4 and content[8] >> 6 == 2


def is_drawn(value: str) -> bool:
    """Tell whether letters and digits can't be but drawn: all three classes, well mixed."""
    mixed = all(any(map(test, value)) for test in (str.islower, str.isupper, str.isdigit))
    return (
        mixed
        and not _ANY_HEX.fullmatch(value)
        and not _is_encoded_uuid(value)
        and not is_in_words(value)
        and share_of_changes(value) >= 0.42
        and is_random(value, _LONG_DRAWN)
    )


def is_drawn_case(value: str) -> bool:
    """Tell whether letters of one case and digits can't be but drawn. Hex may be a hash."""
    is_one = (
        value in (value.lower(), value.upper()) and value.isalnum() and not _HEX.fullmatch(value)
    )
    fewest_changes = 0.25 if len(value) < 40 else 0.15
    return is_one and share_of_changes(value) >= fewest_changes and is_random(value, 26)


def is_seed(value: str) -> bool:
    """Tell whether a value is a seed of one-time passwords (RFC 4648 base32, RFC 6238)."""
    return bool(_BASE32.fullmatch(value)) and entropy(value) >= 3.0


def is_uuid(value: str) -> bool:
    """Tell whether a value is a UUID: a name for most, a key for some services."""
    core = value.replace("-", "")
    return bool(_UUID.fullmatch(value)) and entropy(core) > 2.9 and not is_sequence(core)


def is_key(value: str) -> bool:
    """Tell whether a value that stands where a key is wanted is one: it was drawn."""
    return not is_placeholder(value) and (is_random(value, 20) or is_uuid(value))
