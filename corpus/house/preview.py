"""Renders a few rows of a task from a repo, reading no more files than that takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from corpus.config import Pipeline
from corpus.context.lookup import find_contexts
from corpus.errors import UsageError
from corpus.guard import Guard
from corpus.history.freshness import date_docs
from corpus.house.changes import preview_changes
from corpus.house.files import Batches, RepoFiles, groups
from corpus.house.tests import preview_tests
from corpus.render.pairs import load_templates
from corpus.render.stage import ComposeStage
from corpus.safety.rows import RowGate
from corpus.safety.scrub import Scrubber
from corpus.sources import open_sources
from corpus.store import Store
from corpus.tasks.base import Change, Mutated, Specified, Tested
from corpus.tasks.registry import tasks_of
from corpus.tasks.security import Audited

_FILES_AT_A_TIME = 12
_AUDITED_AT_A_TIME = 3
_SUSPICIOUS = re.compile(  # files to audit first: what bandit's rules are about
    rb"shell=|subprocess\.|popen|os\.system|pickle\.|marshal\.|yaml\.load\(|\beval\(|\bexec\(|/tmp"
    rb"|mktemp|urlopen|\bmd5|\bsha1|random\.\w+\(|verify=False|chmod\(|except[^\n]*:\s*(?:pass|cont)"
)
_ENOUGH = 50  # rows for each that is shown: then files are not waited for


def preview(pipeline: Pipeline, n: int, template: str = "") -> list[dict[str, Any]]:
    """Return ``n`` rows of ``pipeline``'s tasks, fewer where a repo has no more.

    Files are read in an order that follows from their paths' hashes, so that rows are from all
    over the repo, one from each file as long as there are files, and the same each time; of
    commits it is the newest. No row is left out as a copy of another: that takes the whole repo.
    With ``template``, as ``explain/brief``, only its rows. Raises UsageError and TemplateError as
    a build does.
    """
    if not pipeline.repos:
        raise UsageError("no repo to read: give --repo")
    templates = load_templates(pipeline.templates, tuple(pipeline.tasks))
    if template:  # whatever share of the functions has context: show what it looks like
        everywhere = pipeline.context.model_copy(update={"share": 1.0, "fixes": 1.0})
        pipeline = pipeline.model_copy(update={"context": everywhere})
    chosen = templates.only(f"{template}.jinja") if template else nullcontext()
    with chosen, TemporaryDirectory(prefix="tunesmith-") as work:
        sources = open_sources(pipeline.repos, Path(work, "clones"))
        gate = RowGate(Scrubber.of(pipeline.safety))
        rows = (
            row
            for source in sources
            for row in _rows(RepoFiles(source, pipeline, gate.scrubber), pipeline, gate, Path(work))
        )
        # Rows of files are many and near each other, those of changes few and far between.
        return list(islice(rows, n)) if tasks_of(Change, pipeline.tasks) else _spread(rows, n)


def _rows(
    files: RepoFiles, pipeline: Pipeline, gate: RowGate, work: Path
) -> Iterator[dict[str, Any]]:
    """Yield rows of all that the tasks are made of, a few files or commits of each in turn."""
    tasks, made = pipeline.tasks, []
    if any(tasks_of(kind, tasks) for kind in (Tested, Specified, Mutated)):
        made.append(preview_tests(files, pipeline, gate, Store(work / "tests")))
    elif not tasks_of(Change, tasks):
        made.append(_rows_of_files(files, pipeline, gate, Store(work / "files")))
    if any(tasks_of(kind, tasks) for kind in (Change, Audited)):
        made.append(preview_changes(files, pipeline, gate, Store(work / "changes")))
    while made:
        for batches in list(made):
            if (batch := next(batches, None)) is None:
                made.remove(batches)
            else:
                yield from batch


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


def _rows_of_files(files: RepoFiles, pipeline: Pipeline, gate: RowGate, store: Store) -> Batches:
    compose = ComposeStage(pipeline, gate)
    table = "knowledge" if pipeline.tasks == ["knowledge"] else "doc_examples"
    paths: Iterable[str] = files.languages
    size = _FILES_AT_A_TIME
    if tasks_of(Audited, pipeline.tasks):  # which takes long for a file, and few make rows
        paths, size = files.holding(_SUSPICIOUS, "python"), _AUDITED_AT_A_TIME
    for group in groups(paths, size):
        files.read(group, store)
        find_contexts(store, pipeline.context)
        date_docs(store)
        tables = {name: store.read(name, 0) for name in compose.inputs}
        yield compose(tables, Guard())[table].to_pylist()
