"""The main job: from repos to a dataset folder."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

from corpus.config import Pipeline
from corpus.context.lookup import LOOKED_UP, find_contexts
from corpus.context.places import LISTED, list_places
from corpus.dedup.judge import JUDGED, judge_corpus, newest_first
from corpus.errors import TunesmithError, UsageError
from corpus.extract.stage import ExtractStage
from corpus.fingerprint import fingerprint
from corpus.guard import Limits
from corpus.links.view import TestViews
from corpus.lint.ruff import check_rules
from corpus.process import give_back_freed
from corpus.publish.forget import what_to_forget
from corpus.render.pairs import load_templates
from corpus.render.stage import ComposeStage
from corpus.report.summary import Summary
from corpus.run.cache import Cache, LostError, default_root
from corpus.run.cached import CachedStore
from corpus.run.cluster import RayEngine
from corpus.run.finish import finish, keep_memory, write_rows
from corpus.run.licenses import LICENSED, identify_licenses, list_license_files
from corpus.run.local import LocalEngine
from corpus.run.mine import link_tests, mine_history, takes_changes, takes_links
from corpus.run.mined import remember_mined
from corpus.run.output import WORK, output_folder
from corpus.run.plan import plan
from corpus.run.progress import Stages
from corpus.run.stages import Engine
from corpus.run.work import Work
from corpus.safety.licenses import LicensePolicy
from corpus.safety.rows import RowGate
from corpus.safety.scrub import Scrubber
from corpus.safety.tombstones import (
    TOMBSTONES,
    Forgotten,
    Tombstone,
    load_tombstones,
)
from corpus.sources import Source, open_sources
from corpus.sources.git import GitReader, GitSource
from corpus.store import Store
from corpus.tasks.audit import load_remedies
from corpus.tasks.policies import load_policies

_ALL = 2**31 - 1  # commits: git takes this depth for all there are


def build(
    pipeline: Pipeline,
    out: Path,
    *,
    workers: int | None = None,
    cache: Path | None = None,
    overwrite: bool = False,
    quiet: bool = True,
) -> Summary:
    """Build the dataset folder ``out`` from the repos of ``pipeline``.

    The same repos at the same commits and the same pipeline give the same published bytes, on any
    machine, with any number of workers (by default one per processor), and whatever is in the
    folder ``cache`` (by default ``cache.default_root()``). Raises UsageError for a request that
    can't be met, TunesmithError for work that failed; ``out`` is then as it was.
    """
    if not pipeline.repos:
        raise UsageError("no repo to read: give --repo, or repos in the pipeline file")
    give_back_freed()
    _find_faults(pipeline)
    cached = Cache(cache or default_root())
    begin = partial(_build, pipeline, out, workers, cached, overwrite=overwrite, quiet=quiet)
    try:
        return begin()
    except LostError:
        return begin(is_eager=True)  # what the cache has lost is found out first, and made again


def _build(
    pipeline: Pipeline,
    out: Path,
    workers: int | None,
    cached: Cache,
    *,
    overwrite: bool,
    quiet: bool,
    is_eager: bool = False,
) -> Summary:
    with (
        output_folder(out, overwrite=overwrite) as folder,
        cached.scratch() as scratch,
        closing(_engine(pipeline, workers, cached)) as engine,
        Stages(quiet=quiet) as stages,
    ):
        scrubber = Scrubber.of(pipeline.safety)
        tombstones = _tombstones(pipeline, out)
        with stages.stage("open"):
            # One more, so that the oldest commit has something to be compared with.
            commits = pipeline.history.max_commits if takes_changes(pipeline.tasks) else 0
            depth = _ALL if pipeline.splits.by == "time" else 1 + commits
            sources = open_sources(pipeline.repos, scratch / "clones", depth)
        work = Work(
            pipeline,
            folder,
            CachedStore(scratch / "stages", cached, is_eager),
            engine,
            stages,
            RowGate(scrubber, _forgotten(tombstones, sources)),
            {source.name: source.commit for source in sources},
        )
        _make_rows(work, sources)
        remember_mined(work, sources, is_dated=takes_changes(pipeline.tasks))
        write_rows(work)
        summary = finish(work, sources, tombstones)
        keep_memory(out, folder)
    cached.prune(pipeline.cache.max_bytes)
    return summary


def _engine(pipeline: Pipeline, workers: int | None, cached: Cache) -> Engine:
    limits = Limits(memory=pipeline.worker_memory)
    if pipeline.engine == "ray":
        return RayEngine(pipeline.ray_address, limits)
    is_first = next(cached.entries(), None) is None
    return LocalEngine(workers or os.cpu_count() or 1, limits, is_needed=is_first)


def _find_faults(pipeline: Pipeline) -> None:
    """Load all that is the user's own, so that its faults show before the work starts."""
    if pipeline.templates:
        load_templates.cache_clear()  # a notebook builds again after a template was changed
    load_templates(pipeline.templates, tuple(pipeline.tasks))
    if "policy" in pipeline.tasks:
        load_policies(pipeline.templates)
    if "security" in pipeline.tasks:
        load_remedies(pipeline.templates)
    if pipeline.refactor.ruff:
        check_rules(pipeline.refactor.ruff)


def _make_rows(work: Work, sources: Sequence[Source]) -> None:
    pipeline, store, gate = work.pipeline, work.store, work.gate
    readers = {source.name: source.reader for source in sources}
    with work.stages.stage("list"):
        listed = {source: list(source.entries()) for source in sources}
        list_license_files(listed, store)
    work.once("list", LICENSED, "", lambda store: identify_licenses(store, readers))
    with work.stages.stage("list"):
        planned = plan(listed, pipeline, store)
    licenses = LicensePolicy(pipeline.safety.licenses)
    look = TestViews() if takes_links(pipeline.tasks) else None
    work.run(
        ExtractStage(
            readers,
            pipeline.files,
            pipeline.dedup,
            gate.scrubber,
            licenses,
            look,
            has_history=takes_changes(pipeline.tasks),
        ),
        planned.shards,
        "files",
        total=planned.files,
        advance=lambda done: planned.files_in(done.shard),
    )
    if not any(rows.num_rows for rows in store.shards("files")):
        raise TunesmithError(_nothing_to_read(store))
    newest = newest_first({source.name: source.date for source in sources})
    touched = _touched(pipeline, sources)
    work.once(
        "dedup",
        JUDGED,
        fingerprint(pipeline.dedup, pipeline.splits, newest, touched),
        lambda store: judge_corpus(store, pipeline.dedup, pipeline.splits, newest, touched),
    )
    work.once("places", LISTED, "", list_places)
    context = pipeline.context
    work.once(
        "context", LOOKED_UP, fingerprint(context), lambda store: find_contexts(store, context)
    )
    mine_history(work, sources, planned)
    work.run(ComposeStage(pipeline, gate), planned.shards, "published_functions")
    link_tests(work, planned)


def _touched(pipeline: Pipeline, sources: Sequence[Source]) -> dict[str, frozenset[str]]:
    """Return the paths by repo that are held out since they were changed of late."""
    day = pipeline.splits.test_since
    if day is None:
        return {}
    for source in sources:
        if not isinstance(source, GitSource):
            raise UsageError(f"splits: `by: time` needs git repos, and {source.where} is a folder")
    return {s.name: s.changed_since(day) for s in sources if isinstance(s, GitSource)}


def _tombstones(pipeline: Pipeline, out: Path) -> list[Tombstone]:
    """Return what was taken down from the dataset that this build replaces, or that it is told."""
    told = load_tombstones(Path(pipeline.safety.forgotten)) if pipeline.safety.forgotten else []
    return list(dict.fromkeys([*load_tombstones(out / WORK / TOMBSTONES), *told]))


def _forgotten(tombstones: list[Tombstone], sources: Sequence[Source]) -> Forgotten:
    clones = {
        source.name: (source.reader.git_dir, source.commit)
        for source in sources
        if isinstance(source.reader, GitReader) and source.commit
    }
    heads = {source.name: source.commit for source in sources}
    return replace(what_to_forget(tombstones, clones), heads=heads)


def _nothing_to_read(store: Store) -> str:
    reasons: Counter[str] = Counter()
    for table in ("path_rejects", "file_rejects"):
        for rejects in store.shards(table):
            reasons.update(rejects["reason"].to_pylist())
    counts = [f"{count} {reason}" for reason, count in sorted(reasons.items())]
    found = f"left out: {', '.join(counts)}" if counts else "there is no file at all"
    return f"no source file to read; {found}"
