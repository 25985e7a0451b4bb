"""All pairs of sets that are similar, exactly: the oracle that dedup is held against."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

_ROWS = 512  # sets compared with all others at once
_PAIRS = 1 << 14  # candidates counted at once

Pairs = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]


def similar_pairs(sets: Sequence[npt.ArrayLike], threshold: float) -> Pairs:
    """Return every pair i < j of sets with Jaccard >= threshold, and its Jaccard similarity.

    Sets with Jaccard >= t share one of each one's n - ceil(t n) + 1 rarest elements (the prefix
    filter of Chaudhuri et al., 2006); the pairs that do are all counted. Empty sets have no pairs.
    """
    members = [np.unique(np.asarray(elements, dtype=np.int64)) for elements in sets]
    sizes = np.array([elements.size for elements in members])
    _, codes, frequency = np.unique(
        np.concatenate([*members, np.zeros(0, np.int64)]), return_inverse=True, return_counts=True
    )
    bounds = np.concatenate(([0], np.cumsum(sizes)))
    row = np.repeat(np.arange(sizes.size), sizes)
    rarest_first = np.lexsort((codes, frequency[codes], row))
    place = np.arange(row.size) - bounds[row]
    in_prefix = place < (sizes - np.ceil(threshold * sizes - 1e-9) + 1)[row]
    everything = _matrix(codes, bounds)
    prefix = rarest_first[in_prefix]
    prefixes = _matrix(codes[prefix], np.searchsorted(row[prefix], np.arange(sizes.size + 1)))
    by_element = prefixes.T.tocsr()
    found = [(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))]
    for start in range(0, sizes.size, _ROWS):
        candidates = (prefixes[start : start + _ROWS] @ by_element).tocoo()
        left, right = candidates.row.astype(np.int64) + start, candidates.col.astype(np.int64)
        smaller, larger = (
            np.minimum(sizes[left], sizes[right]),
            np.maximum(sizes[left], sizes[right]),
        )
        plausible = (left < right) & (smaller >= threshold * larger - 1e-9)
        left, right = left[plausible], right[plausible]
        for first in range(0, left.size, _PAIRS):
            some, others = left[first : first + _PAIRS], right[first : first + _PAIRS]
            common = everything[some].multiply(everything[others]).sum(axis=1).A1
            similarity = common / (sizes[some] + sizes[others] - common)
            near = similarity >= threshold
            found.append((some[near], others[near], similarity[near]))
    left, right, similarity = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return left, right, similarity


def _matrix(codes: npt.NDArray[np.int64], bounds: npt.NDArray[np.int64]) -> sparse.csr_matrix:
    width = int(codes.max(initial=-1)) + 1
    ones = np.ones(codes.size, dtype=np.int32)
    return sparse.csr_matrix((ones, codes, bounds), shape=(bounds.size - 1, width))
