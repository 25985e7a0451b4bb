"""Renders a few rows of a task from a repo, reading no more files than that takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa

from corpus.config import Pipeline
from corpus.context.lookup import find_contexts
from corpus.errors import UsageError
from corpus.extract.stage import ExtractStage
from corpus.guard import Guard
from corpus.history.freshness import date_docs
from corpus.house.changes import preview_changes
from corpus.ids import content_id
from corpus.languages import LANGUAGES, Language
from corpus.render.pairs import load_templates
from corpus.render.stage import ComposeStage
from corpus.safety.licenses import LicensePolicy
from corpus.safety.rows import RowGate
from corpus.safety.scrub import Scrubber
from corpus.schemas import BLOB, Columns
from corpus.sources import Entry, Source, open_sources
from corpus.sources.base import blob_row
from corpus.sources.skip import PathRules, read_attributes
from corpus.store import Store
from corpus.tasks.base import Change
from corpus.tasks.registry import tasks_of

_FILES_AT_A_TIME = 12
_ENOUGH = 50  # rows for each that is shown: then files are not waited for


def preview(pipeline: Pipeline, n: int, template: str = "") -> list[dict[str, Any]]:
    """Return ``n`` rows of ``pipeline``'s tasks, fewer where a repo has no more.

    Files are read in an order that follows from their paths' hashes, so that rows are from all
    over the repo, one from each file as long as there are files, and the same each time. No row is
    left out as a copy of another: that takes the whole repo. With ``template``, as
    ``explain/brief``, only its rows. Raises UsageError and TemplateError as a build does.
    """
    if not pipeline.repos:
        raise UsageError("no repo to read: give --repo")
    templates = load_templates(pipeline.templates, tuple(pipeline.tasks))
    if template:  # whatever share of the functions has context: show what it looks like
        everywhere = pipeline.context.model_copy(update={"share": 1.0})
        pipeline = pipeline.model_copy(update={"context": everywhere})
    chosen = templates.only(f"{template}.jinja") if template else nullcontext()
    with chosen, TemporaryDirectory(prefix="tunesmith-") as work:
        sources = open_sources(pipeline.repos, Path(work, "clones"))
        store = Store(Path(work, "stages"))
        rows = (row for source in sources for row in _rows(source, pipeline, store))
        # Rows of files are many and near each other, those of changes few and far between.
        return list(islice(rows, n)) if tasks_of(Change, pipeline.tasks) else _spread(rows, n)


def _spread(rows: Iterable[dict[str, Any]], n: int) -> list[dict[str, Any]]:
    """Return ``n`` rows, if there are so many: first one of each file, then the others."""
    paths: set[str] = set()
    first: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    for row in rows:
        path = row["provenance"]["path"]
        (others if path in paths else first).append(row)
        paths.add(path)
        if len(first) == n or len(first) + len(others) > _ENOUGH * n:
            break
    return [*first, *others][:n]


def _rows(source: Source, pipeline: Pipeline, store: Store) -> Iterator[dict[str, Any]]:
    entries = list(source.entries())
    attributes = read_attributes([*source.above(), *entries], source.reader)
    languages = frozenset(pipeline.languages or LANGUAGES)
    rules = PathRules(pipeline.files, languages, attributes)
    if tasks_of(Change, pipeline.tasks):
        yield from preview_changes(source, rules, pipeline, store)
    else:
        yield from _rows_of_files(source, _blobs(source, entries, rules), pipeline, store)


def _rows_of_files(
    source: Source, shards: Iterable[pa.Table], pipeline: Pipeline, store: Store
) -> Iterator[dict[str, Any]]:
    scrubber = Scrubber.of(pipeline.safety)
    readers = {source.name: source.reader}
    licenses = LicensePolicy(pipeline.safety.licenses)
    extract = ExtractStage(readers, pipeline.files, pipeline.dedup, scrubber, licenses)
    compose = ComposeStage(pipeline, RowGate(scrubber))
    table = "knowledge" if pipeline.tasks == ["knowledge"] else "doc_examples"
    for blobs in shards:
        tables = dict(extract({"blobs": blobs}, Guard()))
        for kind in ("file", "function"):
            tables[f"{kind}_verdicts"] = _all_kept(tables[f"{kind}s"].num_rows)
        for name in ("functions", "function_verdicts"):
            store.write(name, 0, tables[name])
        find_contexts(store, pipeline.context)
        date_docs(store)
        for name in ("contexts", "doc_ages"):
            tables[name] = store.read(name, 0)
        yield from compose(tables, Guard())[table].to_pylist()


def _blobs(source: Source, entries: list[Entry], rules: PathRules) -> Iterator[pa.Table]:
    """Yield the files to read, a few at a time, as ``schemas.BLOB``."""
    entries.sort(key=lambda entry: content_id(entry.path))
    verdicts = ((entry, rules.language(entry)) for entry in entries)
    files = ((entry, found) for entry, found in verdicts if isinstance(found, Language))
    while group := list(islice(files, _FILES_AT_A_TIME)):
        blobs = Columns(BLOB)
        for entry, language in group:
            blobs.add(**blob_row(source, entry, language.name))
        yield blobs.table()


def _all_kept(rows: int) -> pa.Table:
    """Return the verdicts that dedup would give if there were no copies."""
    return pa.table(
        {
            "cluster_id": pa.repeat("", rows),
            "split": pa.repeat("train", rows),
            "kept": pa.repeat(True, rows),
        }
    )
