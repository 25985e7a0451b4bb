r"""Words and their hashes, for a whole batch of texts at once.

A word is what ``re.findall(r"\w+", text)`` finds: a run of letters, digits and underscores, of any
script. Spelling counts, case included; layout and punctuation do not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_NOT_WORD = re.compile(r"[^\w\x00-\x7f]")
_CHUNK = 8  # a word is read eight bytes at a time
_KEEP_BYTES = np.array([(1 << (8 * count)) - 1 for count in range(_CHUNK + 1)], dtype=np.uint64)
_NEXT_CHUNK = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Words:
    """The words of n texts, text after text, as hashes.

    ``hashes`` has one uint64 per word; those of text ``i`` begin at ``offsets[i]`` and end before
    ``offsets[i + 1]`` (int64, n + 1 of them). ``numbers`` tells the words that begin with a digit.
    """

    hashes: npt.NDArray[np.uint64]
    offsets: npt.NDArray[np.int64]
    numbers: npt.NDArray[np.bool_]


def mix(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Scramble uint64 values in place, one to one, and return them.

    This is the finalizer of splitmix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
    generators", 2014); every bit that goes in bears on every bit that comes out.
    """
    values ^= values >> np.uint64(30)
    values *= np.uint64(0xBF58476D1CE4E5B9)
    values ^= values >> np.uint64(27)
    values *= np.uint64(0x94D049BB133111EB)
    values ^= values >> np.uint64(31)
    return values


def split_words(texts: pa.LargeStringArray) -> Words:
    """Find and hash the words of every text; a null counts as a text without words.

    Words of up to eight bytes never collide, longer ones with a chance of about 2**-64 a pair.
    """
    text, text_offsets = _joined(texts)
    edges = np.flatnonzero(np.diff(_in_word(text), prepend=False, append=False))
    starts, lengths = edges[0::2], edges[1::2] - edges[0::2]
    padding = 2 * _CHUNK - text.size % _CHUNK  # reading a last word may run past the text
    chunks = np.concatenate((text, np.zeros(padding, dtype=np.uint8))).view("<u8")
    hashes = mix(_chunk(chunks, starts, lengths))
    long = np.flatnonzero(lengths > _CHUNK)
    while long.size:
        starts_on, lengths_on = starts[long] , lengths[long]
    return Words(hashes, np.searchsorted(starts, text_offsets), text[starts] < ord("A"))
