"""What mining a history costs beside what it can't do without, in CPU time.

``python -m tests.benchmarks.history_vs_parse REPO [COMMITS] [EVERY]`` lists the commits with one
``git log --raw``, then reads and parses every distinct blob that they changed, and nothing else;
then mines. ``EVERY`` takes only each so many shard, on both sides.
"""

from __future__ import annotations

import gc
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import process_time
from typing import Any

from corpus.config import History, Pipeline, Repo
from corpus.extract.functions import _grammar
from corpus.guard import Guard
from corpus.history.plan import plan_history
from corpus.history.stage import ChangesStage
from corpus.languages import LANGUAGES
from corpus.run.licenses import identify_licenses, list_license_files
from corpus.run.plan import plan
from corpus.sources import open_sources
from corpus.sources.base import Reader
from corpus.store import Store


def main(repo: str, commits: int, every: int) -> None:
    """Print the two costs, and one as a multiple of the other."""
    pipeline = Pipeline(history=History(max_commits=commits))
    for language in LANGUAGES.values():
        language.load_grammar()
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "store")
        (source,) = open_sources([Repo(where=repo)], Path(folder) / "clones", commits)
        listed = {source: list(source.entries())}
        list_license_files(listed, store)
        identify_licenses(store, {source.name: source.reader})
        rules = plan(listed, pipeline, store).rules
        start = _cpu()
        sizes = plan_history([source], rules, pipeline.history, store)
        listed = _cpu() - start
        stage = ChangesStage({source.name: source.reader}, pipeline)
        shards = range(0, len(sizes), every)
        mined = parsed = 0.0
        blobs = 0
        for shard in shards:
            rows = store.read("revisions", shard)
            start = _cpu()
            blobs += _parse(rows.to_pylist(), source.reader)
            parsed += _cpu() - start
            start = _cpu()
            gc.disable()  # as it is where stages run
            stage({"revisions": rows}, Guard())
            gc.enable()
            mined += _cpu() - start
    log = _log(repo, source.commit, commits)
    floor = log * len(shards) / len(sizes) + parsed
    cost = listed * len(shards) / len(sizes) + mined
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{repo}: {commits} commits, {blobs:,} blobs, {sum(sizes):,} revisions, peak {peak} MB")
    print(
        f"  git log --raw {log:.1f} s, plan {listed:.1f} s; of {len(shards)}/{len(sizes)} shards:"
    )
    print(
        f"  parse {parsed:.1f} s, mine {mined:.1f} s; {cost:.1f} / {floor:.1f} = {cost / floor:.2f}"
    )


def _parse(revisions: list[dict[str, Any]], reader: Reader) -> int:
    wanted = {}
    for row in revisions:
        for path, blob in (("parent_path", "parent_blob_id"), ("path", "blob_id")):
            if row[blob]:
                wanted[row[blob]] = row[path], row["language"]
    read = reader.read([(path, blob) for blob, (path, _) in wanted.items()])
    for content, (_, language) in zip(read, wanted.values(), strict=True):
        if content:
            _grammar(language).parser.parse(content)
    return len(wanted)


def _log(repo: str, commit: str, commits: int) -> float:
    start = _cpu()
    command = ["git", "-C", repo, "log", "--raw", "-z", "--no-merges", "-M", f"-n{commits}", commit]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return _cpu() - start


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return process_time() + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    where, *numbers = sys.argv[1:]
    main(where, *map(int, (*numbers, 2_000, 1)[:2] if not numbers else (*numbers, 1)[:2]))
