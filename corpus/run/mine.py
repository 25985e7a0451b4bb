"""Where rows come from besides documented functions: the history of repos, and their tests."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.context.changes import ChangeContextStage
from corpus.context.plans import PLANNED, plan_change_contexts
from corpus.fingerprint import fingerprint, of_folder
from corpus.history.freshness import DATED, date_docs
from corpus.history.judge import JUDGED, judge_changes
from corpus.history.plan import plan_history
from corpus.history.stage import ChangesStage
from corpus.links.index import INDEXED, calling_together, index_tests
from corpus.links.link import LinkStage
from corpus.links.pair import PAIRED, pair_tests
from corpus.links.stage import TestsStage
from corpus.links.verified import MUTATED_OF, choose_mutants, read_fixes, verified_files
from corpus.render.changes import ComposeChangesStage
from corpus.render.tests import ComposeTestsStage
from corpus.run.plan import Plan
from corpus.run.stages import Shard
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
    """Turn the commits of the git repos into changes, and make rows of them.

    Tells also how old docs are, whether there is history or none.
    """
    repos = [source for source in sources if isinstance(source, GitSource)]
    if repos and takes_changes(work.pipeline.tasks):
        _mine(work, repos, planned)
    work.once("doc ages", DATED, "", date_docs)


def _mine(work: Work, repos: Sequence[GitSource], planned: Plan) -> None:
    with work.stages.stage("commits", unit="commits"):
        sizes = plan_history(repos, planned.rules, work.pipeline.history, work.store)
    readers = {source.name: source.reader for source in repos}
    work.run(
        ChangesStage(readers, work.pipeline),
        len(sizes),
        "files",
        total=sum(sizes),
        advance=lambda done: sizes[done.shard],
    )
    pipeline = work.pipeline
    judged = fingerprint(pipeline.history, pipeline.dedup, pipeline.splits)
    work.once("judge", JUDGED, judged, lambda store: judge_changes(store, pipeline))
    work.once(
        "context of changes",
        PLANNED,
        fingerprint(pipeline.context),
        lambda store: plan_change_contexts(store, pipeline.context),
    )
    find = ChangeContextStage(readers, pipeline.files, pipeline.context, work.gate)
    work.run(find, len(sizes), "change_contexts")
    if tasks_of(Audited, pipeline.tasks):
        work.run(MendedStage(readers), len(sizes), "mended")
    compose = ComposeChangesStage(work.pipeline, work.gate, read_fixes(work.pipeline.tests))
    work.run(compose, len(sizes), "published_changes")


def link_tests(work: Work, planned: Plan) -> None:
    """Link tests to the functions that they test, and make rows of both."""
    if not takes_links(work.pipeline.tasks):
        return
    settings, shards = work.pipeline.tests, planned.shards
    work.run(TestsStage(settings.max_lines), shards, "test_units")
    work.once("index tests", INDEXED, "", index_tests)
    calling = enumerate(calling_together(work.store))
    work.run(LinkStage(), [Shard(place, tuple(group)) for place, group in calling], "meant")
    proved = fingerprint(settings, of_folder(verified_files(settings)))
    work.once("pair", PAIRED, proved, lambda store: pair_tests(store, settings))
    if settings.verified:
        work.once("mutants", MUTATED_OF, proved, lambda store: choose_mutants(store, settings))
    work.run(ComposeTestsStage(work.pipeline, work.gate), shards, "test_examples")
