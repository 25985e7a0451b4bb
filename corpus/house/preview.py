"""Renders a few rows of a task: of what a build mined, or else of a few files or commits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from corpus.config import Pipeline
from corpus.errors import UsageError
from corpus.house.built import built_rows
from corpus.house.files import NEWEST, Batches
from corpus.render.pairs import load_templates
from corpus.run.cache import Cache, default_root
from corpus.run.cached import CachedStore
from corpus.run.mined import Mined
from corpus.safety.rows import RowGate
from corpus.safety.scrub import Scrubber
from corpus.sources import open_sources
from corpus.tasks.base import Change
from corpus.tasks.registry import tasks_of
from corpus.tasks.security import Audited

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
    pipeline: Pipeline,
    n: int,
    template: str = "",
    *,
    cache: Path | None = None,
    on_unbuilt: Callable[[], None] = lambda: None,
) -> Preview:
    """Return ``n`` rows of ``pipeline``'s tasks, fewer where a repo has no more.

    Where the repos were built with these settings, whatever the templates, rows are of what is in
    the cache. Elsewhere a few files or the newest commits are read, which takes longer, so that
    ``on_unbuilt`` is called first: what a build would leave out as copies, and the definitions that
    it would show, take the whole repo. In both cases rows are from
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
        mined = Mined.find(CachedStore(work / "built", cached), pipeline, sources, gate.scrubber)
        readers = {source.name: source.reader for source in sources}
        batches = built_rows(mined, pipeline, gate, readers)
        is_built = batches is not None
        if batches is None:
            on_unbuilt()
            from corpus.house.read import read_rows  # all that a build does, and its imports

            batches = read_rows(sources, pipeline, gate, work, whole=not template)
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
