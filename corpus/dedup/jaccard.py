"""True Jaccard similarity of many pairs of shingle sets."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from corpus.dedup.shingles import Indices, Shingles, blocks, distinct, offsets_of

_BLOCK = 1 << 17  # elements worked on at once, few enough to stay in a core's cache
_TEXT_BITS = np.uint64(32)
_SHINGLE = np.uint64(0xFFFFFFFF)


def jaccard(
    shingles: Shingles, left: Indices, right: Indices, threshold: float
) -> npt.NDArray[np.float64]:
    """Return each pair's number of common shingles over the number of shingles in either.

    No text in a pair may be without shingles. Pairs whose sizes alone keep them below the
    threshold are not computed and come out as 0. Pairs sorted by ``left`` take the least time.
    """
    paired = np.zeros(shingles.count, dtype=np.bool_)
    paired[left] = paired[right] = True
    elements, offsets = _elements(shingles.only(paired))
    place = np.cumsum(paired) - 1
    left, right = place[left], place[right]
    sizes = np.diff(offsets)
    similarity = np.zeros(left.size, dtype=np.float64)
    smaller, larger = np.minimum(sizes[left], sizes[right]), np.maximum(sizes[left], sizes[right])
    plausible = np.flatnonzero(smaller / larger >= threshold)
    left, right = left[plausible], right[plausible]
    for start, stop in blocks(offsets_of(sizes[right]), _BLOCK):
        those, lengths = right[start:stop], sizes[right[start:stop]]
        begins = offsets_of(lengths)
        index = np.arange(begins[-1]) + np.repeat(offsets[those] - begins[:-1], lengths)
        in_text = np.repeat(left[start:stop].astype(np.uint64) << _TEXT_BITS, lengths)
        sought = in_text | (elements[index] & _SHINGLE)
        nearest = np.minimum(np.searchsorted(elements, sought), elements.size - 1)
        common = np.add.reduceat(elements[nearest] == sought, begins[:-1], dtype=np.int64)
        union = lengths + sizes[left[start:stop]] - common
        similarity[plausible[start:stop]] = common / union
    return similarity


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
