"""Judges the whole corpus at once: what is a copy of what, and which split every row is in.

Only ids, ranks and signatures are held in memory; the texts stay in the store.
"""

from __future__ import annotations

import polars as pl
import pyarrow as pa

from corpus.config import Splits
from corpus.dedup.exact import cluster
from corpus.dedup.splits import split_files
from corpus.run.store import Store
from corpus.schemas import REJECT, SPLITS, VERDICT


def judge(store: Store, splits: Splits) -> None:
    """Write the tables ``file_verdicts``, ``function_verdicts`` and ``dedup_rejects``.

    A function goes to the split of its file. Where copies of it stand in files of several splits
    it goes to the first of train, validation and test among them, so that no function in
    validation or test stands in a training file.
    """
    files = _read(store, "files", "file_id", [])
    functions = _read(store, "functions", "function_id", ["doc", "is_test", "start_line"])
    functions = functions.with_columns(pl.col("doc").is_not_null().alias("documented"))
    documented = functions.filter("documented")["blob_id"].unique()
    split = split_files(files["blob_id"], files["blob_id"].is_in(documented.implode()), splits)
    files = files.with_columns(split=split, rank=pl.int_range(pl.len()), start_line=None)
    of_blob = files.select("blob_id", "split").unique("blob_id")
    functions = functions.join(of_blob, on="blob_id", how="left", maintain_order="left")
    # A documented copy is better than a bare one, code than test code; then path order.
    best_first = pl.struct(~pl.col("documented"), "is_test", pl.int_range(pl.len()))
    functions = functions.with_columns(rank=best_first.rank("ordinal").cast(pl.Int64) - 1)
    rejects = []
    for table, frame in (("file", files), ("function", functions)):
        frame = _judged(store, f"{table}_signatures", frame)
        _write_verdicts(store, f"{table}_verdicts", frame)
        rejects.append(_rejects(frame))
    store.write("dedup_rejects", 0, pl.concat(rejects).to_arrow().cast(REJECT))


def _read(store: Store, table: str, row_id: str, columns: list[str]) -> pl.DataFrame:
    """Return columns of every shard of a table, with the shard that each row is in."""
    frames = [
        pl.DataFrame(rows.select([row_id, "blob_id", "repo", "path", *columns]))
        .with_columns(shard=pl.lit(shard, pl.Int32))
        .rename({row_id: "id"})
        for shard, rows in enumerate(store.shards(table))
    ]
    return pl.concat(frames)


def _judged(store: Store, table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Add the columns of ``schemas.VERDICT``."""
    signed = pa.concat_tables(store.shards(table))
    clusters = cluster(frame["id"].to_arrow(), frame["rank"].to_numpy(), signed)
    judged = frame.hstack(pl.DataFrame(clusters.drop_columns("id")))
    return judged.with_columns(pl.col("split").min().over("cluster_id"))


def _write_verdicts(store: Store, table: str, frame: pl.DataFrame) -> None:
    names = pl.Series(SPLITS, dtype=pl.String)
    verdicts = frame.with_columns(split=names.gather(frame["split"]))
    for shard in range((frame["shard"].max() or 0) + 1):  # type: ignore[operator]
        rows = verdicts.filter(pl.col("shard") == shard).select(VERDICT.names)
        store.write(table, shard, rows.to_arrow().cast(VERDICT))


def _rejects(frame: pl.DataFrame) -> pl.DataFrame:
    """Name every removed row's survivor, by id and by place."""
    place = pl.format("{}:{}", "path", pl.col("start_line").fill_null(1))
    survivors = frame.select(pl.col("id").alias("survivor_id"), place.alias("survivor"))
    removed = frame.filter(~pl.col("kept")).join(
        survivors, on="survivor_id", how="left", maintain_order="left"
    )
    return removed.select(
        "id",
        pl.lit("dedup").alias("stage"),
        "reason",
        pl.format("{} like {}", pl.col("similarity").round(2), "survivor").alias("detail"),
        "repo",
        "path",
        pl.col("start_line").cast(pl.Int32).alias("line"),
    )
