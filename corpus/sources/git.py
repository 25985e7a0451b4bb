"""A git repo at a revision, read from its object store: two git processes, however many files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import git

from corpus.errors import SourceError, UsageError
from corpus.sources.base import Entry, Kind

_KINDS: dict[str, Kind] = {"120000": "symlink", "160000": "submodule"}
_URL = re.compile(r"^[a-z][a-z0-9+.-]*://(?:[^@/]*@)?(?P<host>[^/:]*)(?::\d+)?/(?P<path>.+)$")
_SCP = re.compile(r"^(?:[^@/:]+@)?(?P<host>[\w.-]+):(?!\d+/)(?P<path>[^/].*)$")


def is_url(where: str) -> bool:
    """Tell whether ``where`` is an address to clone from instead of a path."""
    return bool(_URL.match(where) or (_SCP.match(where) and not Path(where).exists()))


def name_of_url(url: str) -> str | None:
    """Return ``host/path`` of a git address, without user, password, port and ``.git``."""
    match = _URL.match(url) or _SCP.match(url)
    if match is None or not match["host"]:
        return None
    return f"{match['host']}/{match['path'].strip('/').removesuffix('.git')}"


def clone(url: str, revision: str | None, into: Path) -> Path:
    """Clone ``url`` bare into ``into``; only the newest commit where no revision is asked for."""
    shallow = {} if revision else {"depth": 1}
    try:
        git.Repo.clone_from(url, into, bare=True, **shallow)
    except (git.GitCommandError, git.exc.UnsafeProtocolError) as error:
        shown = name_of_url(url) or url
        raise SourceError(f"cannot clone {shown}: {_reason(error)}") from None
    return into


@cache
def _git(folder: str) -> git.Git:
    """Return git in a folder, once per process; its ``cat-file --batch`` then stays open."""
    return git.Git(folder)


@dataclass(frozen=True)
class GitReader:
    """Reads blobs through one ``git cat-file --batch`` per process."""

    git_dir: str

    def read(self, path: str, blob_id: str | None) -> bytes:
        """Return the blob's bytes. Raises ValueError if the store lacks it (a partial clone)."""
        _, _, _, content = _git(self.git_dir).get_object_data(blob_id or "")
        return content


class GitSource:
    """A working tree, a folder inside one, or a bare git directory."""

    def __init__(self, where: str, revision: str | None, name: str | None) -> None:
        self.where = where
        self._git = git.Git(where)
        git_dir, inside = self._git.rev_parse(
            "--absolute-git-dir", "--is-inside-work-tree"
        ).splitlines()
        self._prefix = self._git.rev_parse("--show-prefix") if inside == "true" else ""
        self.commit: str | None = self._resolve(revision)
        top = Path(self._git.rev_parse("--show-toplevel") if inside == "true" else git_dir)
        self.name = name or self._origin() or top.name.removesuffix(".git") or top.parent.name
        self.reader = GitReader(git_dir)

    def is_untracked_folder(self) -> bool:
        """Tell whether this is a folder inside a working tree that git knows nothing of."""
        return bool(self._prefix) and next(iter(self.entries()), None) is None

    def entries(self) -> Iterator[Entry]:
        """Return every path of the commit's tree below the folder that was named."""
        paths = ["--", self._prefix] if self._prefix else []
        listing = self._git.ls_tree(
            "-r", "-z", "-l", "--full-tree", self.commit, *paths, strip_newline_in_stdout=False
        )
        for line in listing.split("\0"):
            if line:
                meta, path = line.split("\t", 1)
                mode, _, blob_id, size = meta.split()
                yield Entry(
                    path.encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
                    _KINDS.get(mode, "file"),
                    blob_id,
                    int(size) if size != "-" else 0,
                )

    def _resolve(self, revision: str | None) -> str:
        wanted = revision or "HEAD"
        try:
            # After --end-of-options a revision can't pose as an option.
            return str(
                self._git.rev_parse("--verify", "--end-of-options", f"{wanted}^{{commit}}")
            ).splitlines()[-1]
        except git.GitCommandError:
            if not self._git.rev_list("--all", "--max-count=1"):
                raise SourceError(
                    f"{self.where} is a git repo without commits: commit something first"
                ) from None
            raise UsageError(f"{self.where} has no revision {wanted!r}") from None

    def _origin(self) -> str | None:
        try:
            return name_of_url(self._git.config("--get", "remote.origin.url"))
        except git.GitCommandError:
            return None  # it has none


def open_git(where: str, revision: str | None, name: str | None) -> GitSource | None:
    """Open ``where`` if it is in a git repo that tracks it; None for a plain folder."""
    try:
        git.Git(where).rev_parse("--absolute-git-dir")
    except git.GitCommandError as error:
        if "dubious ownership" in str(error.stderr):
            raise SourceError(
                f"git does not trust {where}, which belongs to another user: "
                f"run `git config --global --add safe.directory {where}`"
            ) from None
        return None
    source = GitSource(where, revision, name)
    return None if source.is_untracked_folder() else source


def _reason(error: Exception) -> str:
    """Return git's own last words, on one line."""
    text = str(getattr(error, "stderr", "") or error)
    lines = [line.strip(" '") for line in text.splitlines() if line.strip(" '")]
    return lines[-1].removeprefix("stderr: '") if lines else type(error).__name__
