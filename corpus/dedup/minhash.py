"""MinHash for a whole corpus at once, bit for bit what ``datasketch.MinHash`` computes.

The permutations are those of datasketch 2.0 (scheme "affine32", seed 1). They are derived here, as
importing datasketch brings SciPy along, which takes longer than signing a thousand functions.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import numpy.typing as npt

from corpus.dedup.shingles import Shingles, blocks
from corpus.dedup.words import mix

UInt32s = npt.NDArray[np.uint32]

_BLOCK = 1 << 17  # so many shingles are permuted at once; their 512 kB stay in a core's cache
_SEED = 1
_MISSED_AT_THRESHOLD = 0.001


def signatures(shingles: Shingles, permutations: int) -> UInt32s:
    """Return MinHash signatures, shaped (permutations, texts). No text may be without shingles."""
    return _minima(_premixed(shingles.hashes), shingles, *_permutations(permutations))


def bands(threshold: float, permutations: int) -> tuple[int, int]:
    """Return how many bands, of how many permutations each, find the pairs at ``threshold``.

    Two sets of Jaccard similarity s agree throughout at least one of b bands of r permutations
    with the probability 1 - (1 - s**r)**b (Leskovec, Rajaraman, Ullman: "Mining of Massive
    Datasets", 3.4). The r returned is the largest that misses at most one in a thousand pairs
    right at the threshold, and so fewer above it. datasketch's own choice balances missed pairs
    against false candidates; the latter cost little here, as each of them is checked.
    """
    for rows in range(permutations, 1, -1):
        if (1 - threshold**rows) ** (permutations // rows) <= _MISSED_AT_THRESHOLD:
            return permutations // rows, rows
    return permutations, 1


def band_keys(
    shingles: Shingles, threshold: float, permutations: int
) -> Iterator[npt.NDArray[np.uint64]]:
    """Yield, band by band, a key per text: equal where two signatures agree throughout the band.

    Only one band's part of the signatures is in memory at a time.
    """
    premixed = _premixed(shingles.hashes)
    multipliers, increments = _permutations(permutations)
    number, rows = bands(threshold, permutations)
    for first in range(0, number * rows, rows):
        band = slice(first, first + rows)
        keys = np.zeros(shingles.count, dtype=np.uint64)
        for minima in _minima(premixed, shingles, multipliers[band], increments[band]):
            keys = mix(keys + minima)
        yield keys


@cache
def _permutations(count: int) -> tuple[UInt32s, UInt32s]:
    """Return the odd multipliers and the increments of ``count`` affine permutations."""
    random = np.random.RandomState(_SEED)  # NumPy promises never to change its numbers
    multipliers = random.randint(0, 1 << 31, count, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return multipliers, random.randint(0, 1 << 32, count, dtype=np.uint32)


def _premixed(hashes: UInt32s) -> UInt32s:
    """Scramble hashes with MurmurHash3's finalizer, the first step of the scheme "affine32"."""
    mixed = hashes ^ (hashes >> np.uint32(16))
    mixed *= np.uint32(0x85EBCA6B)
    mixed ^= mixed >> np.uint32(13)
    mixed *= np.uint32(0xC2B2AE35)
    mixed ^= mixed >> np.uint32(16)
    return mixed


def _minima(
    premixed: UInt32s, shingles: Shingles, multipliers: UInt32s, increments: UInt32s
) -> UInt32s:
    """Return each text's least hash under each permutation, shaped (permutations, texts)."""
    offsets = shingles.offsets
    minima = np.empty((multipliers.size, shingles.count), dtype=np.uint32)
    for start, stop in blocks(offsets, _BLOCK):
        block = premixed[offsets[start] : offsets[stop]]
        texts = offsets[start:stop] - offsets[start]
        permuted = np.empty_like(block)
        for row, multiplier in enumerate(multipliers):
            np.multiply(block, multiplier, out=permuted)
            permuted += increments[row]
            np.minimum.reduceat(permuted, texts, out=minima[row, start:stop])
    return minima
