"""Renders rows of changes from a repo's newest commits, looking at no more than that takes."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from corpus.config import Pipeline
from corpus.context.changes import ChangeContextStage
from corpus.context.places import list_places
from corpus.context.plans import plan_change_contexts
from corpus.guard import Guard
from corpus.history.judge import judge_changes
from corpus.history.plan import plan_history
from corpus.history.stage import ChangesStage
from corpus.house.files import NEWEST, Batch, Batches, RepoFiles, groups, run_stage
from corpus.languages import LANGUAGES
from corpus.render.changes import ComposeChangesStage
from corpus.safety.rows import RowGate
from corpus.sources.git import GitSource
from corpus.store import Store
from corpus.tasks.base import Change
from corpus.tasks.mended import MendedStage
from corpus.tasks.registry import tasks_of

_COMMITS_AT_A_TIME = 3
_LARGE = 4  # files: a smaller commit is compared sooner, and makes rows more often
# Commits that may be for a task, going by their subject: the others are not worth comparing here.
_FIX = r"(?i)fix|bug|crash|broken|wrong|fail|error|regression|correct|leak|handle"
_LIKELY = {
    "fix": _FIX,
    "preferences": _FIX,
    "refactor": r"(?i)refactor|simplif|clean|tid[iy]|extract|inlin|renam|dedup|moderni|reuse",
    "update_doc": r"(?i)\bdocs?\b|document|docstring|javadoc|comment|clarif|mention",
    "security": r"(?i)secur|cve|vuln|safe|sanit|escap|inject|shell|subprocess|temp|eval|pickle|yaml"
    r"|hash|md5|sha1|random|ssl|tls|verif|password|except|timeout",
}
_OLDER = 8  # versions of a file: whether a doc is out of date is told by what came before


def preview_changes(files: RepoFiles, pipeline: Pipeline, gate: RowGate, store: Store) -> Batches:
    """Yield the rows of the newest commits that are likely to make some; a plain folder has none.

    Definitions are shown with a fix from the files alone that commits looked at changed.
    """
    seen: set[str] = set()
    for newest in sorted({min(most, pipeline.history.max_commits) for most in NEWEST}):
        yield from _newest(newest, files, pipeline, gate, Store(store.root / str(newest)), seen)


def _newest(
    most: int,
    files: RepoFiles,
    pipeline: Pipeline,
    gate: RowGate,
    store: Store,
    seen: set[str],
) -> Batches:
    """Yield the rows of the newest ``most`` commits, but for those ``seen``, which it adds to."""
    source = files.source
    if not isinstance(source, GitSource):
        return
    history = pipeline.history.model_copy(update={"max_commits": most})
    planned = Store(store.root / "planned")  # stays as it is: what is read from it is mapped
    shards = plan_history([source], {source.name: files.rules}, history, planned)
    if not shards:
        return
    for table in ("commits", "chains"):
        store.write(table, 0, planned.read(table, 0))
    every = planned.read_some("revisions", range(len(shards)))
    if not tasks_of(Change, pipeline.tasks):  # what was mended is looked for in Python alone
        every = every.filter(pc.equal(every["language"], "python"))
    likely = _likely(planned.read("commits", 0), every, pipeline.tasks)
    new = [commit for commit in likely if commit not in seen]
    seen.update(new)
    known: dict[str, None] = {}
    for number, commits in enumerate(groups(new, _COMMITS_AT_A_TIME)):
        of_these = _revisions(every, commits, _OLDER if "update_doc" in pipeline.tasks else 0)
        # What is called is looked for among the functions of these files, as they are today.
        paths = [path for path in files.languages if path in set(of_these["path"].to_pylist())]
        unread = [path for path in paths if not files.languages[path].is_test_path(path)]
        files.read([path for path in unread if path not in known], store, number)
        known |= dict.fromkeys(unread)
        store.write("revisions", 0, of_these)
        yield _rows(source, pipeline, gate, store)


def _revisions(every: pa.Table, commits: list[str], older: int) -> pa.Table:
    """Return the revisions of some commits, each with so many ``older`` ones of its file."""
    chains = every["chain"].to_pylist()
    found = pc.is_in(every["commit"], pa.array(commits, pa.string())).to_pylist()
    places = {
        near  # those of a file follow each other, the newest first
        for place in (place for place, is_wanted in enumerate(found) if is_wanted)
        for near in range(place, min(place + older + 1, len(chains)))
        if chains[near] == chains[place]
    }
    return every.take(pa.array(sorted(places), pa.int64()))


def _likely(commits: pa.Table, revisions: pa.Table, tasks: list[str]) -> list[str]:
    """Return the commits to look at: first small ones, fixes with a test; else the newest first."""
    subjects = "|".join(_LIKELY.get(task, "") for task in tasks)
    found = commits.filter(pc.match_substring_regex(commits["subject"], subjects))
    tests: dict[str, list[bool]] = {}
    for row in revisions.select(["commit", "path", "language"]).to_pylist():
        is_test = LANGUAGES[row["language"]].is_test_path(row["path"])
        tests.setdefault(row["commit"], []).append(is_test)
    with_code = [
        commit for commit in found["commit"].to_pylist() if not all(tests.get(commit, [True]))
    ]
    return sorted(
        with_code,
        key=lambda commit: (
            len(tests[commit]) > _LARGE,
            not {"fix", "preferences"}.isdisjoint(tasks) and not any(tests[commit]),
        ),
    )


def _rows(source: GitSource, pipeline: Pipeline, gate: RowGate, store: Store) -> Batch:
    """Return the rows of the revisions in the store, by the stages of a build."""
    readers = {source.name: source.reader}
    compare = ChangesStage(readers, pipeline)
    find = ChangeContextStage(readers, pipeline.files, pipeline.context, gate)
    compose = ComposeChangesStage(pipeline, gate)
    run_stage(compare, store)
    list_places(store)
    judge_changes(store, pipeline)
    plan_change_contexts(store, pipeline.context)
    run_stage(find, store)
    if "mended" in compose.inputs:
        run_stage(MendedStage(readers), store)
    tables = {name: store.read(name, 0) for name in compose.inputs}
    made = compose(tables, Guard())
    return Batch.of(made, "change_row_rejects", "change_examples", "preferences")
