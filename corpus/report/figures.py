"""Counts what a build did, from the tables it left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from corpus.report.dataset import COPIES
from corpus.report.summary import (
    UNKNOWN_LICENSE,
    RejectFigures,
    RepoFigures,
    Summary,
    TaskFigures,
)
from corpus.schemas import CLUSTER, REJECT
from corpus.sources import Source
from corpus.store import Store

_REJECT_TABLES = (
    *("path_rejects", "file_rejects", "dedup_rejects", "row_rejects"),
    *("commit_rejects", "change_rejects", "kind_rejects", "change_row_rejects"),
    *("test_rejects", "test_row_rejects", "mix_rejects"),
)
# The order that rows pass these stages in; the others are tasks.
_STAGES = ("paths", "files", "dedup", "filter", "commits", "revisions", "history")
_STAGE_ORDER = {stage: place for place, stage in enumerate(_STAGES)} | {"mix": 10}


def write_rejects(store: Store, path: Path) -> None:
    """Write every reject into one Parquet file, in the order of the stages."""
    with pq.ParquetWriter(path, REJECT, compression="zstd") as writer:
        for table in _REJECT_TABLES:
            for rows in store.shards(table):
                writer.write_table(rows)


def write_clusters(store: Store, path: Path) -> None:
    """Write the functions that have copies, with the verdict on each and its code."""
    columns = [name for name in COPIES.names if name not in CLUSTER.names]
    clusters = [
        rows.filter(pc.invert(rows["kept"]))["cluster_id"]
        for rows in store.shards("function_verdicts")
    ]
    copied = pa.chunked_array([chunk for ids in clusters for chunk in ids.chunks], pa.string())
    with pq.ParquetWriter(path, COPIES, compression="zstd") as writer:
        for verdicts, functions in zip(
            store.shards("function_verdicts"), store.shards("functions"), strict=True
        ):
            rows = pa.table(
                [verdicts[name] for name in CLUSTER.names] + [functions[name] for name in columns],
                schema=COPIES,
            )
            writer.write_table(rows.filter(pc.is_in(rows["cluster_id"], copied)))


def write_links(store: Store, path: Path) -> None:
    """Write which test tests which function."""
    pq.write_table(store.read("links", 0), path, compression="zstd")


def gather(
    store: Store,
    folder: Path,
    rejects: Path,
    sources: Sequence[Source],
    tasks: Sequence[str],
    rows: Mapping[str, Mapping[str, int]],
    seconds: Mapping[str, float],
    mix: Sequence[TaskFigures],
) -> Summary:
    """Return the figures of a build whose published files lie in ``folder``."""
    reasons = (
        pl.scan_parquet(rejects).group_by("stage", "reason").agg(pl.len().alias("count")).collect()
    )
    counted = [RejectFigures(*row) for row in reasons.iter_rows()]
    counted.sort(key=lambda r: (_STAGE_ORDER.get(r.stage, 9), r.stage, -r.count, r.reason))
    at: Counter[str] = Counter()
    for reject in counted:
        at[reject.stage] += reject.count
    files, unique_files = _kept(store, "file_verdicts")
    functions, unique_functions = _kept(store, "function_verdicts")
    return Summary(
        repos=[RepoFigures(source.name, source.commit, source.date) for source in sources],
        paths=files + at["paths"] + at["files"],
        files=files,
        unique_files=unique_files,
        functions=functions,
        with_doc=sum(t.num_rows - t["doc"].null_count for t in store.shards("functions")),
        unique_functions=unique_functions,
        after_filters=unique_functions - at["filter"],
        commits=_rows(store, "commits") + at["commits"],
        changes=_rows(store, "changes"),
        examples=count_examples(folder, tasks, rows),
        rows={configuration: dict(splits) for configuration, splits in rows.items()},
        rejects=counted,
        mix=list(mix),
        licenses=_licenses(store),
        redactions=_redactions(store),
        seconds=dict(seconds),
    )


def _rows(store: Store, table: str) -> int:
    return sum(rows.num_rows for rows in store.shards(table))


def _licenses(store: Store) -> dict[str, int]:
    """Return how many files each licence has, the most first; of those that are read."""
    counts: Counter[str] = Counter()
    for files in store.shards("files"):
        counts.update(name or UNKNOWN_LICENSE for name in files["license"].to_pylist())
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _redactions(store: Store) -> dict[str, int]:
    """Return in how many files something of each kind was replaced."""
    counts: Counter[str] = Counter()
    for files in store.shards("files"):
        counts.update(pc.list_flatten(files["redactions"]).to_pylist())
    return dict(sorted(counts.items()))


def _kept(store: Store, table: str) -> tuple[int, int]:
    counts = [(rows.num_rows, pc.sum(rows["kept"]).as_py() or 0) for rows in store.shards(table)]
    return sum(all_ for all_, _ in counts), sum(kept for _, kept in counts)


def count_examples(
    folder: Path, tasks: Sequence[str], rows: Mapping[str, Mapping[str, int]]
) -> dict[str, int]:
    """Return how many rows each task has in a dataset folder."""
    found = {name: sum(rows.get(name, {}).values()) for name in ("knowledge", "preferences")}
    if "instructions" in rows:
        files = sorted((folder / "instructions").glob("*.parquet"))
        column = pa.concat_tables(pq.read_table(file, columns=["task"]) for file in files)["task"]
        found |= {row["values"]: row["counts"] for row in pc.value_counts(column).to_pylist()}
    return {task: found.get(task, 0) for task in tasks}
