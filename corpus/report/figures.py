"""Counts what a build did, from the tables it left."""

from __future__ import annotations

from collections import Counter, defaultdict
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
from corpus.schemas import CLUSTER, REJECT, required
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


COUNTED = (
    *_REJECT_TABLES,
    *("files", "file_verdicts", "functions", "function_verdicts", "changes", "commits"),
)
"""The tables that figures are taken from."""

_COUNTS = pa.schema(
    [required("what"), pa.field("name", pa.string()), required("count", pa.int64())]
)


def count_corpus(store: Store) -> None:
    """Write ``rejects``, all in the order of the stages, ``copies``, and the table ``counts``.

    ``copies`` (``dataset.COPIES``) are the functions that have copies, with the verdict on each.
    """
    # Not mapped: a system allows a process some ten thousand maps, and there may be more shards.
    tables = [store.gather(table, lambda rows: rows) for table in _REJECT_TABLES
              if store.count(table)]  # fmt: skip
    store.write("rejects", 0, pa.concat_tables([REJECT.empty_table(), *tables]))
    store.write("copies", 0, _copies(store))
    counts: Counter[tuple[str, str | None]] = Counter()
    for kind in ("file", "function"):
        for verdicts in store.shards(f"{kind}_verdicts"):
            counts[f"{kind}s", None] += verdicts.num_rows
            counts[f"unique_{kind}s", None] += pc.sum(verdicts["kept"]).as_py() or 0
    for functions in store.shards("functions"):
        counts["with_doc", None] += functions.num_rows - functions["doc"].null_count
    for files in store.shards("files"):
        for what, names in (
            ("license", files["license"]),
            ("redaction", pc.list_flatten(files["redactions"])),
        ):
            for name, count in zip(*pc.value_counts(names).flatten(), strict=True):
                counts[what, name.as_py()] += count.as_py()
    for table in ("commits", "changes"):
        counts[table, None] = sum(rows.num_rows for rows in store.shards(table))
    listed = [{"what": what, "name": name, "count": n} for (what, name), n in counts.items()]
    store.write("counts", 0, pa.Table.from_pylist(listed, _COUNTS))


def _copies(store: Store) -> pa.Table:
    columns = [name for name in COPIES.names if name not in CLUSTER.names]
    counts: list[int] = []

    def clusters(rows: pa.Table) -> pa.Table:
        counts.append(rows.num_rows)
        return rows.select(CLUSTER.names)

    every = store.gather("function_verdicts", clusters)
    removed = pc.invert(every["kept"])
    is_copied = pc.is_in(every["cluster_id"], every["cluster_id"].filter(removed))
    found, start = [COPIES.empty_table()], 0
    for shard, count in enumerate(counts):
        wanted = is_copied.slice(start, count)
        if pc.any(wanted).as_py():
            rows, functions = every.slice(start, count), store.read("functions", shard)
            arrays = [*rows.columns, *(functions[name] for name in columns)]
            found.append(pa.table(arrays, schema=COPIES).filter(wanted))
        start += count
    return pa.concat_tables(found)


def write_private(store: Store, work: Path) -> None:
    """Write what is told beside the published rows: rejects, copies, and links if there are any."""
    for table, name in (("rejects", "rejects"), ("copies", "clusters"), ("links", "links")):
        if store.count(table):
            pq.write_table(store.read(table, 0), work / f"{name}.parquet", compression="zstd")


def gather(
    store: Store,
    folder: Path,
    sources: Sequence[Source],
    tasks: Sequence[str],
    rows: Mapping[str, Mapping[str, int]],
    seconds: Mapping[str, float],
) -> Summary:
    """Return the figures of a build whose published files lie in ``folder``."""
    rejects = pl.DataFrame(store.read("rejects", 0).select(["stage", "reason"]))
    reasons = rejects.group_by("stage", "reason").agg(pl.len().alias("count"))
    counted = [RejectFigures(*row) for row in reasons.iter_rows()]
    counted.sort(key=lambda r: (_STAGE_ORDER.get(r.stage, 9), r.stage, -r.count, r.reason))
    at: Counter[str] = Counter()
    for reject in counted:
        at[reject.stage] += reject.count
    named: dict[str, dict[str | None, int]] = defaultdict(dict)
    for row in store.read("counts", 0).to_pylist():
        named[row["what"]][row["name"]] = row["count"]
    counts = {what: of_name[None] for what, of_name in named.items() if None in of_name}
    return Summary(
        repos=[RepoFigures(source.name, source.commit, source.date) for source in sources],
        paths=counts["files"] + at["paths"] + at["files"],
        files=counts["files"],
        unique_files=counts["unique_files"],
        functions=counts["functions"],
        with_doc=counts["with_doc"],
        unique_functions=counts["unique_functions"],
        after_filters=counts["unique_functions"] - at["filter"],
        commits=counts["commits"] + at["commits"],
        changes=counts["changes"],
        examples=count_examples(folder, tasks, rows),
        rows={configuration: dict(splits) for configuration, splits in rows.items()},
        rejects=counted,
        mix=[TaskFigures(**row) for row in store.read("mix_figures", 0).to_pylist()],
        licenses=_most_first({name or UNKNOWN_LICENSE: n for name, n in named["license"].items()}),
        redactions={str(kind): count for kind, count in sorted(named["redaction"].items())},
        seconds=dict(seconds),
    )


def _most_first(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


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
