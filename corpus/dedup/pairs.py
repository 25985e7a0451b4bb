"""The pairs of texts that are similar: candidates by MinHash, each checked by true Jaccard."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpus.dedup.candidates import candidate_pairs
from corpus.dedup.jaccard import ShingleSets
from corpus.dedup.parameters import DedupParameters
from corpus.dedup.shingles import Indices, Mask, Shingles, place_in_run


@dataclass(frozen=True)
class Pairs:
    """Similar pairs: the better-ranked and the worse text (int64 indices), and their Jaccard."""

    better: Indices
    worse: Indices
    similarity: npt.NDArray[np.float64]

    @classmethod
    def joined(cls, *pairs: Pairs) -> Pairs:
        """Lay pairs end to end."""
        return cls(
            np.concatenate([part.better for part in pairs]),
            np.concatenate([part.worse for part in pairs]),
            np.concatenate([part.similarity for part in pairs]),
        )

    def removing(self, rank: Indices) -> Indices:
        """Return the pairs, by index, whose worse text is removed in favour of the better one.

        Texts are gone through from the best rank to the worst; one is removed if it is similar to a
        text kept before it, in favour of the best-ranked such text.
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
        pairs = pairs[np.lexsort((rank[self.better[pairs]], self.worse[pairs]))]
        return pairs[place_in_run(self.worse[pairs]) == 0]

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
    """Return similar pairs among the texts of a mask: all of them that a verdict depends on.

    Every text of the mask must have shingles. What a crowd has hidden is looked for among the texts
    that stay, round after round until nothing is found; else the verdict on the kept texts alone
    could come out differently.
    """
    found, doubtful = _round(shingles, among, rank, parameters)
    more = found
    while more.worse.size and doubtful.any():
        removed = found.worse[found.removing(rank)]
        doubtful[removed] = True  # should its survivor go, it has not been compared with all
        among = doubtful.copy()
        among[removed] = False
        more, _ = _round(shingles, among, rank, parameters)
        found = Pairs.joined(found, more)
    return found


def _round(
    shingles: Shingles, among: Mask, rank: Indices, parameters: DedupParameters
) -> tuple[Pairs, Mask]:
    """Return similar pairs found among some texts, and which texts were in crowds."""
    texts = np.flatnonzero(among)
    better, worse, crowds = candidate_pairs(shingles.only(among), rank[among], parameters)
    crowded = np.zeros(rank.size, dtype=np.bool_)
    crowded[texts[crowds]] = True
    return _compare(shingles, texts[better], texts[worse], rank, parameters.threshold), crowded


def _compare(
    shingles: Shingles, better: Indices, worse: Indices, rank: Indices, threshold: float
) -> Pairs:
    """Return the candidate pairs that are similar, but for those that change nothing.

    A text that is removed removes none, a second reason to remove one is not needed, and what is
    linked need not be linked again. Without such pairs the time for a cluster of n texts grows with
    n, not with its square.
    """
    order = np.lexsort((rank[better], worse))
    better, worse = better[order], worse[order]
    paired = np.zeros(rank.size, dtype=np.bool_)
    paired[better] = paired[worse] = True
    sets = ShingleSets(shingles, paired)

    def similar(better: Indices, worse: Indices) -> Pairs:
        similarity = sets.jaccard(worse, better, threshold)
        near = similarity >= threshold
        return Pairs(better[near], worse[near], similarity[near])

    nothing = (better[:0], worse[:0])
    found, left_out, patience = [similar(*nothing)], [nothing], 1
    survivor = np.arange(rank.size)
    while worse.size:
        unsure = np.zeros(rank.size, dtype=np.bool_)
        unsure[worse] = True
        certain = np.flatnonzero(~unsure[better])  # nothing is left that could remove the better
        tried = certain[place_in_run(worse[certain]) < patience]
        found.append(similar(better[tried], worse[tried]))
        survivor[found[-1].worse] = found[-1].better
        removed = survivor != np.arange(rank.size)
        done = removed[better] | removed[worse]
        done[tried] = False
        left_out.append((better[done], worse[done]))
        done[tried] = True
        better, worse = better[~done], worse[~done]
        patience *= 2
    settled = Pairs.joined(*found)
    better, worse = (np.concatenate(ends) for ends in zip(*left_out, strict=True))
    linked = settled.linked(rank, survivor)
    is_better_survivor = (survivor[better] == better) & (rank[better] < rank[survivor[worse]])
    matters = is_better_survivor | (linked[better] != linked[worse])
    return Pairs.joined(settled, similar(better[matters], worse[matters]))
