"""Renders rows of a repo that was not built: of a few of its files, or of its newest commits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from corpus.config import Pipeline
from corpus.context.lookup import find_contexts
from corpus.context.places import list_places
from corpus.guard import Guard
from corpus.history.freshness import date_docs
from corpus.house.built import SUSPICIOUS
from corpus.house.changes import preview_changes
from corpus.house.files import Batch, Batches, RepoFiles, groups
from corpus.house.tests import preview_tests
from corpus.render.stage import ComposeStage
from corpus.safety.rows import RowGate
from corpus.sources import Source
from corpus.store import Store
from corpus.tasks.base import Change, Mutated, Specified, Tested
from corpus.tasks.registry import tasks_of
from corpus.tasks.security import Audited

_FILES_AT_A_TIME = 12
_AUDITED_AT_A_TIME = 3
_SUSPICIOUS = re.compile(SUSPICIOUS.encode())


def read_rows(
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


def _rows_of_files(files: RepoFiles, pipeline: Pipeline, gate: RowGate, store: Store) -> Batches:
    compose = ComposeStage(pipeline, gate)
    table = "knowledge" if pipeline.tasks == ["knowledge"] else "doc_examples"
    paths: Iterable[str] = files.languages
    size = _FILES_AT_A_TIME
    if tasks_of(Audited, pipeline.tasks):  # which takes long for a file, and few make rows
        paths, size = files.holding(_SUSPICIOUS, "python"), _AUDITED_AT_A_TIME
    for group in groups(paths, size):
        files.read(group, store)
        list_places(store)
        find_contexts(store, pipeline.context)
        date_docs(store)
        tables = {name: store.read(name, 0) for name in compose.inputs}
        yield Batch.of(compose(tables, Guard()), "row_rejects", table)
