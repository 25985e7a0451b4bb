"""Where rows come from besides documented functions: the history of repos, and their tests."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.fingerprint import fingerprint, of_folder
from corpus.history.judge import JUDGED, judge_changes
from corpus.history.plan import plan_history
from corpus.history.stage import ChangesStage
from corpus.links.index import INDEXED, index_tests
from corpus.links.link import LinkStage
from corpus.links.pair import PAIRED, pair_tests
from corpus.links.stage import TestsStage
from corpus.links.verified import MUTATED_OF, choose_mutants, verified_files
from corpus.render.changes import ComposeChangesStage
from corpus.render.tests import ComposeTestsStage
from corpus.run.plan import Plan
from corpus.run.stages import Shard
from corpus.run.work import Work
from corpus.sources import Source
from corpus.sources.git import GitSource
from corpus.tasks.base import Change, Mutated, Specified, Tested
from corpus.tasks.registry import tasks_of


def takes_changes(tasks: Sequence[str]) -> bool:
    """Tell whether one of the tasks is made of changes."""
    return bool(tasks_of(Change, tasks))


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
        "files",
        total=sum(sizes),
        advance=lambda done: sizes[done.shard],
    )
    judged = fingerprint(work.pipeline.history, work.pipeline.dedup, work.pipeline.splits)
    work.once("judge", JUDGED, judged, lambda store: judge_changes(store, work.pipeline))
    compose = ComposeChangesStage(work.pipeline, work.gate)
    work.run(compose, len(sizes), "published_changes")


def link_tests(work: Work, planned: Plan) -> None:
    """Link tests to the functions that they test, and make rows of both."""
    if not takes_links(work.pipeline.tasks):
        return
    settings, shards = work.pipeline.tests, planned.shards
    work.run(TestsStage(settings.max_lines), shards, "test_units")
    work.once("index tests", INDEXED, "", index_tests)
    calling = [Shard(place, (number,)) for place, number in enumerate(work.store.numbers("needed"))]
    work.run(LinkStage(), calling, "meant")
    proved = fingerprint(settings, of_folder(verified_files(settings)))
    work.once("pair", PAIRED, proved, lambda store: pair_tests(store, settings))
    if settings.verified:
        work.once("mutants", MUTATED_OF, proved, lambda store: choose_mutants(store, settings))
    work.run(ComposeTestsStage(work.pipeline, work.gate), shards, "test_examples")
