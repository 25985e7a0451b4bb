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

from corpus.dedup.pairs import similar_pairs
from corpus.dedup.parameters import DedupParameters
from corpus.dedup.shingles import Indices, Mask, Shingles
from corpus.schemas import CLUSTER


@dataclass(frozen=True)
class Verdicts:
    """A verdict for each of n texts; texts are told by their index.

    A text is kept if it is its own ``survivor`` (int64). ``similarity`` (float64) is the true
    Jaccard similarity to the survivor; ``exact`` tells if both say the same, layout aside.
    ``cluster`` (int64) is the best-ranked of all the texts that the similar pairs found link to
    this one, directly or not.
    """

    survivor: Indices
    cluster: Indices
    similarity: npt.NDArray[np.float64]
    exact: Mask

    @property
    def kept(self) -> Mask:
        """Which texts are kept."""
        kept: Mask = self.survivor == np.arange(self.survivor.size)
        return kept

    def reasons(self) -> pa.StringArray:
        """Return why each text is removed: exact_duplicate, near_duplicate, or null for kept."""
        reasons = np.where(self.exact, "exact_duplicate", "near_duplicate")
        return pa.array(reasons, pa.string(), mask=self.kept)


def cluster(
    ids: pa.Array | pa.ChunkedArray, rank: Indices, signed: pa.Table, parameters: DedupParameters
) -> pa.Table:
    """Return the rows of ``schemas.CLUSTER`` for texts with these ids, in the same order.

    ``rank`` (int64) says which texts survive: the lower, and no two are equal. ``signed`` is what
    ``sign`` returned for the texts. The verdicts follow from ids, ranks and texts, not from the
    order that they come in.
    """
    verdicts = decide(rank, signed, parameters)
    columns = [
        ids,
        ids.take(pa.array(verdicts.cluster)),
        pa.array(verdicts.kept),
        ids.take(pa.array(verdicts.survivor)),
        pa.array(verdicts.similarity),
        verdicts.reasons(),
    ]
    return pa.Table.from_arrays(columns, schema=CLUSTER)


def decide(rank: Indices, signed: pa.Table, parameters: DedupParameters) -> Verdicts:
    """Return the verdicts on the texts that ``signed`` tells of; ``rank`` is as for ``cluster``."""
    first = _first_of_equals(rank, signed)
    itself = np.arange(first.size)
    shingles = Shingles.of(signed["shingles"])
    compared = (first == itself) & (shingles.lengths > 0)
    pairs = similar_pairs(shingles, compared, rank, parameters)
    survivor, similarity = itself, np.ones(first.size)
    removing = pairs.removing(rank)
    survivor[pairs.worse[removing]] = pairs.better[removing]
    similarity[pairs.worse[removing]] = pairs.similarity[removing]
    linked = pairs.linked(rank, survivor)
    # What holds for a text holds for all that have the same words.
    survivor, similarity, linked = survivor[first], similarity[first], linked[first]
    return Verdicts(survivor, linked, similarity, exact=survivor == first)


def _first_of_equals(rank: Indices, signed: pa.Table) -> Indices:
    """Return, for each text, the best-ranked one that says the same.

    A text without words has only itself: it says nothing that another could repeat.
    """
    keys, words = signed["exact_key"].to_numpy(), signed["words"].to_numpy()
    order = np.lexsort((rank, keys))
    starts = np.flatnonzero(np.concatenate(([True], np.diff(keys[order]) != 0)))[: rank.size]
    first = np.empty(rank.size, dtype=np.int64)
    first[order] = np.repeat(order[starts], np.diff(np.append(starts, rank.size)))
    return np.where(words > 0, first, np.arange(rank.size))
