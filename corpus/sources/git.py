"""A git repo at a revision, read from its object store: two git processes, however many files."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryFile

import git

from corpus.errors import SourceError, UsageError
from corpus.sources.base import Blob, Entry, Kind, MissingRepoError

_KINDS: dict[str, Kind] = {"120000": "symlink", "160000": "submodule"}
_URL = re.compile(
    r"^[a-z][a-z0-9+.-]*://(?:[^/]*@)?(?P<host>[^/:@]*)(?::\d+)?/(?P<path>[^?#]+)(?:[?#].*)?$"
)
_SCP = re.compile(r"^(?:[^@/:]+@)?(?P<host>[\w.-]+):(?!\d+/)(?P<path>[^/].*)$")


def is_url(where: str) -> bool:
    """Tell whether ``where`` is an address to clone from instead of a path."""
    return bool(_URL.match(where) or (_SCP.match(where) and not Path(where).exists()))


def name_of_url(url: str) -> str | None:
    """Return ``host/path`` of a git address, without user, password, port and ``.git``.

    Of a local ``file://`` address it is the last folder's name; None for what is no address.
    """
    match = _URL.match(url) or _SCP.match(url)
    if match is None:
        return None
    path = match["path"].strip("/").removesuffix(".git")
    return f"{match['host']}/{path}" if match["host"] else path.rpartition("/")[2]


def without_secrets(url: str) -> str:
    """Return an address without user, password, query and fragment."""
    return re.sub(r"[?#].*", "", re.sub(r"^(\w[\w+.-]*://)[^/]*@", r"\1", url))


def clone(url: str, revision: str | None, into: Path, depth: int) -> Path:
    """Clone ``url`` bare into ``into``; only ``depth`` commits where no revision is asked for."""
    options = [] if revision else [f"--depth={depth}"]
    try:
        git.Repo.clone_from(url, into, multi_options=["--bare", *options])
    except git.exc.UnsafeProtocolError:
        raise UsageError(f"cannot clone {url}: an address of this kind runs a command") from None
    except git.GitCommandError as error:
        raise SourceError(f"cannot clone {name_of_url(url)}: {reason(error)}") from None
    return into


@dataclass(frozen=True)
class GitReader:
    """Reads blobs from an object store."""

    git_dir: str

    def read(self, wanted: Sequence[Blob]) -> Iterator[bytes | None]:
        """Yield every blob's bytes; None for one that the store lacks (a partial clone).

        One ``git cat-file --batch`` answers for all; it reads the ids from a file, so that neither
        side waits for the other. Raises MissingRepoError.
        """
        if not Path(self.git_dir).is_dir():
            raise MissingRepoError(f"{self.git_dir} is not there any more")
        done = 0
        while done < len(wanted):
            # A damaged blob ends git in the middle of its answers: go on behind it.
            for content in self._read_some([blob_id for _, blob_id in wanted[done:]]):
                yield content
                done += 1

    def _read_some(self, blob_ids: Sequence[str | None]) -> Iterator[bytes | None]:
        """Yield blobs until all are there or git dies, None for the one that it died of."""
        with TemporaryFile() as ids:
            ids.write("".join(f"{blob_id}\n" for blob_id in blob_ids).encode())
            ids.seek(0)
            process = git.Git(self.git_dir).cat_file(
                "--batch", "--buffer", istream=ids, as_process=True
            )
            answers = process.stdout
            for _ in blob_ids:
                header = answers.readline().split()
                if not header:
                    yield None
                    break
                if len(header) != 3:
                    yield None
                    continue
                size = int(header[2]) + 1
                content = answers.read(size)
                if len(content) < size:
                    yield None
                    break
                yield content[:-1] if header[1] == b"blob" else None
            answers.close()
            with contextlib.suppress(git.GitCommandError):
                process.wait()


class GitSource:
    """A working tree, a folder inside one, or a bare git directory."""

    def __init__(
        self, where: str, revision: str | None, name: str | None, shown: str | None = None
    ) -> None:
        self.where = shown or where
        self._git = git.Git(where)
        git_dir, inside = self._git.rev_parse(
            "--absolute-git-dir", "--is-inside-work-tree"
        ).splitlines()
        self._prefix = self._git.rev_parse("--show-prefix") if inside == "true" else ""
        self.commit: str | None = self._resolve(revision)
        # After a line with the id. `git show` would read blobs, which a damaged store may lack.
        header = self._git.rev_list("--max-count=1", "--format=%cI", self.commit)
        self.date: str | None = header.splitlines()[-1]
        top = Path(self._git.rev_parse("--show-toplevel") if inside == "true" else git_dir)
        self.name = name or self._origin() or top.name.removesuffix(".git") or top.parent.name
        self.reader = GitReader(git_dir)

    def is_untracked_folder(self) -> bool:
        """Tell whether this is a folder inside a working tree that git knows nothing of."""
        return bool(self._prefix) and next(iter(self.entries()), None) is None

    @property
    def below(self) -> list[str]:
        """The folder that was named, as git's path arguments; empty for a whole repo."""
        return [self._prefix] if self._prefix else []

    def entries(self) -> Iterator[Entry]:
        """Return every path of the commit's tree below the folder that was named."""
        return self._list(self.below, "-r")

    def above(self) -> Iterator[Entry]:
        """Return the ``.gitattributes`` of the folders above the one that was named."""
        parents = PurePosixPath(self._prefix).parents if self._prefix else ()
        yield from (
            self._list([str(parent / ".gitattributes") for parent in parents]) if parents else ()
        )

    def changed_since(self, day: str) -> frozenset[str]:
        """Return the paths that commits changed from a day on (ISO, in UTC), under today's names.

        Raises SourceError where the history can't be read.
        """
        try:
            told = self._git.log(
                "--name-only", "-z", "--format=", "--no-renames", f"--since={day}T00:00:00Z",
                "--end-of-options", self.commit, strip_newline_in_stdout=False,
            )  # fmt: skip
        except git.GitCommandError as error:
            raise SourceError(
                f"the history of {self.where} can't be read: {reason(error)}"
            ) from None
        return frozenset(path for path in told.split("\0") if path)

    def count_commits(self, most: int) -> int:
        """Return how many commits, merges aside, led to the one that is read; ``most`` at most."""
        count = self._git.rev_list("--count", "--no-merges", f"--max-count={most}", self.commit)
        return int(count)

    def _list(self, paths: Sequence[str], *options: str) -> Iterator[Entry]:
        try:
            listing = self._git.ls_tree(
                *options, "-z", "-l", "--full-tree", self.commit, "--", *paths,
                strip_newline_in_stdout=False,
            )  # fmt: skip
        except git.GitCommandError as error:
            raise SourceError(
                f"the files of {self.where} can't be listed: {reason(error)}"
            ) from None
        for line in listing.split("\0"):
            if line:
                meta, path = line.split("\t", 1)
                mode, _, blob_id, size = meta.split()
                shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
                kind = _KINDS.get(mode, "file") if shown == path else "path_encoding"
                # "-" for a submodule, "BAD" for a blob that the store has lost.
                yield Entry(shown, kind, blob_id, int(size) if size.isdigit() else 0)

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


def open_git(
    where: str, revision: str | None, name: str | None, shown: str | None = None
) -> GitSource | None:
    """Open ``where`` if it is in a git repo that tracks it; None for a plain folder.

    ``shown`` is what messages call it.
    """
    try:
        git.Git(where).rev_parse("--absolute-git-dir")
    except git.GitCommandError as error:
        if "dubious ownership" in str(error.stderr):
            raise SourceError(
                f"git does not trust {where}, which belongs to another user: "
                f"run `git config --global --add safe.directory {where}`"
            ) from None
        return None
    source = GitSource(where, revision, name, shown)
    return None if source.is_untracked_folder() else source


def reason(error: git.GitCommandError) -> str:
    """Return git's own last words, on one line."""
    lines = [line.strip(" '") for line in str(error.stderr).splitlines() if line.strip(" '")]
    return lines[-1] if lines else f"git exited with {error.status}"
