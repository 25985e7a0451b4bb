"""Judges the whole corpus at once: what is a copy of what, and which split every row is in.

Only ids, ranks and signatures are held in memory; the texts stay in the store.
"""

from __future__ import annotations

import polars as pl
import pyarrow as pa

from corpus.dedup.cluster import cluster
from corpus.dedup.parameters import DedupParameters, Splits
from corpus.dedup.splits import split_files
from corpus.schemas import REJECT, SPLITS, VERDICT
from corpus.store import Store


def judge_corpus(store: Store, parameters: DedupParameters, splits: Splits) -> None:
    """Write the tables ``file_verdicts``, ``function_verdicts`` and ``dedup_rejects``.

    A function goes to the split of its file. Where copies of it stand in files of several splits
    it goes to the first of train, validation and test among them, so that no function in
    validation or test stands in a training file.
    """
    functions = _read(
        store,
        "functions",
        pl.col("function_id").alias("id"),
        pl.col("doc").is_not_null().alias("documented"),
        "is_test",
        "start_line",
    )
    documented = functions.filter("documented")["blob_id"].unique().implode()
    files = _read(store, "files", pl.col("file_id").alias("id"), pl.lit(1).alias("start_line"))
    split = split_files(files["blob_id"], files["blob_id"].is_in(documented), splits)
    files = files.with_columns(split=split, rank=pl.int_range(pl.len()))
    files = _judged(store, "file", files, parameters)
    # A documented copy is better than a bare one, code than test code; then path order.
    best_first = pl.struct(~pl.col("documented"), "is_test", pl.int_range(pl.len()))
    of_file = files.select("blob_id", "split").unique("blob_id")
    functions = functions.join(of_file, on="blob_id", how="left", maintain_order="left")
    functions = functions.with_columns(rank=best_first.rank("ordinal").cast(pl.Int64) - 1)
    functions = _judged(store, "function", functions, parameters)
    rejects = pl.concat([_rejects(files), _rejects(functions)])
    store.write("dedup_rejects", 0, rejects.to_arrow().cast(REJECT))


def _read(store: Store, table: str, *columns: pl.Expr | str) -> pl.DataFrame:
    """Return columns of every shard of a table, with the shard that each row is in."""
    frames = []
    for shard, rows in enumerate(store.shards(table)):
        frame = pl.from_arrow(rows)
        assert isinstance(frame, pl.DataFrame)
        number = pl.lit(shard, pl.Int32).alias("shard")
        frames.append(frame.select("blob_id", "repo", "path", number, *columns))
    return pl.concat(frames)


def _judged(
    store: Store, kind: str, frame: pl.DataFrame, parameters: DedupParameters
) -> pl.DataFrame:
    """Add the columns of ``schemas.VERDICT``, and write them shard by shard."""
    signed = pa.concat_tables(store.shards(f"{kind}_signatures"))
    ids = frame["id"].to_arrow().cast(pa.string())
    clusters = cluster(ids, frame["rank"].to_numpy(), signed, parameters)
    frame = frame.hstack(pl.DataFrame(clusters.drop_columns("id")))
    frame = frame.with_columns(pl.col("split").min().over("cluster_id"))
    names = pl.Series(SPLITS, dtype=pl.String)
    verdicts = frame.with_columns(split=names.gather(frame["split"]))
    rows, start = verdicts.select(VERDICT.names).to_arrow().cast(VERDICT), 0
    for shard, signatures in enumerate(store.shards(f"{kind}_signatures")):
        store.write(f"{kind}_verdicts", shard, rows.slice(start, signatures.num_rows))
        start += signatures.num_rows
    return frame


def _rejects(frame: pl.DataFrame) -> pl.DataFrame:
    """Name every removed row's survivor, by id and by place."""
    place = pl.format("{}:{}", "path", "start_line")
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
