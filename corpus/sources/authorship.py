"""Who wrote which lines: git's log to know the files, git's blame to know the lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import git

from corpus.errors import SourceError

_COMMIT = re.compile(r"([0-9a-f]{40,64}) \d+ (\d+)")
Wanted = Callable[[str, str], bool]
"""Tells whether a commit counts, by its id and its author, as ``Name <mail>``."""


def lines_of(where: str, commit: str, wanted: Wanted) -> Mapping[str, frozenset[int]]:
    """Return the lines at ``commit`` that a wanted commit wrote, by path; lines count from 1.

    Renames are followed. Raises SourceError for a repo that lacks the commit.
    """
    repo = git.Git(where)
    if repo.rev_parse("--is-shallow-repository") == "true":
        raise SourceError(f"{where} is a clone without its history: `git fetch --unshallow` it")
    try:
        paths = _touched(repo, commit, wanted)
        tree = set(repo.ls_tree("-r", "-z", "--name-only", "--full-tree", commit).split("\0"))
        found = {path: _lines(repo, commit, path, wanted) for path in sorted(paths & tree)}
    except git.GitCommandError:
        raise SourceError(f"{where} has no commit {commit}: name a clone that has it") from None
    return {path: lines for path, lines in found.items() if lines}


def commits_of(where: str, commit: str, wanted: Wanted) -> frozenset[str]:
    """Return the wanted commits among ``commit`` and what came before it. Raises SourceError."""
    try:
        log = git.Git(where).log("-z", "--format=%H%x02%an <%ae>", commit, "--")
    except git.GitCommandError:
        raise SourceError(f"{where} has no commit {commit}: name a clone that has it") from None
    heads = (head.split("\2") for head in log.split("\0") if head)
    return frozenset(sha for sha, author in heads if wanted(sha, author))


def _touched(repo: git.Git, commit: str, wanted: Wanted) -> set[str]:
    """Return the paths that wanted commits touched, and what those were renamed to later."""
    log = repo.log(
        "--reverse", "--topo-order", "-m", "-M", "-z", "--name-status",
        "--format=%x01%H%x02%an <%ae>%x03", commit, "--",
    )  # fmt: skip
    touched: set[str] = set()
    for part in log.split("\1")[1:]:
        head, _, changes = part.partition("\3")
        sha, author = head.split("\2")
        theirs = wanted(sha, author)
        for kind, *paths in _changes(changes):
            if theirs or (kind.startswith(("R", "C")) and paths[0] in touched):
                touched.add(paths[-1])
    return touched


def _changes(changes: str) -> Iterator[list[str]]:
    """Yield each change as its kind and its one or two paths."""
    words = iter(changes.strip("\0\n").split("\0"))
    for word in words:
        kind = word.strip()
        if kind:
            yield [kind, *(next(words) for _ in range(2 if kind[0] in "RC" else 1))]


def _lines(repo: git.Git, commit: str, path: str, wanted: Wanted) -> frozenset[int]:
    blame = repo.blame("--porcelain", commit, "--", path, stdout_as_string=False)
    authors: dict[str, str] = {}
    at: list[tuple[str, int]] = []
    name = sha = ""
    for raw in blame.split(b"\n"):
        line = raw.decode("utf-8", "replace")
        if line.startswith("\t"):
            continue
        if match := _COMMIT.match(line):
            sha = match[1]
            at.append((sha, int(match[2])))
        elif line.startswith("author "):
            name = line[len("author ") :]
        elif line.startswith("author-mail "):
            authors[sha] = f"{name} {line[len('author-mail ') :]}"
    return frozenset(number for sha, number in at if wanted(sha, authors.get(sha, "")))
