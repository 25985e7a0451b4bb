"""The verdict on every text of a corpus: kept, or removed in favour of which other.

The rule: go through the texts from the best rank to the worst, and remove one if and only if a text
kept before it is similar to it, by at least the threshold. So every removed text has a survivor
that is truly similar, with no chain in between; no two kept texts are similar; and judging the kept
texts once more removes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from corpus.dedup.candidates import candidate_pairs
from corpus.dedup.jaccard import jaccard
from corpus.dedup.parameters import DedupParameters
from corpus.dedup.shingles import Indices, Mask, Shingles
from corpus.schemas import CLUSTER


@dataclass(frozen=True)
class Verdicts:
    """A verdict for each of n texts; texts are told by their index.

    A text is kept if it is its own ``survivor`` (int64). ``similarity`` (float64) is the true
    Jaccard similarity to the survivor; ``exact`` tells if both have the same words in the same
    order. ``cluster`` (int64) is the best-ranked of all the texts that similar pairs link to this
    one, directly or not: no text is similar to one of another cluster.
    """

    survivor: Indices
    cluster: Indices
    similarity: npt.NDArray[np.float64]
    exact: Mask

    @property
    def kept(self) -> Mask:
        """Which texts are kept."""
        return self.survivor == np.arange(self.survivor.size)

    def reasons(self) -> pa.StringArray:
        """Return why each text is removed: exact_duplicate, near_duplicate, or null for kept."""
        reasons = np.where(self.exact, "exact_duplicate", "near_duplicate")
        return pa.array(reasons, pa.string(), mask=self.kept)


@dataclass(frozen=True)
class _Pairs:
    """Similar pairs, as indices of the better-ranked and of the other text (int64)."""

    better: Indices
    worse: Indices
    similarity: npt.NDArray[np.float64]


def cluster(
    ids: pa.Array | pa.ChunkedArray, rank: Indices, signed: pa.Table, parameters: DedupParameters
) -> pa.Table:
    """Return the rows of ``schemas.CLUSTER`` for texts with these ids, in the same order.

    ``rank`` (int64) says which texts survive: the lower, and no two are equal. ``signed`` is what
    ``sign`` returned for the texts. The verdicts follow from ids, ranks and texts, not from the
    order that they come in.
    """
    verdicts = judge(rank, signed, parameters)
    columns = [
        ids,
        ids.take(pa.array(verdicts.cluster)),
        pa.array(verdicts.kept),
        ids.take(pa.array(verdicts.survivor)),
        pa.array(verdicts.similarity),
        verdicts.reasons(),
    ]
    return pa.Table.from_arrays(columns, schema=CLUSTER)


def judge(rank: Indices, signed: pa.Table, parameters: DedupParameters) -> Verdicts:
    """Return the verdicts on the texts that ``signed`` tells of; ``rank`` is as for ``cluster``."""
    first = _first_of_equals(rank, signed)
    shingles = Shingles.of(signed["shingles"])
    compared = (first == np.arange(first.size)) & (shingles.lengths > 0)
    texts = np.flatnonzero(compared)
    pairs = _similar_pairs(shingles.only(compared), rank[compared], parameters)
    survivor, cluster = np.arange(first.size), np.arange(first.size)
    similarity = np.ones(first.size)
    removing = _removing(pairs, rank[compared])
    removed = texts[pairs.worse[removing]]
    survivor[removed] = texts[pairs.better[removing]]
    similarity[removed] = pairs.similarity[removing]
    cluster[texts] = texts[_linked(pairs, rank[compared])]
    return Verdicts(survivor[first], cluster[first], similarity[first], survivor[first] == first)


def _first_of_equals(rank: Indices, signed: pa.Table) -> Indices:
    """Return, for each text, the best-ranked one with the same words in the same order.

    A text without words has only itself: it says nothing that another could repeat.
    """
    keys, words = signed["exact_key"].to_numpy(), signed["words"].to_numpy()
    order = np.lexsort((rank, keys))
    starts = np.flatnonzero(np.diff(keys[order], prepend=~keys[order[:1]]))
    first = np.empty(rank.size, dtype=np.int64)
    first[order] = np.repeat(order[starts], np.diff(np.append(starts, rank.size)))
    return np.where(words > 0, first, np.arange(rank.size))


def _similar_pairs(shingles: Shingles, rank: Indices, parameters: DedupParameters) -> _Pairs:
    """Return the pairs of texts that are similar by at least the threshold.

    Where some bucket was too large to compare all of it, the texts that are left after a round are
    looked through again, until a round finds nothing among them.
    """
    left = np.arange(rank.size)
    found, complete = _round(shingles, rank, left, parameters)
    more = found
    while more.worse.size and not complete:
        left = np.delete(np.arange(rank.size), found.worse[_removing(found, rank)])
        more, _ = _round(shingles, rank, left, parameters)
        found = _Pairs(
            np.concatenate((found.better, more.better)),
            np.concatenate((found.worse, more.worse)),
            np.concatenate((found.similarity, more.similarity)),
        )
    return found


def _round(
    shingles: Shingles, rank: Indices, texts: Indices, parameters: DedupParameters
) -> tuple[_Pairs, bool]:
    """Return the similar pairs found among some of the texts, and if all of them were compared."""
    among = np.zeros(rank.size, dtype=np.bool_)
    among[texts] = True
    better, worse, complete = candidate_pairs(shingles.only(among), rank[texts], parameters)
    better, worse = texts[better], texts[worse]
    similarity = jaccard(shingles, better, worse, parameters.threshold)
    near = similarity >= parameters.threshold
    return _Pairs(better[near], worse[near], similarity[near]), complete


def _removing(pairs: _Pairs, rank: Indices) -> Indices:
    """Return the pairs, by index, whose worse text is removed in favour of the better one.

    Among several kept texts that are similar to it, a text's survivor is the most similar one, and
    the best-ranked of equally similar ones.
    """
    order = np.lexsort((rank[pairs.better], -pairs.similarity, rank[pairs.worse]))
    removing: dict[int, int] = {}
    better_texts, worse_texts = pairs.better[order].tolist(), pairs.worse[order].tolist()
    for pair, better, worse in zip(order.tolist(), better_texts, worse_texts, strict=True):
        if better not in removing and worse not in removing:
            removing[worse] = pair
    return np.fromiter(removing.values(), dtype=np.int64, count=len(removing))


def _linked(pairs: _Pairs, rank: Indices) -> Indices:
    """Return, for each text, the best-ranked one that pairs link it to, directly or not."""
    by_rank = np.argsort(rank)
    place = np.empty_like(by_rank)
    place[by_rank] = np.arange(rank.size)
    above: dict[int, int] = {}  # a forest of places: each points to a better one of its tree

    def root(text: int) -> int:
        while text in above:
            parent = above[text]
            above[text] = text = above.get(parent, parent)
        return text

    better_places, worse_places = place[pairs.better].tolist(), place[pairs.worse].tolist()
    for better, worse in zip(better_places, worse_places, strict=True):
        best, other = sorted((root(better), root(worse)))
        if best != other:
            above[other] = best
    linked = np.arange(rank.size)
    for text in above:
        linked[text] = root(text)
    return by_rank[linked][place]
