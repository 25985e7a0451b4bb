"""Divides the files into train, validation and test by what is in them."""

from __future__ import annotations

import polars as pl

from corpus.dedup.parameters import Splits
from corpus.ids import fraction
from corpus.schemas import SPLITS

TRAIN, VALIDATION, TEST = range(len(SPLITS))


def split_files(content_ids: pl.Series, documented: pl.Series, splits: Splits) -> pl.Series:
    """Return the split of every file, as an index into ``schemas.SPLITS``.

    A file's place follows from its content alone, so that a rebuild does not reshuffle. In a small
    corpus a share can come out without a single documented file, which would leave a split without
    rows; it then gets the one that was nearest.
    """
    place = pl.Series([fraction(content_id) for content_id in content_ids], dtype=pl.Float64)
    cuts = (1 - splits.test - splits.validation, 1 - splits.test)
    chosen = [VALIDATION if cuts[0] <= p < cuts[1] else TEST if p >= cuts[1] else 0 for p in place]
    by_place = pl.DataFrame({"file": range(len(place)), "place": place, "has": documented})
    nearest = by_place.filter("has").sort("place", descending=True)["file"].to_list()
    wanted = [(TEST, splits.test), (VALIDATION, splits.validation)]
    for split, share in wanted:
        missing = share > 0 and not any(chosen[file] == split for file in nearest)
        candidates = [file for file in nearest if chosen[file] == TRAIN]
        if missing and len(candidates) > 1:
            chosen[candidates[0]] = split
    return pl.Series(chosen, dtype=pl.Int8)
