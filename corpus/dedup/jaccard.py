"""True Jaccard similarity of many pairs of shingle sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpus.dedup.shingles import Indices, Mask, Shingles, blocks, distinct, offsets_of

_BLOCK = 1 << 17  # elements worked on at once, few enough to stay in a core's cache
_TEXT_BITS = np.uint64(32)
_SHINGLE = np.uint64(0xFFFFFFFF)
_SKETCH_BITS = 10  # a sketch has 2**10 bits
_SKETCHES = 1 << 12  # texts or pairs whose sketches are worked on at once


@dataclass(frozen=True)
class Sets:
    """The shingle sets of n texts, none of them empty.

    ``elements`` (uint64, sorted) has text * 2**32 + shingle for each; those of text i begin at
    ``offsets[i]``. ``sketches`` (uint64, 16 a text) has the bits that a text's shingles hash to.
    """

    elements: npt.NDArray[np.uint64]
    offsets: Indices
    sketches: npt.NDArray[np.uint64]

    @classmethod
    def of(cls, shingles: Shingles) -> Sets:
        """Drop what repeats within a text."""
        offsets = shingles.offsets
        sets = [np.zeros(0, dtype=np.uint64)]
        for start, stop in blocks(offsets, _BLOCK):
            texts = np.arange(start, stop, dtype=np.uint64) << _TEXT_BITS
            hashes = shingles.hashes[offsets[start] : offsets[stop]]
            sets.append(distinct(np.repeat(texts, np.diff(offsets[start : stop + 1])) | hashes))
        elements = np.concatenate(sets)
        first = np.arange(shingles.count + 1, dtype=np.uint64) << _TEXT_BITS
        begins = np.searchsorted(elements, first)
        return cls(elements, begins, _sketches(elements, begins))

    @property
    def sizes(self) -> Indices:
        """How many shingles are in each set."""
        return np.diff(self.offsets)

    def jaccard(self, left: Indices, right: Indices, threshold: float) -> npt.NDArray[np.float64]:
        """Return each pair's number of common shingles over the number of shingles in either.

        Pairs that sizes or sketches show to be below the threshold come out as 0. Pairs sorted by
        ``left`` take the least time.
        """
        sizes, elements = self.sizes, self.elements
        similarity = np.zeros(left.size, dtype=np.float64)
        plausible = np.flatnonzero(self._may_reach(left, right, threshold))
        left, right = left[plausible], right[plausible]
        for start, stop in blocks(offsets_of(sizes[right]), _BLOCK):
            those, lengths = right[start:stop], sizes[right[start:stop]]
            begins = offsets_of(lengths)
            index = np.arange(begins[-1]) + np.repeat(self.offsets[those] - begins[:-1], lengths)
            in_text = np.repeat(left[start:stop].astype(np.uint64) << _TEXT_BITS, lengths)
            sought = in_text | (elements[index] & _SHINGLE)
            nearest = np.minimum(np.searchsorted(elements, sought), elements.size - 1)
            common = np.add.reduceat(elements[nearest] == sought, begins[:-1], dtype=np.int64)
            union = lengths + sizes[left[start:stop]] - common
            similarity[plausible[start:stop]] = common / union
        return similarity

    def _may_reach(self, left: Indices, right: Indices, threshold: float) -> Mask:
        """Tell the pairs that can be similar by the threshold; false is certain."""
        sizes = self.sizes
        most = most_differing(sizes[left] + sizes[right], threshold)
        possible: Mask = np.abs(sizes[left] - sizes[right]) <= most
        pairs = np.flatnonzero(possible)
        for start in range(0, pairs.size, _SKETCHES):
            some = pairs[start : start + _SKETCHES]
            bits = differing(self.sketches[left[some]], self.sketches[right[some]])
            possible[some] = bits <= most[some]
        return possible


def most_differing(sizes: Indices, threshold: float) -> npt.NDArray[np.float64]:
    """Return how many shingles may be in one set only, of pairs that have ``sizes`` together.

    Sets of sizes a and b with Jaccard >= t differ in at most (1 - t) / (1 + t) * (a + b) elements.
    """
    return np.asarray((1 - threshold) / (1 + threshold) * sizes + 1e-6, dtype=np.float64)


def differing(left: npt.NDArray[np.uint64], right: npt.NDArray[np.uint64]) -> Indices:
    """Return how many bits only one of two sketches has: at least so many shingles, only one set.

    Both are shaped (pairs, words).
    """
    bits: Indices = np.bitwise_count(left ^ right).sum(axis=1, dtype=np.int64)
    return bits


def _sketches(elements: npt.NDArray[np.uint64], offsets: Indices) -> npt.NDArray[np.uint64]:
    width = 1 << _SKETCH_BITS
    count = offsets.size - 1
    sketches = np.empty((count, width // 64), dtype=np.uint64)
    for start in range(0, count, _SKETCHES):
        stop = min(start + _SKETCHES, count)
        bits = np.zeros((stop - start) * width, dtype=np.bool_)
        block = elements[offsets[start] : offsets[stop]]
        text = (block >> _TEXT_BITS) - np.uint64(start)
        shingle = (block & _SHINGLE) >> np.uint64(32 - _SKETCH_BITS)
        bits[(text << np.uint64(_SKETCH_BITS)) | shingle] = True
        sketches[start:stop] = np.packbits(bits).view(np.uint64).reshape(stop - start, -1)
    return sketches
