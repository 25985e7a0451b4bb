"""Hashes of the n-grams of a text, all at once: no token of it becomes a Python object.

A token's hash is a polynomial of its bytes modulo 2^64. With an odd base, prefix sums of
byte * base^position give the hash of any stretch by one subtraction and one multiplication with a
power of the base's inverse.
"""

from __future__ import annotations

import builtins
import keyword
from functools import cache

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
_Bytes = npt.NDArray[np.uint8]

WORDS, LEXEMES = 6, 10
"""The length of an n-gram of words and of one of lexemes."""
_MOST_NAMES = 6  # of the lexemes of an n-gram; more are the shape of any prose
_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 1 << 64)
_NAME = np.uint64(0x5851F42D4C957F2D)
_SHIFT = np.uint64(29)


def _table(characters: str) -> npt.NDArray[np.bool_]:
    table = np.zeros(256, np.bool_)
    table[list(characters.encode())] = True
    return table


_LETTERS_DIGITS = _table("abcdefghijklmnopqrstuvwxyz0123456789")
_IN_NAMES = _LETTERS_DIGITS | _table("_")
_IN_NAMES[128:] = True
_DIGITS = _table("0123456789")
_SPACE = _table(" \t\n\r\f\v")


def ngrams(text: bytes) -> tuple[Hashes, Hashes]:
    """Return the hashes of the n-grams of ``text`` in two views, in its order.

    Words are letters and digits, whatever their case. Lexemes are names, numbers and signs, all
    names that may be renamed as one.
    """
    characters = np.frombuffer(text.lower(), np.uint8)
    hashes = _Hashes(characters)
    words = hashes.of(*_runs(_LETTERS_DIGITS[characters]))
    in_names = _IN_NAMES[characters]
    starts, ends = _runs(in_names)
    names = hashes.of(starts, ends)
    names[~(_DIGITS[characters[starts]] | _is_kept(names))] = _NAME
    signs = np.flatnonzero(~(in_names | _SPACE[characters]))
    lexemes = np.empty(len(starts) + len(signs), np.uint64)
    # Each goes to its place among both: its own number, and how many of the others are before it.
    lexemes[np.arange(len(starts)) + np.searchsorted(signs, starts)] = names
    lexemes[np.arange(len(signs)) + np.searchsorted(starts, signs)] = characters[signs]
    shapes = _ngrams(lexemes, LEXEMES)
    if len(shapes):
        count = np.cumsum(np.concatenate([[0], lexemes == _NAME]))
        shapes = shapes[count[LEXEMES:] - count[:-LEXEMES] <= _MOST_NAMES]
    return _ngrams(words, WORDS), shapes


def _runs(inside: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return where the runs of true begin and end."""
    padded = np.concatenate([[False], inside, [False]])
    edges = np.flatnonzero(padded[1:] != padded[:-1])
    return edges[::2], edges[1::2]


class _Hashes:
    """The hash of any stretch of a text."""

    def __init__(self, characters: _Bytes) -> None:
        powers, self._inverses = _powers(_room(len(characters)))
        self._sums = np.zeros(len(characters) + 1, np.uint64)
        np.cumsum(powers[: len(characters)] * characters, out=self._sums[1:])

    def of(self, starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]) -> Hashes:
        """Return the hashes of the stretches that begin and end there."""
        hashes = (self._sums[ends] - self._sums[starts]) * self._inverses[starts]
        return hashes ^ (hashes >> _SHIFT)


def _room(size: int) -> int:
    """Round up, so that few tables of powers are made."""
    return 1 << max(size, 1 << 16).bit_length()


@cache
def _powers(size: int) -> tuple[Hashes, Hashes]:
    """Return the powers of the base and of its inverse, from 0."""
    made = []
    for factor in (_BASE, _INVERSE):
        factors = np.full(size, factor, np.uint64)
        factors[0] = 1
        made.append(np.cumprod(factors))
    return made[0], made[1]


@cache
def _kept() -> Hashes:
    """Return the hashes of the names that a renaming leaves as they are."""
    names = {*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "append", "join", "split"}
    found = []
    for name in names:
        characters = np.frombuffer(name.lower().encode(), np.uint8)
        found.append(_Hashes(characters).of(np.array([0]), np.array([len(characters)])))
    return np.unique(np.concatenate(found))


def _is_kept(hashes: Hashes) -> npt.NDArray[np.bool_]:
    kept = _kept()
    places = np.minimum(np.searchsorted(kept, hashes), len(kept) - 1)
    return np.asarray(kept[places] == hashes, np.bool_)


def _ngrams(tokens: Hashes, size: int) -> Hashes:
    count = len(tokens) - size + 1
    if count <= 0:
        return np.empty(0, np.uint64)
    mixed = np.zeros(count, np.uint64)
    for offset in range(size):
        mixed ^= tokens[offset : offset + count]
        mixed *= np.uint64(_BASE)
        mixed ^= mixed >> _SHIFT
    return mixed
