"""Where rows come from besides documented functions: the history of repos, and their tests."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.context.changes import ChangeContextStage, plan_change_contexts
from corpus.history.judge import judge_changes
from corpus.history.plan import plan_history
from corpus.history.stage import ChangesStage
from corpus.links.link import link_corpus
from corpus.links.pair import pair_corpus
from corpus.links.stage import TestsStage
from corpus.render.changes import ComposeChangesStage
from corpus.render.tests import ComposeTestsStage
from corpus.run.plan import Plan
from corpus.run.work import Work
from corpus.sources import Source
from corpus.sources.git import GitSource
from corpus.tasks.base import Change, Mutated, Specified, Tested
from corpus.tasks.mended import MendedStage
from corpus.tasks.registry import tasks_of
from corpus.tasks.security import Audited


def takes_changes(tasks: Sequence[str]) -> bool:
    """Tell whether one of the tasks is made of changes, if only in part."""
    return any(tasks_of(kind, tasks) for kind in (Change, Audited))


def takes_links(tasks: Sequence[str]) -> bool:
    """Tell whether one of the tasks is made of tests and what they test."""
    return any(tasks_of(kind, tasks) for kind in (Tested, Specified, Mutated))


def mine_history(work: Work, sources: Sequence[Source], planned: Plan) -> None:
    """Turn the commits of the git repos into changes, and make rows of them."""
    repos = [source for source in sources if isinstance(source, GitSource)]
    if not repos or not takes_changes(work.pipeline.tasks):
        return
    with work.stages.stage("commits", unit="commits"):
        sizes = plan_history(repos, planned.rules, work.pipeline.history, work.store)
    readers = {source.name: source.reader for source in repos}
    work.run(
        ChangesStage(readers, work.pipeline),
        len(sizes),
        work.store,
        "files",
        total=sum(sizes),
        advance=lambda done: sizes[done.shard],
    )
    with work.stages.stage("judge"):
        judge_changes(work.store, work.pipeline)
        plan_change_contexts(work.store, work.pipeline.context)
    context = ChangeContextStage(readers, work.pipeline.files, work.pipeline.context, work.gate)
    work.run(context, len(sizes), work.store, "change_contexts")
    if tasks_of(Audited, work.pipeline.tasks):
        work.run(MendedStage(readers), len(sizes), work.store, "mended")
    compose = ComposeChangesStage(work.pipeline, work.gate)
    work.run(compose, len(sizes), work.writer(1), "changes")


def link_tests(work: Work, planned: Plan) -> None:
    """Link tests to the functions that they test, and make rows of both."""
    if not takes_links(work.pipeline.tasks):
        return
    settings = work.pipeline.tests
    work.run(TestsStage(settings.max_lines), planned.shards, work.store, "test_units")
    with work.stages.stage("link"):
        link_corpus(work.store)
        pair_corpus(work.store, settings)
    compose = ComposeTestsStage(work.pipeline, work.gate)
    work.run(compose, planned.shards, work.writer(2), "instructions")
