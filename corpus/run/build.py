"""The main job: from repos to a dataset folder."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.config import Pipeline
from corpus.context.lookup import find_contexts
from corpus.dedup.judge import judge_corpus
from corpus.errors import TunesmithError, UsageError
from corpus.extract.stage import ExtractStage
from corpus.history.judge import judge_changes
from corpus.history.plan import plan_history
from corpus.history.stage import ChangesStage
from corpus.links.link import link_corpus
from corpus.links.pair import pair_corpus
from corpus.links.stage import TestsStage
from corpus.publish.card import card
from corpus.publish.manifest import write_manifest
from corpus.publish.mix import mix_rows
from corpus.publish.parquet import DatasetWriter, number_files
from corpus.render.changes import ComposeChangesStage
from corpus.render.pairs import load_templates
from corpus.render.stage import ComposeStage
from corpus.render.tests import ComposeTestsStage
from corpus.report.figures import gather, write_clusters, write_links, write_rejects
from corpus.report.glance import write_glance
from corpus.report.summary import Summary
from corpus.run.engine import Sink, Stage, run_stage
from corpus.run.output import WORK, output_folder
from corpus.run.plan import Plan, plan
from corpus.run.progress import Stages
from corpus.sources import Source, open_sources
from corpus.sources.git import GitSource
from corpus.store import Store
from corpus.tasks.audit import load_remedies
from corpus.tasks.base import Change, Documented, Mutated, Specified, Tested
from corpus.tasks.policies import load_policies
from corpus.tasks.registry import tasks_of


def build(
    pipeline: Pipeline,
    out: Path,
    *,
    workers: int | None = None,
    overwrite: bool = False,
    quiet: bool = True,
) -> Summary:
    """Build the dataset folder ``out`` from the repos of ``pipeline``.

    The same repos at the same commits and the same pipeline give the same published bytes, on any
    machine and with any number of workers (by default one per processor). Raises UsageError for a
    request that can't be met, TunesmithError for work that failed; ``out`` is then as it was.
    """
    if not pipeline.repos:
        raise UsageError("no repo to read: give --repo, or repos in the pipeline file")
    load_templates(pipeline.templates, tuple(pipeline.tasks))  # faults show before the work starts
    if "policy" in pipeline.tasks:
        load_policies(pipeline.templates)
    if "security" in pipeline.tasks:
        load_remedies(pipeline.templates)
    with output_folder(out, overwrite=overwrite) as folder, Stages(quiet=quiet) as stages:
        work = _Build(pipeline, folder, workers or os.cpu_count() or 1, stages)
        return work.run()


@dataclass(frozen=True)
class _Build:
    pipeline: Pipeline
    folder: Path
    workers: int
    stages: Stages

    @property
    def store(self) -> Store:
        return Store(self.folder / WORK / "stages")

    @property
    def _has_change_tasks(self) -> bool:
        return bool(tasks_of(Change, self.pipeline.tasks))

    def run(self) -> Summary:
        clones = self.folder / WORK / "clones"
        with self.stages.stage("list"):
            # One more, so that the oldest commit has something to be compared with.
            depth = 1 + (self.pipeline.history.max_commits if self._has_change_tasks else 0)
            sources = open_sources(self.pipeline.repos, clones, depth)
            planned = plan(sources, self.pipeline, self.store)
        readers = {source.name: source.reader for source in sources}
        extract = ExtractStage(readers, self.pipeline.files, self.pipeline.dedup)
        self._map(extract, planned, self.store, "files")
        if not any(rows.num_rows for rows in self.store.shards("files")):
            raise TunesmithError(_nothing_to_read(self.store))
        with self.stages.stage("dedup"):
            judge_corpus(self.store, self.pipeline.dedup, self.pipeline.splits)
        with self.stages.stage("context"):
            find_contexts(self.store, self.pipeline.context)
        writer = DatasetWriter(self.folder, self.store)
        self._map(ComposeStage(self.pipeline), planned, writer, "functions")
        self._mine(sources, planned)
        if self._links:
            self._link(planned)
        name = " + ".join(source.name for source in sources)
        summary = self._finish(name, sources)
        shutil.rmtree(clones, ignore_errors=True)
        shutil.rmtree(self.store.root)
        return summary

    def _mine(self, sources: list[Source], planned: Plan) -> None:
        """Mine the commits of the git repos, if a task is asked for that takes changes."""
        repos = [source for source in sources if isinstance(source, GitSource)]
        if not repos or not self._has_change_tasks:
            return
        with self.stages.stage("commits", unit="commits"):
            sizes = plan_history(repos, planned.rules, self.pipeline.history, self.store)
        readers = {source.name: source.reader for source in repos}
        stage = ChangesStage(readers, self.pipeline)
        with self.stages.stage(stage.name, sum(sizes), "files") as bar:
            for done in run_stage(stage, range(len(sizes)), self.store, self.store, self.workers):
                bar.advance(sizes[done.shard])
        with self.stages.stage("judge"):
            judge_changes(self.store, self.pipeline)
        compose, writer = (
            ComposeChangesStage(self.pipeline),
            DatasetWriter(self.folder, self.store, 1),
        )
        with self.stages.stage(compose.name, unit="changes") as bar:
            for done in run_stage(compose, range(len(sizes)), self.store, writer, self.workers):
                bar.advance(done.rows["changes"])

    @property
    def _links(self) -> bool:
        return any(tasks_of(kind, self.pipeline.tasks) for kind in (Tested, Specified, Mutated))

    def _link(self, planned: Plan) -> None:
        """Link tests to functions, and make rows of both."""
        settings = self.pipeline.tests
        self._map(TestsStage(settings.max_lines), planned, self.store, "test_units")
        with self.stages.stage("link"):
            link_corpus(self.store)
            pair_corpus(self.store, settings)
        writer = DatasetWriter(self.folder, self.store, order=2)
        self._map(ComposeTestsStage(self.pipeline), planned, writer, "instructions")

    def _map(self, stage: Stage, planned: Plan, sink: Sink, unit: str) -> None:
        total = planned.files if unit == "files" else None
        with self.stages.stage(stage.name, total, unit) as bar:
            for done in run_stage(stage, range(planned.shards), self.store, sink, self.workers):
                bar.advance(planned.files_in(done.shard) if total else done.rows[unit])

    def _finish(self, name: str, sources: list[Source]) -> Summary:
        with self.stages.stage("mix"):
            doc_tasks = [task.name for task in tasks_of(Documented, self.pipeline.tasks)]
            mixed = mix_rows(self.folder, self.store, self.pipeline.mix, doc_tasks)
        with self.stages.stage("finish"):
            rows = number_files(self.folder)
            rejects = self.folder / WORK / "rejects.parquet"
            write_rejects(self.store, rejects)
            write_clusters(self.store, self.folder / WORK / "clusters.parquet")
            if self._links:
                write_links(self.store, self.folder / WORK / "links.parquet")
        summary = gather(
            self.store,
            self.folder,
            rejects,
            sources,
            self.pipeline.tasks,
            rows,
            self.stages.seconds,
            mixed,
        )
        resolved = _resolved(self.pipeline, sources)
        glance = write_glance(self.folder, summary)
        (self.folder / "README.md").write_text(card(name, summary, resolved, glance), "utf-8")
        templates = load_templates(self.pipeline.templates, tuple(self.pipeline.tasks))
        write_manifest(self.folder, summary, resolved, templates.shapes())
        return summary


def _resolved(pipeline: Pipeline, sources: list[Source]) -> dict[str, Any]:
    """Return the pipeline as it was run: repos by name and commit, never by a local path."""
    resolved = pipeline.model_dump(mode="json", exclude={"repos", "templates"})
    repos = [{"name": source.name, "revision": source.commit} for source in sources]
    return {"repos": repos, **resolved}


def _nothing_to_read(store: Store) -> str:
    reasons: Counter[str] = Counter()
    for table in ("path_rejects", "file_rejects"):
        for rejects in store.shards(table):
            reasons.update(rejects["reason"].to_pylist())
    counts = [f"{count} {reason}" for reason, count in sorted(reasons.items())]
    found = f"left out: {', '.join(counts)}" if counts else "there is no file at all"
    return f"no source file to read; {found}"
