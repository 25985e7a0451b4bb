"""A plain folder, read as it lies on disk."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.ids import git_blob_id
from corpus.sources.base import Blob, Entry, MissingRepoError

CACHE_TAG = "CACHEDIR.TAG"
"""A file that says that a folder holds nothing but copies."""

_VERSION_CONTROL = frozenset({".git", ".hg", ".svn", ".jj"})


@dataclass(frozen=True)
class FolderReader:
    """Reads files below a root."""

    root: str

    def read(self, wanted: Sequence[Blob]) -> Iterator[bytes | None]:
        """Yield every file's bytes; None for one that can't be read, or is not what it was.

        Without a blob id a file is taken as it is. Raises MissingRepoError.
        """
        if not Path(self.root).is_dir():
            raise MissingRepoError(f"{self.root} is not there any more")
        for path, blob_id in wanted:
            try:
                with open(f"{self.root}/{path}", "rb") as file:  # noqa: PTH123 - half the cost
                    content = file.read()
            except (OSError, ValueError):
                yield None
            else:
                yield content if blob_id in (None, git_blob_id(content)) else None


class FolderSource:
    """A folder outside of git's hands: no commit, no date, and blob ids that take reading."""

    commit: str | None = None
    date: str | None = None

    def __init__(self, where: str, name: str | None, shown: str | None = None) -> None:
        self.where = shown or where
        self._root = Path(where).resolve()
        self.name = name or self._root.name
        self.reader = FolderReader(str(self._root))

    def above(self) -> Iterable[Entry]:
        """Return nothing: what is above a plain folder is not its business."""
        return ()

    def entries(self) -> Iterator[Entry]:
        """Return every path below the folder; links are named, never followed."""
        found: list[str] = []
        closed: list[str] = []
        walk = os.walk(self._root, onerror=lambda error: closed.append(str(error.filename)))
        for folder, folders, files in walk:
            folders[:] = [
                name
                for name in folders
                if name not in _VERSION_CONTROL and not _is_made(f"{folder}/{name}")
            ]
            links = [name for name in folders if Path(folder, name).is_symlink()]
            found += [f"{folder}/{name}" for name in (*files, *links)]
        cut = len(str(self._root).rstrip("/")) + 1
        for path in sorted([*found, *closed]):
            yield self._entry(path[cut:], path, is_closed=path in closed)

    def _entry(self, path: str, full: str, *, is_closed: bool) -> Entry:
        shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        if shown != path:
            return Entry(shown, "path_encoding")
        try:
            status = os.lstat(full)
        except OSError:
            is_closed = True
        if is_closed:
            return Entry(shown, "unreadable")
        if stat.S_ISLNK(status.st_mode):
            return Entry(shown, "symlink")
        if not stat.S_ISREG(status.st_mode):
            return Entry(shown, "special")
        return Entry(shown, "file", None, status.st_size)


def _is_made(folder: str) -> bool:
    """Tell whether a folder is a dataset, done or in the making, or a cache of any program.

    The next dataset would count its files.
    """
    marks = ".tunesmith", CACHE_TAG
    return any(os.path.exists(f"{folder}/{mark}") for mark in marks)  # noqa: PTH110 - never raises
