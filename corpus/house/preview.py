"""Renders a few rows of a task: of what a build mined, or else of a few files or commits."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from corpus.config import Pipeline
from corpus.context.lookup import find_contexts
from corpus.errors import UsageError
from corpus.guard import Guard
from corpus.history.freshness import date_docs
from corpus.house.built import SUSPICIOUS, built_rows
from corpus.house.changes import NEWEST, preview_changes
from corpus.house.files import Batch, Batches, RepoFiles, groups
from corpus.house.tests import preview_tests
from corpus.render.pairs import load_templates
from corpus.render.stage import ComposeStage
from corpus.run.cache import Cache, default_root
from corpus.run.mined import Mined
from corpus.safety.rows import RowGate
from corpus.safety.scrub import Scrubber
from corpus.sources import Source, open_sources
from corpus.store import Store
from corpus.tasks.base import Change, Mutated, Specified, Tested
from corpus.tasks.registry import tasks_of
from corpus.tasks.security import Audited

_FILES_AT_A_TIME = 12
_AUDITED_AT_A_TIME = 3
_SUSPICIOUS = re.compile(SUSPICIOUS.encode())
_ENOUGH = 50  # rows for each that is shown: then files are not waited for


@dataclass(frozen=True)
class Preview:
    """Rows, and why how many others are left out of those that were looked at.

    ``is_built`` where they are of what a build mined: then the same build with the same templates
    makes them, and there are no more where there are fewer than asked for.
    """

    rows: Sequence[dict[str, Any]]
    left_out: Counter[str]
    is_built: bool


def preview(
    pipeline: Pipeline, n: int, template: str = "", *, cache: Path | None = None
) -> Preview:
    """Return ``n`` rows of ``pipeline``'s tasks, fewer where a repo has no more.

    Where the repos were built with these settings, whatever the templates, rows are of what is in
    the cache. Elsewhere a few files or the newest commits are read: what a build would leave out as
    copies, and the definitions that it would show, take the whole repo. In both cases rows are from
    all over the repo, one from each file as long as there are files, and the same each time.
    With ``template``, as ``explain/brief``, only its rows. Raises UsageError and TemplateError as
    a build does.
    """
    if not pipeline.repos:
        raise UsageError("no repo to read: give --repo")
    templates = load_templates(pipeline.templates, tuple(pipeline.tasks))
    chosen = templates.only(f"{template}.jinja") if template else nullcontext()
    cached = Cache(cache or default_root())
    gate = RowGate(Scrubber.of(pipeline.safety))
    of_changes = any(tasks_of(kind, pipeline.tasks) for kind in (Change, Audited))
    with chosen, cached.scratch() as work:
        sources = open_sources(
            pipeline.repos,
            work / "clones",
            1 + of_changes * min(NEWEST[-1], pipeline.history.max_commits),
        )
        mined = Mined.find(cached, Store(work / "built"), pipeline, sources, gate.scrubber)
        readers = {source.name: source.reader for source in sources}
        batches = built_rows(mined, pipeline, gate, readers)
        is_built = batches is not None
        if batches is None:
            batches = _read(sources, pipeline, gate, work, whole=not template)
        left_out: Counter[str] = Counter()
        rows = _rows(batches, left_out)
        # Rows of files are many and near each other, those of changes few and far between.
        few = tasks_of(Change, pipeline.tasks)
        return Preview(list(islice(rows, n)) if few else _spread(rows, n), left_out, is_built)


def _rows(made: Iterable[Batches], left_out: Counter[str]) -> Iterator[dict[str, Any]]:
    """Yield the rows of each in turn, a batch at a time; count what else there was."""
    waiting = list(made)
    while waiting:
        for batches in list(waiting):
            if (batch := next(batches, None)) is None:
                waiting.remove(batches)
            else:
                left_out.update(batch.left_out)
                yield from batch.rows


def _read(
    sources: Sequence[Source], pipeline: Pipeline, gate: RowGate, work: Path, *, whole: bool
) -> list[Batches]:
    """Return rows of all that the tasks are made of, a few files or commits at a time."""
    if not whole:  # whatever share of the functions has context: show what it looks like
        everywhere = pipeline.context.model_copy(update={"share": 1.0, "fixes": 1.0})
        pipeline = pipeline.model_copy(update={"context": everywhere})
    tasks, made = pipeline.tasks, []
    for number, source in enumerate(sources):
        files, store = RepoFiles(source, pipeline, gate.scrubber), work / str(number)
        if any(tasks_of(kind, tasks) for kind in (Tested, Specified, Mutated)):
            made.append(preview_tests(files, pipeline, gate, Store(store / "tests")))
        elif not tasks_of(Change, tasks):
            made.append(_rows_of_files(files, pipeline, gate, Store(store / "files")))
        if any(tasks_of(kind, tasks) for kind in (Change, Audited)):
            made.append(preview_changes(files, pipeline, gate, Store(store / "changes")))
    return made


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
        yield Batch.of(compose(tables, Guard()), "row_rejects", table)
