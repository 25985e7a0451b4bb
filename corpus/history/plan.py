"""Lists the commits of every repo, and cuts the files they changed into shards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache, partial
from itertools import groupby
from operator import itemgetter
from typing import Any

from corpus.config import History
from corpus.history.commits import judged, trace_files
from corpus.history.schemas import CHAIN, COMMIT, REVISION
from corpus.ids import is_boundary
from corpus.languages import Language, language_of
from corpus.rejects import Rejects
from corpus.schemas import Columns
from corpus.sources import Entry
from corpus.sources.git import GitSource
from corpus.sources.history import Commit, FileChange, read_commits
from corpus.sources.skip import PathRules
from corpus.store import Store

# Revisions per shard: what a commit makes to be compared again, with the few others beside it. A
# shard's rows are held in memory, of its files only those in use.
_LEAST_REVISIONS, _MOST_REVISIONS = 16, 500
# A file changed often is cut behind one commit in so many, told by the commit: new ones on top
# leave the shards below, and so what is cached, as they are. Each cut has one file read twice.
_ONE_IN = 64

Revision = dict[str, Any]


def plan_history(
    sources: Sequence[GitSource], rules: Mapping[str, PathRules], settings: History, store: Store
) -> list[int]:
    """Write the tables ``commits``, ``chains``, ``revisions`` and ``commit_rejects``.

    Returns how many revisions each shard holds. A shard has the revisions of some files, the newest
    first, so that a version of a file is in one shard both as what a commit made of it and as what
    the next one began with; a file changed often is cut into several.
    """
    commits, chains, rejects = Columns(COMMIT), Columns(CHAIN), Rejects("commits")
    sizes: list[int] = []
    for source in sources:
        revisions = _of_repo(source, rules[source.name], settings, commits, chains, rejects)
        for shard in _shards(revisions):
            rows = Columns(REVISION)
            for revision in shard:
                rows.add(**revision)
            store.write("revisions", len(sizes), rows.table())
            sizes.append(len(shard))
    store.write("commits", 0, commits.table())
    store.write("chains", 0, chains.table())
    store.write("commit_rejects", 0, rejects.table())
    return sizes


def _of_repo(
    source: GitSource,
    rules: PathRules,
    settings: History,
    rows: Columns,
    paths: Columns,
    rejects: Rejects,
) -> list[Revision]:
    """Return a repo's revisions, file by file, and note its commits."""
    commits = list(read_commits(source, settings))
    chains = trace_files(commits)
    for path, chain, begins in chains.paths():
        paths.add(repo=source.name, path=path, chain=chain, begins=begins)
    found = []
    language = cache(partial(_language, rules))  # a path is in many commits
    for commit, verdict in judged(commits, settings):
        changed = [change for change in commit.changed if _is_read(language(change.path), change)]
        edited = sum(bool(change.old_blob) for change in changed)
        reason = verdict or ("no_source_change" if not edited else None)
        if edited > settings.max_files:
            reason = reason or "large_commit"
        if reason:
            rejects.add(commit.sha, reason, source.name, "")
            continue
        rows.add(**_commit_row(source.name, commit))
        found += [_revision(source.name, commit, c, chains.of(c.path)) for c in changed]
    found.sort(key=itemgetter("chain"))  # stable: within a chain the newest stays first
    return found


def _language(rules: PathRules, path: str) -> Language | None:
    """Return the language to read a file in; None where its path rules it out."""
    verdict = rules.language(Entry(path, "file"))
    return verdict if isinstance(verdict, Language) else None


def _is_read(language: Language | None, change: FileChange) -> bool:
    """Tell whether a file is compared: source that was there before, or a test that was added."""
    if language is None or change.old_blob == change.blob:  # it was only moved
        return False
    return bool(change.old_blob) or language.is_test_path(change.path)


def _commit_row(repo: str, commit: Commit) -> dict[str, Any]:
    changed = {change.path for change in commit.changed if change.old_blob != change.blob}
    return {
        "repo": repo,
        "commit": commit.sha,
        "authored_at": commit.authored_at,
        "author": commit.author,
        "subject": commit.subject,
        "body": commit.body,
        "touched_tests": sorted(filter(_is_test, changed)),
    }


@lru_cache(1 << 16)  # a path is in many commits
def _is_test(path: str) -> bool:
    language = language_of(path)
    return language is not None and language.is_test_path(path)


def _revision(repo: str, commit: Commit, change: FileChange, chain: str) -> Revision:
    language = language_of(change.path)
    assert language is not None
    return {
        "repo": repo,
        "commit": commit.sha,
        "parent": commit.parent,
        "path": change.path,
        "parent_path": change.old_path,
        "blob_id": change.blob,
        "parent_blob_id": change.old_blob,
        "language": language.name,
        "chain": chain,
    }


def _shards(revisions: list[Revision]) -> Iterator[list[Revision]]:
    shard: list[Revision] = []
    for path, chain in groupby(revisions, key=itemgetter("chain")):
        for revision in chain:
            if len(shard) >= _MOST_REVISIONS:
                yield shard
                shard = []
            shard.append(revision)
            if is_boundary(revision["commit"], _ONE_IN):
                yield shard
                shard = []
        if len(shard) >= _LEAST_REVISIONS and is_boundary(path):
            yield shard
            shard = []
    if shard:
        yield shard
