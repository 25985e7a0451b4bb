"""The main job: from repos to a dataset folder."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.config import Pipeline
from corpus.dedup.judge import judge_corpus
from corpus.errors import TunesmithError, UsageError
from corpus.extract.stage import ExtractStage
from corpus.publish.card import card
from corpus.publish.croissant import write_croissant
from corpus.publish.forget import lines_to_forget
from corpus.publish.manifest import write_manifest
from corpus.publish.parquet import DatasetWriter, number_files
from corpus.publish.publish import PUBLISHED
from corpus.render.stage import ComposeStage, load_templates
from corpus.report.figures import gather, write_clusters, write_rejects
from corpus.report.summary import Summary
from corpus.run.engine import Sink, Stage, run_stage
from corpus.run.output import WORK, output_folder
from corpus.run.plan import Plan, plan
from corpus.run.progress import Stages
from corpus.safety.gate import save_policy
from corpus.safety.licenses import LicensePolicy
from corpus.safety.scrub import Scrubber
from corpus.safety.tombstones import (
    TOMBSTONES,
    Forgotten,
    Tombstone,
    load_tombstones,
    save_tombstones,
)
from corpus.sources import Source, open_sources
from corpus.sources.git import GitReader
from corpus.store import Store


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
    with output_folder(out, overwrite=overwrite) as folder, Stages(quiet=quiet) as stages:
        scrubber = Scrubber.of(pipeline.safety)
        tombstones = _tombstones(pipeline, out)
        licenses = LicensePolicy(pipeline.safety.licenses)
        work = _Build(
            pipeline, folder, workers or os.cpu_count() or 1, stages, scrubber, licenses, tombstones
        )
        summary = work.run()
        _keep_memory(out, folder)
        return summary


@dataclass(frozen=True)
class _Build:
    pipeline: Pipeline
    folder: Path
    workers: int
    stages: Stages
    scrubber: Scrubber
    licenses: LicensePolicy
    tombstones: list[Tombstone]

    @property
    def store(self) -> Store:
        return Store(self.folder / WORK / "stages")

    def run(self) -> Summary:
        clones = self.folder / WORK / "clones"
        with self.stages.stage("list"):
            # The rules of the scan are compiled once on a machine: not by every worker at once.
            self.scrubber.find(b"")
            sources = open_sources(self.pipeline.repos, clones)
            planned = plan(sources, self.pipeline, self.store)
        readers = {source.name: source.reader for source in sources}
        self._map(
            ExtractStage(
                readers, self.pipeline.files, self.pipeline.dedup, self.scrubber, self.licenses
            ),
            planned,
            self.store,
            "files",
        )
        if not any(rows.num_rows for rows in self.store.shards("files")):
            raise TunesmithError(_nothing_to_read(self.store))
        with self.stages.stage("dedup"):
            judge_corpus(self.store, self.pipeline.dedup, self.pipeline.splits)
        writer = DatasetWriter(self.folder, self.store)
        stage = ComposeStage(self.pipeline, self.scrubber, self._forgotten(sources))
        self._map(stage, planned, writer, "functions")
        name = " + ".join(source.name for source in sources)
        summary = self._finish(name, sources)
        shutil.rmtree(clones, ignore_errors=True)
        shutil.rmtree(self.store.root)
        return summary

    def _map(self, stage: Stage, planned: Plan, sink: Sink, unit: str) -> None:
        total = planned.files if unit == "files" else None
        with self.stages.stage(stage.name, total, unit) as bar:
            for done in run_stage(stage, range(planned.shards), self.store, sink, self.workers):
                bar.advance(planned.files_in(done.shard) if total else done.rows[unit])

    def _forgotten(self, sources: list[Source]) -> Forgotten:
        clones = {
            source.name: (source.reader.git_dir, source.commit)
            for source in sources
            if isinstance(source.reader, GitReader) and source.commit
        }
        return Forgotten(self.tombstones, lines_to_forget(self.tombstones, clones))

    def _finish(self, name: str, sources: list[Source]) -> Summary:
        with self.stages.stage("finish"):
            rows = number_files(self.folder)
            rejects = self.folder / WORK / "rejects.parquet"
            write_rejects(self.store, rejects)
            if self.tombstones:
                save_tombstones(self.folder / WORK / TOMBSTONES, self.tombstones)
            save_policy(self.scrubber.policy, self.scrubber.allowed, self.folder / WORK)
            write_clusters(self.store, self.folder / WORK / "clusters.parquet")
        summary = gather(
            self.store,
            self.folder,
            rejects,
            sources,
            self.pipeline.tasks,
            rows,
            self.stages.seconds,
        )
        resolved = _resolved(self.pipeline, sources)
        write_croissant(self.folder, name, summary)
        (self.folder / "README.md").write_text(card(name, summary, resolved), "utf-8")
        write_manifest(self.folder, summary, resolved)
        return summary


def _tombstones(pipeline: Pipeline, out: Path) -> list[Tombstone]:
    """Return what was taken down from the dataset that this build replaces, or that it is told."""
    told = load_tombstones(Path(pipeline.safety.forgotten)) if pipeline.safety.forgotten else []
    return list(dict.fromkeys([*load_tombstones(out / WORK / TOMBSTONES), *told]))


def _keep_memory(out: Path, folder: Path) -> None:
    """Take over what the dataset that is replaced knew of where it was published."""
    if (out / WORK / PUBLISHED).is_file():
        shutil.copyfile(out / WORK / PUBLISHED, folder / WORK / PUBLISHED)


def _resolved(pipeline: Pipeline, sources: list[Source]) -> dict[str, Any]:
    """Return the pipeline as it was run: repos by name and commit, never by a local path.

    Nor does it say what the policy keeps secret: internal hosts, and texts that may stand.
    """
    private = dict.fromkeys(("internal_hosts", "benchmarks", "allowed", "forgotten"), True)
    resolved = pipeline.model_dump(
        mode="json", exclude={"repos": True, "templates": True, "safety": private}
    )
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
