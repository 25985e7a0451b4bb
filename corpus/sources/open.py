"""Opens what the user named: a working tree, a bare git directory, an address or a folder."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from corpus.config import Repo
from corpus.errors import SourceError, UsageError
from corpus.sources.base import Source
from corpus.sources.folder import FolderSource
from corpus.sources.git import GitSource, clone, is_url, name_of_url, open_git, without_secrets
from corpus.sources.storage import copy_stored, is_stored


def open_sources(repos: Sequence[Repo], scratch: Path, depth: int = 1) -> list[Source]:
    """Open every repo, in order, each under a name of its own.

    Addresses are cloned, ``depth`` commits deep, or copied below ``scratch``. Raises UsageError for
    a path or revision that does not exist and SourceError for a repo that can't be read.
    """
    # In a git hook these lead every git, ours too, to the repo of the hook.
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR",
                 "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"):  # fmt: skip
        os.environ.pop(name, None)
    sources = [_open(repo, scratch / f"clone-{number}", depth) for number, repo in enumerate(repos)]
    _tell_apart(sources)
    return sources


def _open(repo: Repo, scratch: Path, depth: int) -> Source:
    where = repo.where
    if is_stored(where):
        if repo.revision:
            raise UsageError(f"{without_secrets(where)} is no git repo: it has no revisions")
        copy = copy_stored(where, scratch)
        return FolderSource(str(copy), repo.name or name_of_url(where), without_secrets(where))
    if is_url(where):
        bare = clone(where, repo.revision, scratch, depth)
        shown = without_secrets(where)
        source = open_git(str(bare), repo.revision, repo.name or name_of_url(where), shown)
        if source is None:
            raise SourceError(f"what was cloned from {name_of_url(where)} is not a git repo")
        return source
    path = Path(where)
    if not path.exists():
        raise UsageError(f"{where} does not exist")
    if not path.is_dir():
        raise UsageError(f"{where} is a file: name the repo or folder that holds it")
    git_source: GitSource | None = open_git(where, repo.revision, repo.name)
    if git_source:
        return git_source
    if repo.revision:
        raise UsageError(f"{where} is not a git repo, so it has no revision {repo.revision!r}")
    return FolderSource(where, repo.name)


def _tell_apart(sources: list[Source]) -> None:
    """Lengthen equal names by the folders above, so that every row says which repo it is from."""
    parents = {id(source): [*Path(source.where).resolve().parents] for source in sources}
    while True:
        count = Counter(source.name for source in sources)
        alike = [s for s in sources if count[s.name] > 1 and "://" not in s.where]
        longer = [s for s in alike if parents[id(s)] and parents[id(s)][0].name]
        if not longer:
            break
        for source in longer:
            source.name = f"{parents[id(source)].pop(0).name}/{source.name}"
    names = [source.name for source in sources]
    if twice := {name for name in names if names.count(name) > 1}:
        raise UsageError(f"the same repo is named twice: {', '.join(sorted(twice))}")
