"""Judges all changes at once: what each is for, which repeat others, and which split each is in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from corpus.config import Pipeline
from corpus.dedup.cluster import cluster
from corpus.dedup.parameters import Splits
from corpus.dedup.sign import SIGNED
from corpus.dedup.splits import split_of_place
from corpus.history.evidence import JudgedChange, classify_changes
from corpus.history.splits import Families, place_key
from corpus.ids import content_id, text_id
from corpus.rejects import Rejects
from corpus.schemas import SPLITS, VERDICT
from corpus.store import Store

JUDGED = (
    *("commits", "chains", "changes", "change_signatures", "version_signatures"),
    *("test_changes", "doc_edits", "places", "function_texts"),
)
"""The tables that judging reads."""

_PLACE = ["repo", "chain", "qualified_name"]
"""What says which function a change is of, whatever names its file had."""

_RANKS = {"fix": 0, "refactor": 0, "docs": 2}
"""Which of near-copies survives, by kind; others are in between."""


def judge_changes(store: Store, pipeline: Pipeline) -> None:
    """Write the tables ``change_kinds``, ``change_verdicts`` and ``kind_rejects``.

    Of a change only its shape and hashes are held in memory; the code stays in the store. Needs the
    verdicts on functions: a change is in the split of what became of its function.
    """
    rejects = Rejects("history")
    kinds = classify_changes(store, pipeline, rejects)
    accepted = np.flatnonzero([change.accepted for change in kinds])
    clusters = _cluster(store, "change_signatures", kinds, accepted, pipeline)
    alike = _cluster(store, "version_signatures", kinds, accepted, pipeline)
    families, places = _families(store, accepted, alike["cluster_id"].to_pylist())
    held_out = _held_out((kinds[at] for at in accepted), pipeline.splits)
    families.fix(((key,), put) for key, put in zip(places, held_out, strict=True) if put)
    split = [families.split(key, pipeline.splits) for key in places]
    verdicts = clusters.append_column(VERDICT.field("split"), pa.array(split, pa.string()))
    for number, row in enumerate(verdicts.to_pylist()):
        change = kinds[accepted[number]]
        if not row["kept"]:
            detail = f"{row['similarity']:.2f} like {row['survivor_id']}"
            rejects.add(row["id"], row["reason"], change.repo, change.path,
                        line=change.line, detail=detail)  # fmt: skip
        elif row["split"] is None:
            rejects.add(row["id"], "crosses_splits", change.repo, change.path, line=change.line)
    store.write("kind_rejects", 0, rejects.table())
    _write_verdicts(store, accepted, verdicts)


def _cluster(
    store: Store,
    table: str,
    kinds: list[JudgedChange],
    accepted: npt.NDArray[np.int64],
    pipeline: Pipeline,
) -> pa.Table:
    """Cluster before and after together; what a task takes survives, then the surer, the newer.

    Which are copies is told by what a patch shows of both: of a large function, all versions are
    alike. Which must be in one split is told by all of both.
    """
    order = sorted(
        range(len(accepted)),
        key=lambda n: (
            _RANKS.get(kinds[accepted[n]].kind, 1),
            -kinds[accepted[n]].confidence,
            -kinds[accepted[n]].authored_at.timestamp(),
            kinds[accepted[n]].change_id,
        ),
    )
    rank = np.empty(len(accepted), np.int64)
    rank[order] = np.arange(len(accepted))
    signed = pa.concat_tables([SIGNED.empty_table(), *store.shards(table)])
    signed = signed.take(pa.array(accepted, pa.int64()))
    ids = pa.array([kinds[at].change_id for at in accepted], pa.string())
    return cluster(ids, rank, signed, pipeline.dedup)


def _families(
    store: Store, accepted: npt.NDArray[np.int64], clusters: list[str]
) -> tuple[Families, list[str]]:
    """Link every accepted change to what it shares code or place with; return its place's key."""
    families, places, start = Families(), [], 0
    texts: set[str] = set()
    cluster_of = iter(clusters)
    for changes in store.shards("changes"):
        end = start + changes.num_rows
        here = accepted[np.searchsorted(accepted, start) : np.searchsorted(accepted, end)]
        if here.size:
            rows = changes.select([*_PLACE, "before", "after"]).take(pa.array(here - start))
            for row in rows.to_pylist():
                place = place_key(*(row[name] for name in _PLACE))
                versions = text_id(row["before"]), text_id(row["after"])
                families.link((place, *versions, content_id("cluster", next(cluster_of))))
                places.append(place)
                texts.update(versions)
        start = end
    if places:
        families.fix(_functions(store, texts))
    return families, places


def _functions(store: Store, texts: set[str]) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield the keys and the split of every function that was changed, or has one of these texts.

    Of the others, which are most of a corpus, no objects are made.
    """
    functions = store.columns("places", ["repo", "path", "qualified_name", "split"])
    functions = functions.hstack(store.columns("function_texts", ["text_id"]))
    chains = store.columns("chains", ["repo", "path", "chain"])
    functions = functions.join(chains, on=["repo", "path"], how="left", maintain_order="left")
    functions = functions.with_columns(pl.col("chain").fill_null(pl.col("path")))
    changed = functions.join(store.columns("changes", _PLACE), on=_PLACE, how="semi")
    alike = functions.filter(pl.col("text_id").is_in(list(texts)))
    found = pl.concat([changed, alike]).select("text_id", "split", *_PLACE)
    for text, split, *place in found.rows():
        yield (place_key(*place), text), SPLITS[split]


def _held_out(changes: Iterable[JudgedChange], splits: Splits) -> Iterator[str | None]:
    """Yield the split that its place or its day puts each change into, if one does."""
    for change in changes:
        if splits.by in ("repo", "path"):
            yield split_of_place(change.repo, change.path, splits)
        else:
            is_new = change.authored_at.date().isoformat() >= (splits.test_since or "9999")
            yield "test" if is_new else None


def _write_verdicts(store: Store, accepted: npt.NDArray[np.int64], verdicts: pa.Table) -> None:
    """Write the verdicts shard by shard; what has none has left the flow before."""
    has_split = verdicts["split"].is_valid().to_numpy()
    numbers, verdicts = accepted[has_split], verdicts.filter(pa.array(has_split))

    def of_shards() -> Iterator[tuple[int, pa.Table]]:
        start = 0
        for shard, changes in enumerate(store.shards("changes")):
            end = start + changes.num_rows
            first, last = np.searchsorted(numbers, (start, end))
            rows = verdicts.take(pa.array(range(first, last), pa.int64()))
            yield shard, pa.Table.from_arrays(rows.columns, schema=VERDICT)
            start = end

    store.write_few("change_verdicts", VERDICT, of_shards(), store.count("changes"))
