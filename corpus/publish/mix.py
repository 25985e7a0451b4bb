"""Thins the rows out to the mix that the pipeline asks for, and measures what is left.

Only ids, keys and lengths are held in memory. A row's place in line is the hash of its id and the
seed, so the same rows stay on any machine, and a larger cap keeps all that a smaller one does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from corpus.config import CHARACTERS_PER_TOKEN, Mix
from corpus.ids import content_id
from corpus.rejects import rejects_of
from corpus.report.summary import TaskFigures
from corpus.schemas import EXAMPLE, required
from corpus.store import Store, cut

_MOST_ALIKE = 5  # rows from docs with one output: more teach to give that answer to anything

MIX_FIGURES = pa.schema(
    [required("task")]
    + [required(name, pa.int64()) for name in ("made", "kept", "median", "p95", "longest")]
)
"""``TaskFigures`` as a table."""


def mix_rows(store: Store, tables: Sequence[str], mix: Mix, doc_tasks: Collection[str]) -> None:
    """Decide which rows of some tables of examples stay, until the mix holds.

    Writes the table ``{table}_mixed`` beside each, in its shards; ``mix_rejects``; and
    ``mix_figures``. ``doc_tasks`` are those whose rows are from docs alone.
    """
    made = [table for table in tables if store.count(table)]
    rows = _judge(_in_line(store, made, mix.seed), mix, doc_tasks)
    kept = pa.table([rows["reason"].is_null().to_arrow()], names=["kept"])
    start = 0
    for table in made:
        for number, part in enumerate(store.shards(table)):
            store.write(f"{table}_mixed", number, cut(kept, start, part.num_rows))
            start += part.num_rows
    left_out = rows.filter(pl.col("reason").is_not_null())
    store.write("mix_rejects", 0, rejects_of(left_out, "mix", "example_id", "task"))
    figures = [asdict(of_task) for of_task in _figures(rows)]
    store.write("mix_figures", 0, pa.Table.from_pylist(figures, MIX_FIGURES))


def _keys(rows: pa.Table) -> pa.Table:
    """Return what the mix goes by, row by row, without the texts."""
    characters = pc.cast(pc.utf8_length(rows["output"]), pa.int64())
    keys = rows.select(["example_id", "task", "language"])
    for name in ("repo", "path", "start_line"):
        keys = keys.append_column(name, pc.struct_field(rows["provenance"], name))
    answer = pl.Series(rows["output"], dtype=pl.String).hash().to_arrow()
    keys = keys.append_column("answer", answer)
    return keys.append_column("tokens", pc.divide(characters, CHARACTERS_PER_TOKEN))


def _in_line(store: Store, tables: Sequence[str], seed: int) -> pl.DataFrame:
    """Return the keys of all rows, with their places in line, and no reason yet to leave any out.

    ``function`` and ``answer`` are hashes: to group by texts would take most of the memory.
    """
    keys = [_keys(EXAMPLE.empty_table()), *(store.gather(table, _keys) for table in tables)]
    rows = pl.DataFrame(pa.concat_tables(keys))
    function = pl.struct("repo", "path", "start_line").hash()
    rows = rows.with_columns(function=function)
    places = (int(content_id(str(seed), example)[:16], 16) for example in rows["example_id"])
    place = pl.Series("place", np.fromiter(places, np.uint64, rows.height))
    return rows.with_columns(place, reason=pl.lit(None, pl.String))


def _judge(rows: pl.DataFrame, mix: Mix, doc_tasks: Collection[str]) -> pl.DataFrame:
    """Give every row that has to go its reason, one cap after the other."""
    most_alike = pl.when(pl.col("task").is_in(list(doc_tasks))).then(_MOST_ALIKE)
    rows = _cap(rows, ["task", "answer"], most_alike, "repeated_output").drop("answer")
    weight = pl.col("task").replace_strict(mix.weights, default=1.0, return_dtype=pl.Float64)
    left = pl.col("reason").is_null().sum().over("task")
    by_weight = (weight * left).round().cast(pl.Int64)
    rows = _cap(rows, ["task"], by_weight, "sampled_out")
    if mix.per_function:
        rows = _cap(rows, ["function"], pl.lit(mix.per_function), "over_function_cap")
    for key, caps in (("task", mix.per_task), ("language", mix.per_language)):
        if caps:
            cap = pl.col(key).replace_strict(caps, default=None, return_dtype=pl.Int64)
            rows = _cap(rows, [key], cap, f"over_{key}_cap")
    if mix.per_repo:
        rows = _cap(rows, ["repo"], pl.lit(mix.per_repo), "over_repo_cap")
    return _cap_docs(rows, mix, doc_tasks)


def _cap_docs(rows: pl.DataFrame, mix: Mix, doc_tasks: Collection[str]) -> pl.DataFrame:
    """Hold rows from docs alone to their share, where the others are enough for their functions.

    Of each function one row stays before any has two, so that few are left out altogether.
    """
    is_doc = pl.col("task").is_in(list(doc_tasks))
    kept = rows.filter(pl.col("reason").is_null())
    others = kept.filter(~is_doc).height
    documented = kept.filter(is_doc)["function"].n_unique()
    if others < mix.enough * documented or mix.docs_share == 1:
        return rows
    most = int(others * mix.docs_share / (1 - mix.docs_share))
    turn = _turns(rows, ["function"], is_doc & pl.col("reason").is_null())
    own = rows["place"]
    in_turn = np.empty(rows.height, np.uint64)
    in_turn[np.lexsort((own.to_numpy(), turn))] = np.arange(rows.height, dtype=np.uint64)
    rows = rows.with_columns(from_docs=is_doc, place=pl.Series(in_turn))
    rows = _cap(rows, ["from_docs"], pl.when(is_doc).then(most), "docs_over_share")
    return rows.with_columns(own)


def _cap(rows: pl.DataFrame, group: list[str], most: pl.Expr, reason: str) -> pl.DataFrame:
    """Keep the first ``most`` rows of each group that are still there; a null is no cap."""
    turn = pl.Series(_turns(rows, group, pl.col("reason").is_null()))
    is_over = (pl.lit(turn) > most).fill_null(False)
    return rows.with_columns(reason=pl.when(is_over).then(pl.lit(reason)).otherwise("reason"))


def _turns(rows: pl.DataFrame, group: list[str], among: pl.Expr) -> npt.NDArray[np.int64]:
    """Return the number of each of some rows in its group, from 1, by places in line; else 0.

    Most groups are small: lists of their rows would take more memory than the rows.
    """
    chosen = np.flatnonzero(rows.select(among).to_series().to_numpy())
    groups = rows.select(pl.struct(group).hash()).to_series().to_numpy()[chosen]
    order = np.lexsort((rows["place"].to_numpy()[chosen], groups))
    groups = groups[order]
    begins = np.flatnonzero(np.diff(groups, prepend=groups[:1] + np.uint64(1)))
    sizes = np.diff(np.append(begins, groups.size))
    turns = np.zeros(rows.height, np.int64)
    turns[chosen[order]] = np.arange(1, groups.size + 1) - np.repeat(begins, sizes)
    return turns


def _figures(rows: pl.DataFrame) -> Iterator[TaskFigures]:
    for (task,), of_task in rows.group_by("task", maintain_order=True):
        left = of_task.filter(pl.col("reason").is_null())["tokens"]
        lengths = [int(left.quantile(q, "nearest") or 0) for q in (0.5, 0.95, 1.0)]
        yield TaskFigures(str(task), of_task.height, len(left), *lengths)
