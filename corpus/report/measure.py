"""Measures a dataset folder: functions by where they are, lengths, mixes, leaks between splits.

Every function reads the columns it needs and returns a small frame, whatever the corpus.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from corpus.config import CHARACTERS_PER_TOKEN
from corpus.report.dataset import Dataset
from corpus.schemas import SPLITS

_FOLDER_PARTS = 2
_PLACE = ("repo", "commit", "path", "start_line", "end_line")
_MOST_GROUPS = 20
_SAMPLES = 5
_Row = dict[str, Any]


def functions_by(dataset: Dataset, group: pl.Expr) -> pl.DataFrame:
    """Count functions by ``group``: columns ``group``, ``functions``, ``documented``.

    The largest 20 groups come first; the last row, if there are more, holds the rest, so that the
    counts add up.
    """
    columns = [*group.meta.root_names(), "doc"]
    rows = dataset.reduced(
        "functions", columns, group=group, documented=pl.col("doc").is_not_null()
    )
    counts = rows.group_by("group").agg(functions=pl.len(), documented=pl.col("documented").sum())
    counts = counts.sort(["functions", "group"], descending=[True, False])
    rest = counts.slice(_MOST_GROUPS)
    if rest.is_empty():
        return counts
    label = pl.lit(f"{rest.height} more")
    summed = rest.select(label.alias("group"), pl.col("functions", "documented").sum())
    return pl.concat([counts.head(_MOST_GROUPS), summed])


def folder() -> pl.Expr:
    """Return the folder of a path, its first two parts."""
    parts = pl.col("path").str.split("/").list.slice(0)
    upper = parts.list.head((parts.list.len() - 1).clip(0, _FOLDER_PARTS)).list.join("/")
    return pl.when(upper == "").then(pl.lit("(top)")).otherwise(upper)


def lengths(dataset: Dataset) -> dict[str, pl.DataFrame]:
    """Count rows by task and length: of the output, and of the function's code and doc.

    Each frame has the columns ``task``, ``bin`` and ``rows``. A length is in estimated tokens; bin
    n holds those above 2^(n-1) and up to 2^n. Rows that are about no function have no code or doc.
    """
    # With the commit: what a change of long ago touched may be another function by now. Hashed, for
    # the join holds the places of all rows.
    functions = dataset.reduced(
        "functions",
        [*_PLACE, "code_without_doc", "doc"],
        place=pl.struct(_PLACE).hash(),
        code=_tokens("code_without_doc"),
        doc=_tokens("doc"),
    )
    provenance = pl.col("provenance").struct
    instructions = dataset.reduced(
        "instructions",
        ["task", "output", *(f"provenance.{name}" for name in _PLACE)],
        task=pl.col("task"),
        output=_tokens("output"),
        place=pl.struct(provenance.field(name) for name in _PLACE).hash(),
    )
    files = dataset.reduced("knowledge", ["text"], task=pl.lit("knowledge"), output=_tokens("text"))
    rows = pl.concat([instructions.select("task", "output"), files]).lazy()
    # By sorting, which takes no more memory than the places do.
    places, first = np.unique(functions["place"].to_numpy(), return_index=True)
    of = np.searchsorted(places, asked := instructions["place"].to_numpy())
    is_known = np.append(places, np.uint64(0))[of] == asked
    known = functions.select("code", "doc")[first[of[is_known]]]
    joined = instructions.select("task").filter(pl.Series(is_known)).hstack(known).lazy()
    frames = pl.collect_all(
        [_binned(rows, "output"), _binned(joined, "code"), _binned(joined, "doc")],
        engine="streaming",
    )
    return dict(zip(("output", "code", "doc"), frames, strict=True))


def _tokens(column: str) -> pl.Expr:
    characters = pl.col(column).str.len_chars() + (CHARACTERS_PER_TOKEN - 1)
    return (characters // CHARACTERS_PER_TOKEN).clip(lower_bound=1).cast(pl.UInt32)


def _binned(rows: pl.LazyFrame, column: str) -> pl.LazyFrame:
    # In whole numbers: a logarithm of 8 is not 3 on every machine.
    number = 32 - (pl.col(column) - 1).bitwise_leading_zeros().cast(pl.Int32)
    some = rows.filter(pl.col(column).is_not_null())
    return some.group_by("task", number.alias("bin")).agg(rows=pl.len()).sort("task", "bin")


def mix(dataset: Dataset) -> pl.DataFrame:
    """Count rows by task, template and split: columns ``task``, ``template``, ``rows``, splits."""
    splits = [(pl.col("split") == split).sum().alias(split) for split in SPLITS]
    template = {name: pl.col(name) for name in ("template", "split")}
    parts = [
        dataset.reduced("instructions", ["task", *template], task=pl.col("task"), **template),
        dataset.reduced("knowledge", [*template], task=pl.lit("knowledge"), **template),
    ]
    grouped = pl.concat(parts).group_by("task", "template").agg(pl.len().alias("rows"), *splits)
    return grouped.sort("task", "template")


def leaks(dataset: Dataset) -> list[tuple[str, int]]:
    """Count what stands in two splits, in each way that it could: (what, how many) each.

    The first four are promised to be none. Equal answers to different questions are not promised.
    """
    functions, files = dataset.table("functions"), dataset.table("knowledge")
    rows = dataset.table("instructions")
    held_out = pl.col("split") != SPLITS[0]
    train_files = files.filter(~held_out).select("blob_id").unique()
    in_train_file = functions.filter(held_out).join(train_files, on="blob_id", how="semi")
    train_answers = rows.filter(~held_out).select(pl.col("output").hash()).unique()
    answers = rows.filter(held_out).select(pl.col("output").hash())
    found = {
        "functions of one cluster in two splits": _in_two_splits(functions, pl.col("cluster_id")),
        "equal functions in two splits": _in_two_splits(functions, pl.col("code").hash()),
        "equal files in two splits": _in_two_splits(files, pl.col("blob_id")),
        "held-out functions in a training file": in_train_file.select(pl.len()),
        "held-out rows whose answer equals a training answer": answers.join(
            train_answers, on="output", how="semi"
        ).select(pl.len()),
    }
    frames = pl.collect_all(list(found.values()), engine="streaming")
    return [(what, int(frame.item())) for what, frame in zip(found, frames, strict=True)]


def _in_two_splits(rows: pl.LazyFrame, key: pl.Expr) -> pl.LazyFrame:
    splits = rows.group_by(key.alias("key")).agg(pl.col("split").n_unique())
    return splits.select((pl.col("split") > 1).sum().cast(pl.Int64))


def cluster_sizes(dataset: Dataset) -> pl.DataFrame:
    """Return the clusters of copies, the largest first: columns ``cluster_id`` and ``size``."""
    counts = dataset.copies().group_by("cluster_id").agg(size=pl.len())
    return collect(counts.sort(["size", "cluster_id"], descending=[True, False]))


def largest_clusters(dataset: Dataset, most: int) -> Iterator[tuple[list[_Row], _Row, _Row]]:
    """Yield the ``most`` largest clusters: members, the first survivor, and its least like copy.

    The survivor comes first among the members, then the others from like to unlike. Only the last
    two have their ``code``.
    """
    for cluster_id in cluster_sizes(dataset)["cluster_id"].head(most):
        found = dataset.copies().filter(pl.col("cluster_id") == cluster_id)
        members = collect(found.drop("code")).sort("kept", "similarity", descending=True).to_dicts()
        kept = next(member for member in members if member["kept"])
        other = [member for member in members if member["survivor_id"] == kept["id"]][-1]
        both = found.filter(pl.col("id").is_in([kept["id"], other["id"]])).select("id", "code")
        code = dict(collect(both).iter_rows())
        kept, other = ({**member, "code": code[member["id"]]} for member in (kept, other))
        yield members, kept, other


def reject_samples(dataset: Dataset) -> dict[tuple[str, str], list[str]]:
    """Return the places and details of the first few rejects by id, by stage and reason."""
    line = (
        pl.when(pl.col("line").is_not_null()).then(pl.format(":{}", "line")).otherwise(pl.lit(""))
    )
    place = pl.concat_str(["repo", pl.lit(" "), "path", line])
    shown = pl.concat_str(place, pl.lit("  "), pl.col("detail").fill_null("")).str.strip_chars_end()
    samples = shown.bottom_k_by(["id", "path", "line"], _SAMPLES).sort().alias("samples")
    grouped = collect(dataset.rejects().group_by("stage", "reason").agg(samples))
    return {(stage, reason): found for stage, reason, found in grouped.iter_rows()}


def count_rows(dataset: Dataset) -> dict[str, dict[str, int]]:
    """Count the rows that lie in the folder, as ``rows`` of the manifest does."""
    names = [name for name in dataset.figures["rows"] if dataset.holds(name)]
    counts = pl.collect_all(
        [dataset.table(name).group_by("split").agg(rows=pl.len()) for name in names],
        engine="streaming",
    )
    found = {name: dict(frame.iter_rows()) for name, frame in zip(names, counts, strict=True)}
    return {
        name: {split: splits[split] for split in SPLITS if split in splits}
        for name, splits in found.items()
    }


def collect(frame: pl.LazyFrame) -> pl.DataFrame:
    """Run a query in batches, so that memory holds the answer and not the corpus."""
    answer: Any = frame.collect(engine="streaming")
    assert isinstance(answer, pl.DataFrame)
    return answer
