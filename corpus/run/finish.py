"""From rendered rows to the files of a dataset folder."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from corpus.config import NOT_OF_ROWS, Pipeline
from corpus.fingerprint import fingerprint
from corpus.publish.card import card
from corpus.publish.changes import PUBLISHED
from corpus.publish.croissant import write_croissant
from corpus.publish.manifest import digests, write_manifest
from corpus.publish.mix import mix_rows
from corpus.publish.parquet import TABLES, number_files
from corpus.render.pairs import load_templates
from corpus.report.figures import COUNTED, count_corpus, gather, write_private
from corpus.report.glance import write_glance
from corpus.report.summary import Summary
from corpus.run.output import WORK
from corpus.run.work import Work
from corpus.safety.gate import save_policy
from corpus.safety.tombstones import (
    TOMBSTONES,
    Tombstone,
    save_tombstones,
)
from corpus.sources import Source
from corpus.tasks.base import Documented
from corpus.tasks.registry import tasks_of


def write_rows(work: Work) -> None:
    """Decide which rows stay, and write the published files."""
    mix, examples = work.pipeline.mix, TABLES["instructions"]
    doc_tasks = [task.name for task in tasks_of(Documented, work.pipeline.tasks)]
    work.once(
        "mix",
        examples,
        fingerprint(mix, doc_tasks),
        lambda store: mix_rows(store, examples, mix, doc_tasks),
    )
    for configuration, tables in TABLES.items():
        for order, table in enumerate(tables):
            work.write(configuration, table, order)


def finish(work: Work, sources: Sequence[Source], tombstones: list[Tombstone]) -> Summary:
    """Write what is in the dataset folder besides the rows."""
    pipeline, folder, store, scrubber = work.pipeline, work.folder, work.store, work.gate.scrubber
    work.once("count", COUNTED, "", count_corpus)
    with work.stages.stage("finish"):
        rows = number_files(folder)
        write_private(store, folder / WORK)
        if tombstones:
            save_tombstones(folder / WORK / TOMBSTONES, tombstones)
        save_policy(scrubber.policy, scrubber.allowed, folder / WORK)
    seconds = work.stages.seconds
    summary = gather(store, folder, sources, pipeline.tasks, rows, seconds)
    name = " + ".join(source.name for source in sources)
    resolved = _resolved(pipeline, sources)
    glance = write_glance(folder, summary)
    write_croissant(folder, name, summary)
    text = card(name, summary, resolved, glance, digests(folder, summary.rows))
    (folder / "README.md").write_text(text, "utf-8")
    templates = load_templates(pipeline.templates, tuple(pipeline.tasks))
    write_manifest(folder, summary, resolved, templates.shapes())
    return summary


def keep_memory(out: Path, folder: Path) -> None:
    """Take over what the dataset that is replaced knew of where it was published."""
    if (out / WORK / PUBLISHED).is_file():
        shutil.copyfile(out / WORK / PUBLISHED, folder / WORK / PUBLISHED)


def _resolved(pipeline: Pipeline, sources: Sequence[Source]) -> dict[str, Any]:
    """Return the pipeline as it was run: repos by name and commit, never by a local path.

    Nor does it say what the policy keeps secret: internal hosts, and texts that may stand.
    """
    private = dict.fromkeys(("internal_hosts", "benchmarks", "allowed", "forgotten"), True)
    resolved = pipeline.model_dump(
        mode="json",
        exclude={
            "repos": True,
            "templates": True,
            **dict.fromkeys(NOT_OF_ROWS, True),
            "safety": private,
            "tests": {"verified": True, "commands": True},
        },
    )
    repos = [{"name": source.name, "revision": source.commit} for source in sources]
    return {"repos": repos, **resolved}
