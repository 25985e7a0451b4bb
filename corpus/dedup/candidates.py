"""Which pairs of texts are worth comparing: those that have something telling in common.

A pair is one number, better * 2**32 + other: the text of the better rank, and the other one. Texts
that have a key in common are a bucket. A bucket too large to pair each with each is a crowd: its
best-ranked texts are paired with the rest, so that time does not grow with the square of its size.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from corpus.dedup.jaccard import Sets, differing, most_differing
from corpus.dedup.minhash import band_keys
from corpus.dedup.parameters import DedupParameters
from corpus.dedup.shingles import Indices, Mask, Shingles, blocks, distinct, offsets_of

Codes = npt.NDArray[np.uint64]

_CHUNK = 1 << 15  # hashes counted at once: no counter of 16 bits runs over before it is bounded
_MANY = 255  # and any more than that
_PIECE = 1 << 20  # shingles of some texts that are copied at once
_COUNTER_BITS = 27  # at most 256 MB of counters, ample for 67 million shingles
_SMALL_BUCKET = 64  # texts; all pairs of a bucket are compared up to this size
_LEADERS = 4  # texts that stand for a larger bucket
_HELD_AGAINST = 1 << 23  # pairs of sketches compared at most, half a second of work
_PAIRS_HELD = 1 << 22  # pairs, repeats included, before the repeats are dropped
_LOW_HALF = np.uint64(32)


def agreeing_pairs(
    shingles: Shingles, rank: Indices, parameters: DedupParameters
) -> tuple[Codes, Mask]:
    """Pair the texts whose MinHash signatures agree in a band; tell the texts in crowds.

    No text may be without shingles.
    """
    pairs, settled = [np.zeros(0, dtype=np.uint64)], 0
    crowded = np.zeros(shingles.count, dtype=np.bool_)
    texts = np.arange(shingles.count)
    for keys in band_keys(shingles, parameters.threshold, parameters.permutations):
        found, crowd = pairs_of(keys, texts, rank)
        pairs.append(found)
        crowded[crowd] = True
        if sum(map(len, pairs)) > 2 * settled + _PAIRS_HELD:
            pairs = [distinct(np.concatenate(pairs))]
            settled = pairs[0].size
    return distinct(np.concatenate(pairs)), crowded


def rare_keys(sets: Sets, among: Mask, threshold: float) -> tuple[Codes, Indices]:
    """Return the rarest shingles of some texts, as keys for ``pairs_of``, and the text of each.

    Sets with Jaccard >= t share one of each one's n - ceil(t n) + 1 rarest shingles (the prefix
    filter of Chaudhuri, Ganti, Kaushik: "A primitive operator for similarity joins", 2006). Which
    ones are taken for rare does not matter, as long as all texts agree.
    """
    elements = sets.elements[np.repeat(among, sets.sizes)]
    texts, hashes = (elements >> _LOW_HALF).astype(np.int64), elements.astype(np.uint32)
    sizes = sets.sizes[among]
    place = np.arange(hashes.size) - np.repeat(offsets_of(sizes)[:-1], sizes)
    prefix = sizes - np.ceil(threshold * sizes - 1e-9).astype(np.int64) + 1
    rarest_first = np.lexsort((hashes, _occurrences(hashes), texts))
    rare = rarest_first[place < np.repeat(prefix, sizes)]
    return hashes[rare].astype(np.uint64) << _LOW_HALF, texts[rare]


def crowd_pairs(sets: Sets, texts: Indices, rank: Indices, threshold: float) -> Codes:
    """Pair some texts each with each, but for pairs that their sketches show to be apart.

    Texts of like sizes stand next to each other, and each is held against those behind it, as many
    as ``_HELD_AGAINST`` allows.
    """
    texts = texts[np.lexsort((rank[texts], sets.sizes[texts]))]
    sizes, sketches = sets.sizes[texts], sets.sketches[texts]
    reach = np.searchsorted(sizes, sizes / threshold + 1e-6) - np.arange(texts.size)
    pairs = [np.zeros(0, dtype=np.uint64)]
    for step in range(1, min(int(reach.max(initial=0)), 1 + _HELD_AGAINST // max(texts.size, 1))):
        near = np.flatnonzero(
            differing(sketches[:-step], sketches[step:])
            <= most_differing(sizes[:-step] + sizes[step:], threshold)
        )
        left, right = texts[near], texts[near + step]
        swapped = rank[left] > rank[right]
        left, right = np.where(swapped, right, left), np.where(swapped, left, right)
        pairs.append((left.astype(np.uint64) << _LOW_HALF) | right.astype(np.uint64))
    return np.concatenate(pairs)


def better_and_other(codes: Codes) -> tuple[Indices, Indices]:
    """Return the two texts of every pair."""
    return (codes >> _LOW_HALF).astype(np.int64), codes.astype(np.uint32).astype(np.int64)


def with_neighbours(shingles: Shingles, texts: Indices, threshold: float) -> Indices:
    """Return those of some texts that can have a neighbour among them at the threshold.

    A shingle that no other text has is in no intersection: of a text's n shingles with s such, at
    most (n - s) / n can be its similarity to any other. No text may be without shingles.
    """
    lengths = shingles.lengths[texts]
    runs = [texts[start:stop] for start, stop in blocks(offsets_of(lengths), _PIECE)]
    counts = _Counts(int(lengths.sum()))
    for run in runs:
        counts.add(shingles.only(run).hashes)
    unshared = [np.zeros(0, dtype=np.int64)]
    for run in runs:
        piece = shingles.only(run)
        alone = (counts.of(piece.hashes) == 1).view(np.uint8)
        unshared.append(np.add.reduceat(alone, piece.offsets[:-1], dtype=np.int64))
    return texts[(lengths - np.concatenate(unshared)) / lengths >= threshold]


def pairs_of(keys: Codes, texts: Indices, rank: Indices) -> tuple[Codes, Indices]:
    """Pair texts of equal keys; return also the texts in crowds. Pairs and texts may repeat.

    A bucket's texts stand from the best rank to the worst, and each is paired with some before it:
    with all of them in a small bucket, with the first ones in a crowd.
    """
    shared = np.flatnonzero(_occurrences((keys >> _LOW_HALF).astype(np.uint32)) > 1)
    keys, texts = keys[shared], texts[shared]
    order = np.lexsort((rank[texts], keys))
    keys, texts = keys[order], texts[order]
    changes = np.flatnonzero(np.diff(keys)) + 1
    sizes = np.diff(np.concatenate(([0], changes, [texts.size])))
    first = np.repeat(offsets_of(sizes)[:-1], sizes)
    crowded = np.repeat(sizes > _SMALL_BUCKET, sizes)
    partners = np.minimum(np.arange(texts.size) - first, np.where(crowded, _LEADERS, _SMALL_BUCKET))
    pairs, paired = [np.zeros(0, dtype=np.uint64)], np.flatnonzero(partners)
    leader = 0
    while paired.size:
        better = texts[first[paired] + leader].astype(np.uint64)
        pairs.append((better << _LOW_HALF) | texts[paired].astype(np.uint64))
        leader += 1
        paired = paired[partners[paired] > leader]
    return np.concatenate(pairs), texts[crowded]


def _occurrences(hashes: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    """Return how often each hash occurs: see ``_Counts``."""
    counts = _Counts(hashes.size)
    counts.add(hashes)
    return counts.of(hashes)


class _Counts:
    """How often hashes occur, ``_MANY`` for any more than that.

    Where two hashes share a counter by chance, it is how often both do.
    """

    def __init__(self, most: int) -> None:
        """``most`` is how many hashes will be counted, at most."""
        bits = min(max(most.bit_length(), 1), _COUNTER_BITS)
        self._shift = np.uint32(32 - bits)
        self._counters = np.zeros(1 << bits, dtype=np.uint16)

    def add(self, hashes: npt.NDArray[np.uint32]) -> None:
        for start in range(0, hashes.size, _CHUNK):
            counted = hashes[start : start + _CHUNK] >> self._shift
            np.add.at(self._counters, counted, np.uint16(1))
            self._counters[counted] = np.minimum(self._counters[counted], _MANY)

    def of(self, hashes: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
        counts = np.empty(hashes.size, dtype=np.uint8)
        for start in range(0, hashes.size, _CHUNK):
            part = slice(start, start + _CHUNK)
            counts[part] = self._counters[hashes[part] >> self._shift]
        return counts
