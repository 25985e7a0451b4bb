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
    """A file cut in the middle of its last function still gives the first."""
    source = input_of(language).read_bytes()
    whole = extract(LANGUAGES[language], source)
    cut = extract(LANGUAGES[language], source[: whole[-1].start_byte])
    assert whole[0].name in {function.name for function in cut}
