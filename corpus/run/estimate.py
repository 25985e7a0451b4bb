"""What a build will cost, told from a sample of the files and from measured ratios.

The sample is extracted as a build would, on this machine; what the other stages cost beside
extraction was measured once (``docs/scale.md``).
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
from corpus.report.summary import Estimate
from corpus.run.licenses import identify_licenses, list_license_files
from corpus.run.mine import takes_changes, takes_links
from corpus.run.plan import plan
from corpus.run.stages import apply_stage
from corpus.safety.licenses import LicensePolicy
from corpus.safety.scrub import Scrubber
from corpus.sources import Source, open_sources
from corpus.sources.git import GitSource
from corpus.store import Store

_SAMPLE_BYTES = 2_000_000
_MEASURED = ("language", "size")
# In units of what extraction costs: rows from docs, dedup and writing; linking tests and making
# rows of them; and a commit, in units of what an average file costs.
_DOCS, _TESTS, _COMMIT = 0.75, 1.0, 3.0
# Bytes: a process with its libraries and rules, what a function adds to the one that holds the
# corpus together, and what lies on disk for each byte of source.
_PROCESS, _PER_FUNCTION = 350_000_000, 4_000
_CACHE, _DATASET = 10.0, 1.0


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
        shards = plan(listed, pipeline, store).shards
        files: dict[str, int] = defaultdict(int)
        sizes: dict[str, int] = defaultdict(int)
        for blobs in store.shards("blobs"):
            for language, size in zip(*(blobs[c].to_pylist() for c in _MEASURED), strict=True):
                files[language] += 1
                sizes[language] += size
        seconds, functions = _sample(sources, pipeline, store, shards, sum(sizes.values()))
        commits = _commits(sources, pipeline)
    total = sum(sizes.values())
    per_file = seconds / max(1, sum(files.values()))
    stages = {"extraction": seconds, "docs, dedup, writing": _DOCS * seconds}
    if takes_links(pipeline.tasks):
        stages["tests"] = _TESTS * seconds
    if commits:
        stages["history"] = _COMMIT * per_file * commits
    return Estimate(
        files=dict(sorted(files.items())),
        bytes=dict(sorted(sizes.items())),
        commits=commits,
        functions=functions,
        seconds=stages,
        workers=workers,
        memory=_PROCESS * (1 + (workers if workers > 1 else 0)) + _PER_FUNCTION * functions,
        cache=int(_CACHE * total),
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


def _commits(sources: Sequence[Source], pipeline: Pipeline) -> int:
    if not takes_changes(pipeline.tasks):
        return 0
    repos = (source for source in sources if isinstance(source, GitSource))
    return sum(source.count_commits(pipeline.history.max_commits) for source in repos)
