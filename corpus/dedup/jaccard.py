"""True Jaccard similarity of many pairs of shingle sets."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from corpus.dedup.shingles import Indices, Mask, Shingles, blocks, distinct, offsets_of

_BLOCK = 1 << 17  # elements worked on at once, few enough to stay in a core's cache
_TEXT_BITS = np.uint64(32)
_SHINGLE = np.uint64(0xFFFFFFFF)


class ShingleSets:
    """The shingle sets of some texts, ready to be compared in pairs."""

    def __init__(self, shingles: Shingles, texts: Mask) -> None:
        """Take the texts of a mask; each must have shingles."""
        self._place = np.cumsum(texts) - 1
        self._elements, self._offsets = _elements(shingles.only(texts))
        self._sizes = np.diff(self._offsets)

    def jaccard(self, left: Indices, right: Indices, threshold: float) -> npt.NDArray[np.float64]:
        """Return each pair's number of common shingles over the number of shingles in either.

        Pairs whose sizes alone keep them below the threshold are not compared and come out as 0.
        Pairs sorted by ``left`` take the least time.
        """
        left, right = self._place[left], self._place[right]
        sizes = self._sizes[left], self._sizes[right]
        plausible = np.flatnonzero(np.minimum(*sizes) / np.maximum(*sizes) >= threshold)
        similarity = np.zeros(left.size, dtype=np.float64)
        left, right = left[plausible], right[plausible]
        for start, stop in blocks(offsets_of(self._sizes[right]), _BLOCK):
            common = self._common(left[start:stop], right[start:stop])
            both = self._sizes[left[start:stop]] + self._sizes[right[start:stop]]
            similarity[plausible[start:stop]] = common / (both - common)
        return similarity

    def _common(self, left: Indices, right: Indices) -> Indices:
        """Count the common shingles: look all those of the right texts up in the left ones."""
        lengths = self._sizes[right]
        begins = offsets_of(lengths)
        index = np.arange(begins[-1]) + np.repeat(self._offsets[right] - begins[:-1], lengths)
        sought = self._elements[index] & _SHINGLE
        sought |= np.repeat(left.astype(np.uint64) << _TEXT_BITS, lengths)
        nearest = np.searchsorted(self._elements, sought)
        found = self._elements[np.minimum(nearest, self._elements.size - 1)] == sought
        common: Indices = np.add.reduceat(found, begins[:-1], dtype=np.int64)
        return common


def _elements(shingles: Shingles) -> tuple[npt.NDArray[np.uint64], Indices]:
    """Return every text's set, sorted, as text * 2**32 + shingle; and where each text begins."""
    offsets = shingles.offsets
    sets = [np.zeros(0, dtype=np.uint64)]
    for start, stop in blocks(offsets, _BLOCK):
        texts = np.arange(start, stop, dtype=np.uint64) << _TEXT_BITS
        hashes = shingles.hashes[offsets[start] : offsets[stop]]
        sets.append(distinct(np.repeat(texts, np.diff(offsets[start : stop + 1])) | hashes))
    elements = np.concatenate(sets)
    first = np.arange(shingles.count + 1, dtype=np.uint64) << _TEXT_BITS
    return elements, np.searchsorted(elements, first)
