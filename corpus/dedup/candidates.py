"""Which pairs of texts are worth comparing: those whose MinHash signatures agree in some band."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from corpus.dedup.minhash import band_keys
from corpus.dedup.parameters import DedupParameters
from corpus.dedup.shingles import Indices, Mask, Shingles, distinct, offsets_of

_CHUNK = 1 << 17  # hashes counted at once, few enough to stay in a core's cache
_COUNTER_BITS = 27  # at most 512 MB of counters, ample for 67 million shingles
_SMALL_BUCKET = 64  # texts; all pairs of a bucket are compared up to this size
_LEADERS = 4  # texts that stand for a larger bucket
_PAIRS_HELD = 1 << 22  # pairs, repeats included, before the repeats are dropped
_LOW_HALF = np.uint64(32)


def candidate_pairs(
    shingles: Shingles, rank: Indices, parameters: DedupParameters
) -> tuple[Indices, Indices, Indices]:
    """Return the better-ranked and the other text of each candidate pair, and the texts in crowds.

    No text may be without shingles. A crowd is a bucket, the texts that agree in a band, too large
    to pair each with each: its best-ranked texts are paired with the rest, so that time does not
    grow with the square of its size. Only pairs within a crowd can be missing.
    """
    hopeful = may_have_neighbours(shingles, parameters.threshold)
    texts, rank = np.flatnonzero(hopeful), rank[hopeful]
    pairs, settled = [np.zeros(0, dtype=np.uint64)], 0
    crowds = [np.zeros(0, dtype=np.int64)]
    bands = band_keys(shingles.only(hopeful), parameters.threshold, parameters.permutations)
    for keys in bands:
        found, crowd = _bucket_pairs(keys, rank)
        pairs.append(found)
        crowds.append(crowd)
        if sum(map(len, pairs)) > 2 * settled + _PAIRS_HELD:
            pairs = [distinct(np.concatenate(pairs))]
            settled = pairs[0].size
    codes = distinct(np.concatenate(pairs))
    better = (codes >> _LOW_HALF).astype(np.int64)
    return texts[better], texts[codes.astype(np.uint32)], texts[np.concatenate(crowds)]


def may_have_neighbours(shingles: Shingles, threshold: float) -> Mask:
    """Tell the texts that can have a neighbour at the threshold; false is certain.

    A shingle that no other text has is in no intersection: of a text's n shingles with s such, at
    most (n - s) / n can be its similarity to any other.
    """
    alone = _alone(shingles.hashes).view(np.uint8)
    unshared = np.add.reduceat(alone, shingles.offsets[:-1], dtype=np.int64)
    possible: Mask = (shingles.lengths - unshared) / shingles.lengths >= threshold
    return possible


def _alone(hashes: npt.NDArray[np.uint32]) -> Mask:
    """Tell the hashes that occur once; true is certain, false may be a counter shared by chance."""
    bits = min(max((2 * hashes.size).bit_length(), 1), _COUNTER_BITS)
    shift = np.uint32(32 - bits)
    counters = np.zeros(1 << bits, dtype=np.uint32)
    for start in range(0, hashes.size, _CHUNK):
        np.add.at(counters, hashes[start : start + _CHUNK] >> shift, np.uint32(1))
    once = counters == 1
    alone = np.empty(hashes.size, dtype=np.bool_)
    for start in range(0, hashes.size, _CHUNK):
        alone[start : start + _CHUNK] = once[hashes[start : start + _CHUNK] >> shift]
    return alone


def _bucket_pairs(
    keys: npt.NDArray[np.uint64], rank: Indices
) -> tuple[npt.NDArray[np.uint64], Indices]:
    """Pair texts with equal keys, as better * 2**32 + other; return also the texts in crowds.

    A bucket's texts stand from the best rank to the worst, and each is paired with some before it:
    with all of them in a small bucket, with the first ones in a crowd.
    """
    texts = np.flatnonzero(~_alone((keys >> _LOW_HALF).astype(np.uint32)))
    texts = texts[np.lexsort((rank[texts], keys[texts]))]
    changes = np.flatnonzero(np.diff(keys[texts])) + 1
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
