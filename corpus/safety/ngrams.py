"""Hashes of the n-grams of a text, all at once: no token of it becomes a Python object.

A token's hash is made of its first and its last eight bytes and its length. An n-gram's is the
polynomial of its tokens' hashes modulo 2^64, put together by doubling: two halves give the whole.
"""

from __future__ import annotations

import builtins
import keyword
from functools import cache

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
_Places = npt.NDArray[np.int64]

WORDS, LEXEMES = 6, 10
"""The length of an n-gram of words and of one of lexemes."""
_MOST_NAMES = 6  # of the lexemes of an n-gram; more are the shape of any prose
_BASE = 0x9E3779B97F4A7C15
_FIRST, _LAST = np.uint64(0xD6E8FEB86659FD93), np.uint64(0xC2B2AE3D27D4EB4F)
_NAME = np.uint64(0x5851F42D4C957F2D)
_SHIFT = np.uint64(29)
_REACH = 8
_MASKS = np.array([(1 << (8 * size)) - 1 for size in range(_REACH + 1)], np.uint64)

# What a byte can be part of; all from _IN_NAME on make up names, all from _LETTER on words too.
_SPACE, _SIGN, _IN_NAME, _LETTER, _DIGIT = range(5)


def _classes() -> bytes:
    table = bytearray([_SIGN]) * 256
    for characters, kind in (
        (b" \t\n\r\f\v", _SPACE),
        (b"_" + bytes(range(128, 256)), _IN_NAME),
        (b"abcdefghijklmnopqrstuvwxyz", _LETTER),
        (b"0123456789", _DIGIT),
    ):
        for character in characters:
            table[character] = kind
    return bytes(table)


_CLASSES = _classes()


def tokens(text: bytes) -> tuple[Hashes, Hashes]:
    """Return the hashes of the words and of the lexemes of ``text``, in its order.

    Words are letters and digits, whatever their case. Lexemes are names, numbers and signs, all
    names that may be renamed as one.
    """
    padded = b" " + text.lower() + b" " * _REACH
    characters = np.frombuffer(padded, np.uint8)
    classes = np.frombuffer(padded.translate(_CLASSES), np.uint8)
    word_starts, word_ends = _runs(classes >= _LETTER)
    in_names = classes >= _IN_NAME
    starts, ends = _runs(in_names)
    hashes = _hashes(
        padded, np.concatenate((word_starts, starts)), np.concatenate((word_ends, ends))
    )
    words, names = hashes[: len(word_starts)], hashes[len(word_starts) :]
    names[(classes[starts] != _DIGIT) & ~_is_kept(names)] = _NAME
    begins = classes == _SIGN
    begins[starts] = True
    places = begins.nonzero()[0]
    lexemes = characters[places].astype(np.uint64)
    lexemes[in_names[places]] = names
    return words, lexemes


def ngrams(tokens: Hashes, size: int) -> Hashes:
    """Return the hashes of the n-grams of ``size`` tokens, in their order."""
    if len(tokens) < size:
        return np.empty(0, np.uint64)
    grams, reach = tokens, 1
    for bit in f"{size:b}"[1:]:
        grams = grams[:-reach] * _power(reach) + grams[reach:]
        reach *= 2
        if bit == "1":
            grams = grams[:-1] * _power(1) + tokens[reach:]
            reach += 1
    return grams


def is_code(lexemes: Hashes) -> npt.NDArray[np.bool_]:
    """Tell of every n-gram of lexemes whether few enough of them are names."""
    names = np.cumsum(np.concatenate(([0], lexemes == _NAME)))
    return np.asarray(names[LEXEMES:] - names[:-LEXEMES] <= _MOST_NAMES)


@cache
def _power(exponent: int) -> np.uint64:
    return np.uint64(pow(_BASE, exponent, 1 << 64))


def _runs(inside: npt.NDArray[np.bool_]) -> tuple[_Places, _Places]:
    """Return where the runs of true begin and end; the first and the last are false."""
    edges = (inside[1:] != inside[:-1]).nonzero()[0] + 1
    return edges[::2], edges[1::2]


def _hashes(text: bytes, starts: _Places, ends: _Places) -> Hashes:
    """Return the hashes of stretches of ``text``, which goes on for eight bytes behind them."""
    eights = np.ndarray(len(text) - _REACH + 1, "<u8", text, strides=(1,))
    size = ends - starts
    short = np.minimum(size, _REACH)
    masks = _MASKS[short]
    hashes = (eights[starts] & masks) * _FIRST
    hashes ^= (eights[ends - short] & masks) * _LAST
    hashes += size.view(np.uint64) * _power(1)
    return np.asarray(hashes ^ (hashes >> _SHIFT))


@cache
def _kept() -> Hashes:
    """Return a table with the hashes of the names that a renaming leaves as they are.

    Each is in the slot that its highest bits say; the table is as large as it takes for that.
    """
    names = {*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "append", "join", "split"}
    words = sorted({name.lower().encode() for name in names})
    sizes = np.array([len(word) for word in words])
    ends = np.cumsum(sizes)
    hashes = _hashes(b"".join(words) + b" " * _REACH, ends - sizes, ends)
    bits = 8
    while len(np.unique(_slot(hashes, bits))) < len(hashes):
        bits += 1
    table = np.zeros(1 << bits, np.uint64)
    table[_slot(hashes, bits)] = hashes
    return table


def _slot(hashes: Hashes, bits: int) -> _Places:
    return (hashes >> np.uint64(64 - bits)).view(np.int64)


def _is_kept(hashes: Hashes) -> npt.NDArray[np.bool_]:
    kept = _kept()
    return np.asarray(kept[_slot(hashes, len(kept).bit_length() - 1)] == hashes)
