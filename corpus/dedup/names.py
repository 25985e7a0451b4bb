"""Names in code, and shingles that don't depend on which names were chosen."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from corpus.dedup.words import Words, split_words

# Reserved words and the names of built-in types of the languages that people mine. A word missing
# here is treated as a name, so that it no longer tells two shingles apart.
_KEYWORDS = """
abstract and any as assert async await boolean break byte case catch chan char class const continue
crate debugger def default defer del delete do double dyn elif else enum except export extends
extern fallthrough false final finally float fn for from func function global go goto if impl
implements import in instanceof int interface is lambda let long loop map match mod module move mut
native new nil None nonlocal not null object or override package pass private protected public
raise range readonly record return sealed select self Self short static strictfp string struct
super switch synchronized this throw throws trait transient True try type typeof undefined unsafe
use var void volatile where while with yield False true
bool f32 f64 i8 i16 i32 i64 i128 isize str u8 u16 u32 u64 u128 usize
error float32 float64 int8 int16 int32 int64 rune uint uint8 uint16 uint32 uint64 uintptr
"""


def names(words: Words) -> npt.NDArray[np.bool_]:
    """Tell the words that are names: neither a number nor a keyword of a common language."""
    return ~words.numbers & ~np.isin(words.hashes, _keyword_hashes())


def renamed(
    words: Words, is_name: npt.NDArray[np.bool_], place: int, starts: int
) -> npt.NDArray[np.uint64]:
    """Return the words at ``place`` of the first ``starts`` shingles, every name made anonymous.

    A name becomes the distance to where it last stood in the same shingle, or 0. Two shingles are
    then equal if and only if one can be renamed into the other consistently (Baker: "On finding
    duplication and near-duplication in large software systems", 1995).
    """
    here = words.hashes[place : place + starts]
    distance = np.zeros(starts, dtype=np.uint64)
    for back in range(place, 0, -1):
        distance[here == words.hashes[place - back : place - back + starts]] = back
    return np.where(is_name[place : place + starts], distance, here)


@cache
def _keyword_hashes() -> npt.NDArray[np.uint64]:
    return split_words(pa.array(_KEYWORDS.split(), pa.large_string())).hashes
