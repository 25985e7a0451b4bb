"""Equal code: the same characters, whatever the white space between them."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from corpus.schemas import CLUSTER


def sign(texts: pa.ChunkedArray) -> pa.Table:
    """Return a table with one column ``exact_key``: 16 bytes, equal for equal code."""
    keys = [
        blake2b("".join(text.split()).encode("utf-8", "replace"), digest_size=16).digest()
        for text in texts.to_pylist()
    ]
    return pa.table({"exact_key": pa.array(keys, pa.binary())})


def cluster(ids: pa.ChunkedArray, rank: npt.NDArray[np.int64], signed: pa.Table) -> pa.Table:
    """Return ``schemas.CLUSTER`` rows, in order: of equal code, the lowest rank survives."""
    frame = pl.DataFrame(
        {"id": pl.from_arrow(ids), "rank": rank, "key": pl.from_arrow(signed["exact_key"])}
    )
    survivor = pl.col("id").sort_by("rank").first().over("key")
    verdicts = frame.select("id", survivor.alias("survivor_id")).select(
        "id",
        pl.col("survivor_id").alias("cluster_id"),
        (pl.col("id") == pl.col("survivor_id")).alias("kept"),
        "survivor_id",
        pl.lit(1.0).alias("similarity"),
        pl.when(pl.col("id") != pl.col("survivor_id"))
        .then(pl.lit("exact_duplicate"))
        .alias("reason"),
    )
    return verdicts.to_arrow().cast(CLUSTER)
