"""Renders rows of changes from a repo's newest commits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow.compute as pc

from corpus.config import History, Pipeline
from corpus.guard import Guard
from corpus.history.judge import judge_changes
from corpus.history.plan import plan_history
from corpus.history.stage import ChangesStage
from corpus.render.changes import ComposeChangesStage
from corpus.safety.rows import RowGate
from corpus.safety.scrub import Scrubber
from corpus.schemas import FUNCTION, VERDICT
from corpus.sources import Source
from corpus.sources.git import GitSource
from corpus.sources.skip import PathRules
from corpus.store import Store

_COMMITS = (40, 160, 640)
# Commits that may be for a task, going by their subject: the others are not worth comparing here.
_LIKELY = {
    "fix": r"(?i)fix|bug|crash|broken|wrong|fail|error|regression|correct|leak|handle",
    "refactor": r"(?i)refactor|simplif|clean|tid[iy]|extract|inlin|renam|dedup|moderni|reuse",
}


def preview_changes(
    source: Source, rules: PathRules, pipeline: Pipeline, store: Store
) -> Iterator[dict[str, Any]]:
    """Yield the rows of the newest commits, and of ever more where those are not enough.

    A plain folder has none.
    """
    if not isinstance(source, GitSource):
        return
    # Which split a change is in hangs on the functions of the whole repo; here none are known.
    store.write("functions", 0, FUNCTION.empty_table())
    store.write("function_verdicts", 0, VERDICT.empty_table())
    seen: set[str] = set()
    for commits in _COMMITS:
        newest = min(commits, pipeline.history.max_commits)
        history = pipeline.history.model_copy(update={"max_commits": newest})
        for row in _rows(source, pipeline, history, rules, store):
            if row["example_id"] not in seen:
                seen.add(row["example_id"])
                yield row


def _rows(
    source: GitSource, pipeline: Pipeline, history: History, rules: PathRules, store: Store
) -> Iterator[dict[str, Any]]:
    shards = plan_history([source], {source.name: rules}, history, store)
    compare = ChangesStage({source.name: source.reader}, pipeline)
    compose = ComposeChangesStage(pipeline, RowGate(Scrubber.of(pipeline.safety)))
    subjects = "|".join(_LIKELY.get(task, "") for task in pipeline.tasks)
    commits = store.read("commits", 0)
    likely = commits.filter(pc.match_substring_regex(commits["subject"], subjects))["commit"]
    for shard in range(len(shards)):
        revisions = store.read("revisions", shard)
        revisions = revisions.filter(pc.is_in(revisions["commit"], likely.combine_chunks()))
        made = compare({"revisions": revisions}, Guard())
        for name, table in made.items():
            store.write(name, shard, table)
    judge_changes(store, pipeline)
    for shard in range(len(shards)):
        tables = {name: store.read(name, shard) for name in compose.inputs}
        yield from compose(tables, Guard())["change_examples"].to_pylist()
