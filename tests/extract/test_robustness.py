"""Damaged files: no crash, no hang, and what lies outside of the damage is still found."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest

from corpus.extract.functions import extract
from corpus.languages import LANGUAGES
from tests.test_languages import input_of

SECONDS = 10
# Of the functions outside of the damage, what share is found at least. One wrong byte makes the
# grammar of Kotlin give up on the whole class around it more often than others do.
LEAST = {"kotlin": 0.75}


def damaged(source: bytes) -> Iterator[bytes]:
    """Yield a file cut at every 1 % of its length, and with bytes flipped anywhere."""
    for percent in range(100):
        yield source[: len(source) * percent // 100]
    dice = random.Random(0)
    for _ in range(50):
        flipped = bytearray(source)
        for _ in range(dice.randint(1, 20)):
            flipped[dice.randrange(len(flipped))] = dice.randrange(256)
        yield bytes(flipped)


@pytest.mark.parametrize("language", LANGUAGES)
def test_damaged_files(language: str) -> None:
    source = input_of(language).read_bytes()
    for content in damaged(source):
        start = time.process_time()
        for function in extract(LANGUAGES[language], content):
            assert function.name
            assert function.start_line <= function.end_line
        assert time.process_time() - start < SECONDS


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("brackets", ["(", "[", "{", "()", "[]", "{}", "<"])
def test_nested_brackets(language: str, brackets: str) -> None:
    opening, closing = brackets[0], brackets[1:]
    nested = (opening * 10_000 + closing * 10_000).encode()
    source = input_of(language).read_bytes()
    start = time.process_time()
    extract(LANGUAGES[language], nested)
    extract(LANGUAGES[language], source + b"\nx = " + nested)
    assert time.process_time() - start < 2 * SECONDS


@pytest.mark.parametrize("language", LANGUAGES)
def test_functions_before_the_damage_are_found(language: str) -> None:
    """Of a file cut anywhere, functions that end well before the cut are found as they were.

    A grammar gives up on more than what is cut where a class or namespace is left open, so a share
    is asked for. Function by function is as fine as a cut at every 1 % of such a file.
    """
    source = input_of(language).read_bytes()
    whole = extract(LANGUAGES[language], source)
    asked = found = 0
    for percent in range(1, 101):
        cut = source[: len(source) * percent // 100]
        names = {(f.name, f.start_line) for f in extract(LANGUAGES[language], cut)}
        ended = cut.count(b"\n")
        outside = {(f.name, f.start_line) for f in whole if f.end_line < ended}
        asked += len(outside)
        found += len(outside & names)
    assert found >= 0.9 * asked, (found, asked)


@pytest.mark.parametrize("language", LANGUAGES)
def test_functions_away_from_a_flipped_byte_are_found(language: str) -> None:
    """One byte is damaged: of the functions that do not hold it, nearly all are found."""
    source = input_of(language).read_bytes()
    whole = extract(LANGUAGES[language], source)
    dice = random.Random(1)
    asked = found = 0
    for _ in range(100):
        at = dice.randrange(len(source))
        flipped = source[:at] + bytes([source[at] ^ (1 << dice.randrange(7))]) + source[at + 1 :]
        line = source.count(b"\n", 0, at) + 1
        names = {f.name for f in extract(LANGUAGES[language], flipped)}
        outside = {f.name for f in whole if not f.start_line <= line <= f.end_line}
        asked += len(outside)
        found += len(outside & names)
    assert found >= LEAST.get(language, 0.9) * asked, (found, asked)
