"""What a build will cost, told from samples of the files and of their history.

These are extracted and compared as a build would, on this machine; what the other stages cost
beside that was measured once (``docs/scale.md``).
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from corpus.config import Pipeline
from corpus.errors import UsageError
from corpus.extract.stage import ExtractStage
from corpus.guard import Guard
from corpus.history.plan import plan_history
from corpus.history.stage import ChangesStage
from corpus.report.summary import Estimate
from corpus.run.licenses import identify_licenses, list_license_files
from corpus.run.mine import takes_changes, takes_links
from corpus.run.plan import Plan, plan
from corpus.run.stages import apply_stage
from corpus.safety.licenses import LicensePolicy
from corpus.safety.scrub import Scrubber
from corpus.sources import Source, open_sources
from corpus.sources.git import GitSource
from corpus.store import Store

_SAMPLE_BYTES = 2_000_000
_MEASURED = ("language", "size")
_SAMPLE_REVISIONS = 200
# In units of what extraction costs: rows from docs, dedup and writing; linking tests and making
# rows of them. In units of what comparing the versions costs: all that is done with history.
_DOCS, _TESTS, _HISTORY = 0.8, 0.8, 1.2
# Bytes: a process with its libraries and rules, what a function adds to the one that holds the
# corpus together; what lies on disk for each byte of source, and for each commit.
_PROCESS, _PER_FUNCTION = 350_000_000, 2_500
_CACHE, _DATASET, _CACHE_COMMIT = 10.0, 1.0, 25_000


def estimate(pipeline: Pipeline, workers: int | None = None) -> Estimate:
    """Estimate a build from cold. Raises UsageError and SourceError as a build does."""
    if not pipeline.repos:
        raise UsageError("no repo to read: give --repo, or repos in the pipeline file")
    workers = workers or os.cpu_count() or 1
    with TemporaryDirectory(prefix="tunesmith-") as work:
        sources = open_sources(pipeline.repos, Path(work, "clones"), depth=_depth(pipeline))
        store = Store(Path(work, "stages"))
        listed = {source: list(source.entries()) for source in sources}
        list_license_files(listed, store)
        identify_licenses(store, {source.name: source.reader for source in sources})
        planned = plan(listed, pipeline, store)
        files: dict[str, int] = defaultdict(int)
        sizes: dict[str, int] = defaultdict(int)
        for blobs in store.shards("blobs"):
            for language, size in zip(*(blobs[c].to_pylist() for c in _MEASURED), strict=True):
                files[language] += 1
                sizes[language] += size
        total = sum(sizes.values())
        seconds, functions = _sample(sources, pipeline, store, planned.shards, total)
        commits, comparing = _sample_history(sources, pipeline, store, planned)
    stages = {"extraction": seconds, "docs, dedup, writing": _DOCS * seconds}
    if takes_links(pipeline.tasks):
        stages["tests"] = _TESTS * seconds
    if commits:
        stages["history"] = _HISTORY * comparing
    return Estimate(
        files=dict(sorted(files.items())),
        bytes=dict(sorted(sizes.items())),
        commits=commits,
        functions=functions,
        seconds=stages,
        workers=workers,
        memory=_PROCESS * (1 + (workers if workers > 1 else 0)) + _PER_FUNCTION * functions,
        cache=int(_CACHE * total) + _CACHE_COMMIT * commits,
        dataset=int(_DATASET * total),
    )


def _depth(pipeline: Pipeline) -> int:
    return 1 + (pipeline.history.max_commits if takes_changes(pipeline.tasks) else 0)


def _sample(
    sources: Sequence[Source], pipeline: Pipeline, store: Store, shards: int, total: int
) -> tuple[float, int]:
    """Return the CPU seconds and the functions of all shards, going by some from all over."""
    readers = {source.name: source.reader for source in sources}
    scrubber = Scrubber.of(pipeline.safety)
    licenses = LicensePolicy(pipeline.safety.licenses)
    stage = ExtractStage(readers, pipeline.files, pipeline.dedup, scrubber, licenses)
    if shards:  # what is done once is not measured: grammars, rules
        apply_stage(stage, {"blobs": store.read("blobs", 0).slice(0, 1)}, Guard())
    read = functions = 0
    started = time.process_time()
    for shard in range(0, shards, max(1, total // _SAMPLE_BYTES)):
        blobs = store.read("blobs", shard)
        functions += apply_stage(stage, {"blobs": blobs}, Guard())["functions"].num_rows
        read += sum(blobs["size"].to_pylist())
    share = total / read if read else 0.0
    return (time.process_time() - started) * share, int(functions * share)


def _sample_history(
    sources: Sequence[Source], pipeline: Pipeline, store: Store, planned: Plan
) -> tuple[int, float]:
    """Return how many commits are read, and the CPU seconds that comparing their files takes."""
    repos = [source for source in sources if isinstance(source, GitSource)]
    if not repos or not takes_changes(pipeline.tasks):
        return 0, 0.0
    sizes = plan_history(repos, planned.rules, pipeline.history, store)
    stage = ChangesStage({source.name: source.reader for source in repos}, pipeline)
    read, started = 0, time.process_time()
    for shard in range(0, len(sizes), max(1, sum(sizes) // _SAMPLE_REVISIONS)):
        apply_stage(stage, {name: store.read(name, shard) for name in stage.inputs}, Guard())
        read += sizes[shard]
    seconds = (time.process_time() - started) * sum(sizes) / max(1, read)
    return sum(source.count_commits(pipeline.history.max_commits) for source in repos), seconds
