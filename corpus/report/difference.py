"""Tells what changed between two builds: rows added, removed and changed, each with a reason.

A row's id changes with every edit of its file, so rows are matched by what they are about: task,
repo, path and the function's qualified name, or the commit that it was taken from. Only ids and
hashes of texts are held in memory.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from corpus.report.dataset import Dataset, open_dataset, readable
from corpus.report.measure import collect

_PLACE = ("repo", "path", "start_line")
_KEY = ("task", "repo", "path", "name", "nth")


def difference(old: Path, new: Path) -> pl.DataFrame:
    """Hold the rows of two dataset folders against each other.

    Returns a row per key with the columns ``change`` (added, removed, changed or same), ``task``,
    ``repo``, ``path``, ``name`` and ``why`` (null where nothing changed). Raises UsageError for a
    folder that is no dataset, SourceError for a table that can't be read.
    """
    before, after = open_dataset(old), open_dataset(new)
    with readable(old):
        was = _keyed(before)
    with readable(new):
        now = _keyed(after)
    both = was.join(now, on=_KEY, how="inner", suffix="_new")
    edited = pl.when(pl.col("why").is_null()).then(pl.lit("same")).otherwise(pl.lit("changed"))
    parts = [both.with_columns(why=_edits()).with_columns(change=edited)]
    for change, side, some, others, dataset in (
        ("removed", "B", was, now, after),
        ("added", "A", now, was, before),
    ):
        with readable(dataset.folder):
            lone = _explained(some.join(others, on=_KEY, how="anti"), dataset)
        why = pl.format("in {}: {}", pl.lit(side), "why")
        parts.append(lone.with_columns(why=why, change=pl.lit(change)))
    columns = ["change", "task", "repo", "path", "name", "why"]
    return pl.concat([part.select(columns) for part in parts]).sort(columns)


def _keyed(dataset: Dataset) -> pl.DataFrame:
    """Return the rows with their keys; ``code`` is a hash of what the row teaches from."""
    # With the commit: what a change of long ago touched may be another function by now.
    lines = [*_PLACE, "commit", "end_line"]
    functions = dataset.table("functions").select(
        *lines, "function_id", name="qualified_name", of_function=pl.col("code").hash()
    ).unique(lines, keep="first", maintain_order=True)  # fmt: skip
    rows = dataset.rows().select(
        "example_id", "task", "template", "template_digest", "split", "evidence", *lines,
        said=pl.concat_str("system", "instruction", "input", "output", separator="\0").hash(),
        answer=pl.col("output").hash(),
    )  # fmt: skip
    joined = collect(rows.join(functions, on=lines, how="left", nulls_equal=True))
    whole_file = pl.col("task") == "knowledge"
    # What a commit did is told by the commit, which stays as it is however the file goes on.
    of_commit = pl.when(pl.col("evidence") == "commit").then(pl.format("commit {}", "commit"))
    joined = joined.with_columns(
        name=pl.when(whole_file)
        .then(pl.lit(""))
        .otherwise(pl.coalesce(of_commit, "name", "evidence")),
        code=pl.when(whole_file).then("answer").otherwise(pl.coalesce("of_function", "answer")),
        function_id=pl.when(~whole_file).then("function_id"),
    ).with_columns(pl.col("name").fill_null(""))
    nth = pl.int_range(pl.len()).over("task", "repo", "path", "name").alias("nth")
    return joined.sort("start_line", "end_line", "said").with_columns(nth)


def _edits() -> pl.Expr:
    """Name what is not as it was, or null where all is."""

    def differs(column: str) -> pl.Expr:
        return pl.col(column) != pl.col(f"{column}_new")

    moved = pl.format("split: {} to {}", "split", "split_new")
    reasons = {
        "code": (differs("code"), pl.lit("code")),
        "template": (differs("template_digest"), pl.lit("template")),
        "split": (differs("split"), moved),
    }
    named = [pl.when(when).then(what) for when, what in reasons.values()]
    why = pl.concat_str(named, separator=", ", ignore_nulls=True)
    # Neither code nor template: another version of tunesmith reads the same code otherwise.
    return pl.when(why != "").then(why).when(differs("said")).then(pl.lit("wording"))


def _explained(rows: pl.DataFrame, other: Dataset) -> pl.DataFrame:
    """Add ``why`` a build has none of these rows: the first of the reasons below that holds."""
    rejects = collect(
        other.rejects().with_columns(why=pl.format("left out at {}: {}", "stage", "reason"))
    )
    forgotten = rejects.filter(pl.col("stage") == "forget").rename({"id": "example_id"})
    of_file = rejects.filter(pl.col("stage").is_in(["paths", "files"]))
    of_line = rejects.filter(pl.col("stage") == "dedup").rename({"line": "start_line"})
    lookups = [
        ("by_row", ["example_id"], forgotten),
        ("by_id", ["row"], _by_id(rows.with_row_index("row"), rejects, other)),
        ("by_file", ["repo", "path"], of_file),
        ("by_line", list(_PLACE), of_line),
        ("by_path", ["repo", "path"], _paths(other, rejects)),
    ]
    explained = rows.with_row_index("row")
    for name, key, found in lookups:
        first = found.select(*key, pl.col("why").alias(name)).unique(key, maintain_order=True)
        explained = explained.join(first, on=key, how="left")
    repos = [repo["name"] for repo in other.figures["repos"]]
    return explained.with_columns(
        why=pl.when(~pl.col("task").is_in(list(other.figures["examples"])))
        .then(pl.lit("task not asked for"))
        .when(~pl.col("repo").is_in(repos))
        .then(pl.lit("repository not read"))
        .otherwise(pl.coalesce(*(name for name, _, _ in lookups), pl.lit("no such file")))
    )


def _by_id(rows: pl.DataFrame, rejects: pl.DataFrame, other: Dataset) -> pl.DataFrame:
    """Find the rejects of the functions themselves, as they were and as they are in ``other``."""
    names = ["repo", "path", "name"]
    functions = other.table("functions").select(
        "repo", "path", name="qualified_name", other_id="function_id"
    )
    namesakes = rows.join(collect(functions), on=names, how="inner")
    ids = [
        rows.select("row", "task", id="function_id"),
        namesakes.select("row", "task", id="other_id"),
    ]
    found = pl.concat(ids).join(rejects, on="id", how="inner")
    return found.filter(
        pl.col("stage").is_in(["dedup", "filter"]) | (pl.col("stage") == pl.col("task"))
    )


def _paths(dataset: Dataset, rejects: pl.DataFrame) -> pl.DataFrame:
    """Return every path that a build saw."""
    place = ["repo", "path"]
    seen = [dataset.table("functions").select(place), dataset.rows().select(place)]
    paths = collect(pl.concat([*seen, rejects.lazy().select(place)]).unique())
    return paths.with_columns(why=pl.lit("not in this file"))
