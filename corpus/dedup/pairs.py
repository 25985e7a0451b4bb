"""The pairs of texts that are similar: candidates by MinHash, each checked by true Jaccard."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpus.dedup.candidates import (
    Codes,
    agreeing_pairs,
    better_and_other,
    crowd_pairs,
    pairs_of,
    rare_keys,
    with_neighbours,
)
from corpus.dedup.jaccard import Sets
from corpus.dedup.parameters import DedupParameters
from corpus.dedup.shingles import Indices, Mask, Shingles, distinct

_SIEVINGS = 2  # a text that is ruled out takes company from others: look again


@dataclass(frozen=True)
class Pairs:
    """Similar pairs: the better-ranked and the worse text (int64 indices), and their Jaccard."""

    better: Indices
    worse: Indices
    similarity: npt.NDArray[np.float64]

    def removing(self, rank: Indices) -> Indices:
        """Return the pairs, by index, whose worse text is removed in favour of the better one.

        Texts are gone through from the best rank to the worst; one is removed if a text kept before
        it is similar. Of several such its survivor is the most similar, of equals the best-ranked.
        """
        removed = np.zeros(rank.size, dtype=np.bool_)
        better, worse = self.better, self.worse
        while worse.size:
            # What no undecided text can remove any more is kept, and removes all similar to it.
            unsure = np.zeros(rank.size, dtype=np.bool_)
            unsure[worse] = True
            removed[worse[~unsure[better]]] = True
            undecided = ~removed[better] & ~removed[worse]
            better, worse = better[undecided], worse[undecided]
        pairs = np.flatnonzero(removed[self.worse] & ~removed[self.better])
        worse = self.worse[pairs]
        order = np.lexsort((rank[self.better[pairs]], -self.similarity[pairs], worse))
        return pairs[order[np.flatnonzero(np.diff(worse[order], prepend=-1))]]

    def linked(self, rank: Indices, survivor: Indices) -> Indices:
        """Return, for each text, the best-ranked one that pairs link it to, directly or not.

        ``survivor`` is each text's survivor as ``removing`` told, or the text itself.
        """
        above: dict[int, int] = {}  # a forest: each text below a better-ranked one

        def root(text: int) -> int:
            while text in above:
                parent = above[text]
                above[text] = text = above.get(parent, parent)
            return text

        ends = survivor[self.better], survivor[self.worse]
        across = np.flatnonzero(ends[0] != ends[1])
        for left, right in zip(ends[0][across].tolist(), ends[1][across].tolist(), strict=True):
            best, other = sorted((root(left), root(right)), key=rank.__getitem__)
            if best != other:
                above[other] = best
        best_linked = np.arange(rank.size)
        for text in above:
            best_linked[text] = root(text)
        return best_linked[survivor]


def similar_pairs(
    shingles: Shingles, among: Mask, rank: Indices, parameters: DedupParameters
) -> Pairs:
    """Return the pairs, among the texts of a mask, that are similar by at least the threshold.

    Every text of the mask must have shingles. What a crowd has hidden is looked for by rare
    shingles among those of its texts that stay, round after round until nothing is found.
    """
    texts = np.flatnonzero(among)
    for _ in range(_SIEVINGS):
        texts = with_neighbours(shingles, texts, parameters.threshold)
    some, rank = shingles.only(texts), rank[texts]
    sets = Sets.of(some)
    compared, crowded = agreeing_pairs(some, rank, parameters)
    found = _similar(sets, compared, parameters.threshold)
    keys, of = rare_keys(sets, crowded, parameters.threshold)
    hidden = bool(crowded.any())
    while hidden:
        staying = crowded & ~_mask(found.worse[found.removing(rank)], rank.size)
        in_play = staying[of]
        codes, crowd = pairs_of(keys[in_play], of[in_play], rank)
        dense = crowd_pairs(sets, np.unique(crowd), rank, parameters.threshold)
        codes = distinct(np.concatenate((codes, dense)))
        codes = np.setdiff1d(codes, compared, assume_unique=True)
        compared = np.concatenate((compared, codes))
        more = _similar(sets, codes, parameters.threshold)
        hidden = more.worse.size > 0
        found = Pairs(
            np.concatenate((found.better, more.better)),
            np.concatenate((found.worse, more.worse)),
            np.concatenate((found.similarity, more.similarity)),
        )
    return Pairs(texts[found.better], texts[found.worse], found.similarity)


def _mask(texts: Indices, count: int) -> Mask:
    mask = np.zeros(count, dtype=np.bool_)
    mask[texts] = True
    return mask


def _similar(sets: Sets, codes: Codes, threshold: float) -> Pairs:
    """Return the similar ones of some pairs, as far as it matters.

    A text that is in no pair with a better one removes all that are similar to it. Among those,
    which it links already, there can be very many pairs, and no verdict depends on them.
    """
    better, other = better_and_other(codes)
    similarity = np.zeros(codes.size)
    first = ~_mask(other, sets.sizes.size)[better]
    similarity[first] = sets.jaccard(better[first], other[first], threshold)
    settled = np.flatnonzero(similarity >= threshold)
    remover = np.full(sets.sizes.size, -1)
    remover[other[settled]] = better[settled]
    rest = ~first & ((remover[other] != remover[better]) | (remover[other] < 0))
    similarity[rest] = sets.jaccard(better[rest], other[rest], threshold)
    near = similarity >= threshold
    return Pairs(better[near], other[near], similarity[near])
