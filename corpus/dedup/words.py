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
_PIECE = 8  # a word is read eight bytes at a time
_LOW_BYTES = np.array([(1 << (8 * count)) - 1 for count in range(_PIECE + 1)], dtype=np.uint64)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Words:
    """The words of n texts, text after text, as hashes.

    ``hashes`` has a uint64 per word; those of text i begin at ``offsets[i]`` and end before
    ``offsets[i + 1]`` (int64, n + 1 of them). ``lengths`` are those of the words in bytes (uint32),
    ``numbers`` tells the words that begin with a digit.
    """

    hashes: npt.NDArray[np.uint64]
    offsets: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.uint32]
    numbers: npt.NDArray[np.bool_]


def mix(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Scramble uint64 values in place, one to one, and return them.

    This is splitmix64's finalizer (Steele, Lea, Flood: "Fast splittable pseudorandom number
    generators", 2014): every bit that goes in bears on every bit that comes out.
    """
    values ^= values >> np.uint64(30)
    values *= np.uint64(0xBF58476D1CE4E5B9)
    values ^= values >> np.uint64(27)
    values *= np.uint64(0x94D049BB133111EB)
    values ^= values >> np.uint64(31)
    return values


def split_words(texts: pa.LargeStringArray) -> Words:
    """Find and hash the words of every text; a null counts as a text without words.

    Words of at most eight bytes never share a hash; two longer ones do by chance, once in 2**64.
    """
    text, text_starts = _joined(texts)
    inside = np.zeros(text.size + 1, dtype=np.bool_)
    inside[1:] = _is_word_byte(text)
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    starts, lengths = edges[0::2], edges[1::2] - edges[0::2]
    pieces = text.view("<u8")
    hashes = mix(_read_piece(pieces, starts, lengths))
    long = np.flatnonzero(lengths > _PIECE)
    at, left = starts[long], lengths[long]
    while long.size:
        at, left = at + _PIECE, left - _PIECE
        hashes[long] = mix((hashes[long] + _GOLDEN) ^ _read_piece(pieces, at, left))
        more = left > _PIECE
        long, at, left = long[more], at[more], left[more]
    offsets = np.searchsorted(starts, text_starts)
    return Words(hashes, offsets, lengths.astype(np.uint32), text[starts] <= ord("9"))


def _joined(texts: pa.LargeStringArray) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Return the texts as one run of UTF-8 and the n + 1 places where a text starts in it.

    A line feed parts each text from the next, and zero bytes fill up the last piece and one more.
    """
    texts = pc.fill_null(texts, "")
    beyond_ascii = pc.invert(pc.string_is_ascii(texts))
    if beyond_ascii.true_count:
        cleaned = [_NOT_WORD.sub(" ", text) for text in texts.filter(beyond_ascii).to_pylist()]
        texts = pc.replace_with_mask(texts, beyond_ascii, pa.array(cleaned, texts.type))
    # Not at import: the first scalar of a process makes pyarrow import pandas.
    line_end = (pa.scalar("", pa.large_string()), pa.scalar("\n", pa.large_string()))
    joined = pc.binary_join_element_wise(texts, *line_end)
    _, offsets, data = joined.buffers()
    starts = np.frombuffer(offsets, dtype=np.int64)[joined.offset : joined.offset + len(joined) + 1]
    size = int(starts[-1] - starts[0])
    text = np.zeros((size // _PIECE + 2) * _PIECE, dtype=np.uint8)
    text[:size] = np.frombuffer(data, dtype=np.uint8)[starts[0] : starts[-1]] if size else 0
    return text, starts - starts[0]


def _is_word_byte(text: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Tell the bytes of words; beyond ASCII, only characters of words are left in ``text``."""
    inside: npt.NDArray[np.bool_] = ((text | 0x20) - ord("a")) < 26  # wraps around below "a"
    inside |= (text - ord("0")) < 10
    inside |= text == ord("_")
    inside |= text >= 0x80
    return inside


def _read_piece(
    pieces: npt.NDArray[np.uint64], at: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]
) -> npt.NDArray[np.uint64]:
    """Return the up to eight bytes of text at each place, as uint64 with zeros for the rest.

    Whole pieces are aligned and places are not, so each is shifted together from two pieces.
    """
    index = at >> 3
    shift = ((at & 7) << 3).astype(np.uint64)
    low = pieces[index] >> shift
    high = (pieces[index + 1] << np.uint64(1)) << (np.uint64(63) - shift)
    piece: npt.NDArray[np.uint64] = (low | high) & _LOW_BYTES[np.minimum(lengths, _PIECE)]
    return piece
