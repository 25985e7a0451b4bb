"""The pairs of texts that are similar: candidates by MinHash, each checked by true Jaccard."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpus.dedup.candidates import candidate_pairs
from corpus.dedup.jaccard import jaccard
from corpus.dedup.parameters import DedupParameters
from corpus.dedup.shingles import Indices, Mask, Shingles


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

    Every text of the mask must have shingles. What a crowd has hidden is looked for among those of
    its texts that stay, round after round until nothing is found; else the verdict on the kept
    texts alone could come out differently.
    """
    found, crowded = _round(shingles, among, rank, parameters)
    more = found
    while more.worse.size and crowded.any():
        among = crowded.copy()
        among[found.worse[found.removing(rank)]] = False
        more, _ = _round(shingles, among, rank, parameters)
        found = Pairs(
            np.concatenate((found.better, more.better)),
            np.concatenate((found.worse, more.worse)),
            np.concatenate((found.similarity, more.similarity)),
        )
    return found


def _round(
    shingles: Shingles, among: Mask, rank: Indices, parameters: DedupParameters
) -> tuple[Pairs, Mask]:
    """Return the similar pairs found among some texts, and which texts were in crowds."""
    texts = np.flatnonzero(among)
    better, worse, crowds = candidate_pairs(shingles.only(among), rank[among], parameters)
    better, worse = texts[better], texts[worse]
    similarity = jaccard(shingles, better, worse, parameters.threshold)
    near = similarity >= parameters.threshold
    crowded = np.zeros(rank.size, dtype=np.bool_)
    crowded[texts[crowds]] = True
    return Pairs(better[near], worse[near], similarity[near]), crowded
