"""What can be counted of a value: how its characters change, repeat and follow each other."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from math import log2

from corpus.safety.letters import are_drawn

_WORDS = re.compile(r"[a-z]{4,}|[A-Z][a-z]{2,}")
_CONSONANTS = re.compile(r"(?i)[bcdfghj-np-tv-z]{4}")
_SPECIAL = re.compile(r"[!@#$^&*?~%+=]")
_HEX = re.compile(r"(?:[0-9a-f]+|[0-9A-F]+)")


def is_no_name(value: str) -> bool:
    """Tell whether hardly a word stands in a value, as in names, be they of whatever case."""
    return sum(map(len, _WORDS.findall(value))) < 0.5 * len(value)


def is_in_words(value: str) -> bool:
    """Tell whether most of a value is words, as names in camel case are: `MSBuildToolsPath32`."""
    in_words = sum(map(len, _WORDS.findall(value)))
    is_cased = value not in (value.lower(), value.upper())
    return is_cased and in_words >= 0.7 * len(value) and not are_drawn(value, 8)


def is_drawn_letters(value: str, fewest: int) -> bool:
    """Tell whether letters without a digit can't be but drawn: their case follows no words."""
    if len(value) < fewest or not (value.isascii() and value.isalpha()) or is_in_words(value):
        return False
    if share_of_changes(value) >= 0.42 and _CONSONANTS.search(value):
        return True
    return share_of_changes(value) >= 0.4 and sum(map(len, _WORDS.findall(value))) < 0.5 * len(
        value
    )


def is_noisy(value: str) -> bool:
    """Tell whether signs were drawn, too, as frameworks do; classes change less often then."""
    return len(set(_SPECIAL.findall(value))) >= 4


def entropy(value: str) -> float:
    """Return Shannon's entropy in bits a character."""
    size = len(value)
    return -sum(n / size * log2(n / size) for n in Counter(value).values())


def _class(character: str) -> int:
    return (
        0 if character.isdigit() else 1 if character.islower() else 2 if character.isupper() else 3
    )


def share_of_changes(value: str) -> float:
    """Return how often the class changes from one character to the next, of 1.

    Random letters and digits: 0.6; random hex: 0.45; camelCase words: 0.3; words_with_digits2: 0.1.
    """
    classes = [_class(character) for character in value]
    changes = sum(a != b for a, b in pairwise(classes) if a < 3 > b)
    return changes / max(len(value) - 1, 1)


def is_sequence(value: str) -> bool:
    """Tell whether a value only counts on or repeats: its digits and its letters, or its bytes.

    So `1a2b3c`, and the keys of test vectors: `000102...0e0f`, `f0f1f2...`.
    """
    if _HEX.fullmatch(value) and len(value) % 2 == 0 and is_even(bytes.fromhex(value)):
        return True
    for part in (re.sub(r"\D", "", value), re.sub(r"[^a-z]", "", value.lower())):
        steps = Counter((ord(b) - ord(a)) for a, b in pairwise(part))
        in_order = steps[0] + steps[1] + steps[-1]
        if len(part) > 1 and in_order < 0.7 * (len(part) - 1):
            return False
    return True


def is_even(content: bytes) -> bool:
    """Tell whether bytes follow each other at one distance, but for a few."""
    steps = Counter(after - before for before, after in pairwise(content))
    return len(content) > 3 and max(steps.values()) >= 0.7 * (len(content) - 1)
