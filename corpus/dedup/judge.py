"""Judges the whole corpus at once: what is a copy of what, and which split every row is in.

Only ids, ranks and signatures are held in memory; the texts stay in the store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import polars as pl
import pyarrow as pa

from corpus.dedup.cluster import cluster
from corpus.dedup.parameters import DedupParameters, Splits
from corpus.dedup.splits import split_files
from corpus.rejects import rejects_of
from corpus.schemas import SPLITS, VERDICT
from corpus.store import Store, cut

JUDGED = ("files", "file_signatures", "functions", "function_signatures")
"""The tables that judging reads."""


def judge_corpus(
    store: Store,
    parameters: DedupParameters,
    splits: Splits,
    newest: Sequence[str],
    touched: Mapping[str, frozenset[str]],
) -> None:
    """Write the tables ``file_verdicts``, ``function_verdicts`` and ``dedup_rejects``.

    A function goes to the split of its file. Where copies of it stand in files of several splits
    it goes to the first of train, validation and test among them, so that no function in
    validation or test stands in a training file. ``newest`` are the repos as ``newest_first`` has
    them, ``touched`` is as for ``split_files``. Raises UsageError for splits that can't be.
    """
    functions = pl.DataFrame(store.gather("functions", _of_functions))
    of_file = functions.group_by("repo", "path").agg(
        pl.col("documented", "is_test").any(),
        functions=pl.len(),
        outside_tests=(~pl.col("is_test")).sum(),
    )
    files = store.columns("files", ["blob_id", "repo", "path", "file_id"])
    files = files.rename({"file_id": "id"}).with_columns(start_line=pl.lit(1))
    files = files.join(of_file, on=["repo", "path"], how="left", maintain_order="left")
    files = files.with_columns(pl.col("documented", "is_test").fill_null(False))
    files = files.with_columns(pl.col("functions", "outside_tests").fill_null(0))
    files = files.with_columns(split=split_files(files, splits, touched), rank=_rank(newest))
    files = judge(store, "file", files, parameters)
    split_of_file = files.select("blob_id", "split").unique("blob_id")
    functions = functions.join(split_of_file, on="blob_id", how="left", maintain_order="left")
    functions = judge(store, "function", functions.with_columns(rank=_rank(newest)), parameters)
    store.write("dedup_rejects", 0, pa.concat_tables([_removed(files), _removed(functions)]))


def _of_functions(functions: pa.Table) -> pa.Table:
    plain = functions.select(["blob_id", "repo", "path", "is_test", "start_line"])
    ids, documented = functions["function_id"], functions["doc"].is_valid()
    return plain.append_column("id", ids).append_column("documented", documented)


def newest_first(dates: Mapping[str, str | None]) -> list[str]:
    """Order repos by the dates of their commits (ISO 8601); a folder has none, and is left out."""
    made = {repo: datetime.fromisoformat(date) for repo, date in dates.items() if date}
    return sorted(made, key=lambda repo: made[repo], reverse=True)


def _rank(newest: Sequence[str]) -> pl.Expr:
    """Put documented before bare, code before tests, the newest repo first, then keep the order."""
    last = len(newest)
    age = pl.col("repo").replace_strict(
        list(newest), range(last), default=last, return_dtype=pl.Int64
    )
    best_first = pl.struct(~pl.col("documented"), "is_test", age, pl.int_range(pl.len()))
    return best_first.rank("ordinal").cast(pl.Int64) - 1


def judge(store: Store, kind: str, rows: pl.DataFrame, parameters: DedupParameters) -> pl.DataFrame:
    """Judge the rows of one kind among themselves; return them with ``schemas.VERDICT``'s columns.

    ``rows`` has the rows of the table ``{kind}s`` in their order, with ``id``, ``rank`` (the lowest
    of a cluster survives) and ``split`` (an index into ``schemas.SPLITS``; a cluster goes to the
    first that it is in). The table ``{kind}_signatures`` has what ``sign`` returned for the text of
    each: for a row of several parts, all of them with a line feed between. Writes the table
    ``{kind}_verdicts``, with the same shards.
    """
    ids = rows["id"].to_arrow().cast(pa.string())
    clusters = cluster(
        ids,
        rows["rank"].to_numpy(),
        store.gather(f"{kind}_signatures", lambda rows: rows),  # and let go when that is done
        parameters,
    )
    judged = rows.hstack(pl.DataFrame(clusters.drop_columns("id")))
    judged = judged.with_columns(pl.col("split").min().over("cluster_id"))
    names = pl.Series(SPLITS, dtype=pl.String)
    verdicts = judged.with_columns(split=names.gather(judged["split"])).select(VERDICT.names)
    table, start = verdicts.to_arrow().cast(VERDICT), 0
    for shard, signatures in enumerate(store.shards(f"{kind}_signatures")):
        store.write(f"{kind}_verdicts", shard, cut(table, start, signatures.num_rows))
        start += signatures.num_rows
    return judged


def _removed(judged: pl.DataFrame) -> pa.Table:
    """Return a reject for every removed row, which names its survivor by place.

    ``judged`` has, besides what ``judge`` returned, ``repo``, ``path`` and ``start_line``.
    """
    columns = ["repo", "path", "start_line", "id", "reason", "similarity"]
    gone = judged.filter(~pl.col("kept")).select(*columns, "survivor_id")
    place = pl.format("{}:{}", "path", "start_line")
    survivors = judged.filter("kept").select(place.alias("survivor"), survivor_id="id")
    gone = gone.join(survivors, on="survivor_id", how="left", maintain_order="left")
    likeness = pl.format("{} like {}", pl.col("similarity").round(2), "survivor")
    return rejects_of(gone.with_columns(likeness=likeness), "dedup", "id", "likeness")
