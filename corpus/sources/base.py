"""What every source of files offers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from corpus.errors import SourceError
from corpus.ids import git_blob_id

Kind = Literal["file", "symlink", "submodule", "special", "path_encoding", "unreadable"]
"""What a path is; all but ``file`` are also the reason why it is not read."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One path in a source. ``blob_id`` is None where it takes reading to know it."""

    path: str
    kind: Kind
    blob_id: str | None = None
    size: int = 0


Blob = tuple[str, str | None]
"""A file to read: its path and, where it is known, its blob id."""


class MissingRepoError(SourceError):
    """A repo is not where it was, or not on this machine."""


class Reader(Protocol):
    """Reads files by path or blob id. Picklable: a worker opens what it needs for itself."""

    def read(self, wanted: Sequence[Blob]) -> Iterator[bytes | None]:
        """Yield the bytes of every blob, in order; None where they can't be had.

        Raises MissingRepoError where there is nothing to read from.
        """
        ...


@dataclass(frozen=True)
class BlobReader:
    """Blobs by id, in memory: for a worker that has no repo."""

    contents: Mapping[str | None, bytes | None]

    def read(self, wanted: Sequence[Blob]) -> Iterator[bytes | None]:
        """Yield the bytes of every blob: see ``Reader``."""
        return (self.contents[blob_id] for _, blob_id in wanted)


class Source(Protocol):
    """One repo or folder, at one revision."""

    name: str
    """How rows name it: the address of its origin, or its folder's name; never a local path."""
    where: str
    """What the user called it."""
    commit: str | None
    date: str | None
    """When the commit was made: ISO 8601 with the committer's own offset."""

    @property
    def reader(self) -> Reader:
        """What reads its files."""
        ...

    def above(self) -> Iterable[Entry]:
        """Return the ``.gitattributes`` of the folders that the source lies in."""
        ...

    def entries(self) -> Iterable[Entry]:
        """Return every path, in path order."""
        ...


def blob_row(
    source: Source, entry: Entry, language: str, license_: str | None = None
) -> dict[str, Any]:
    """Return a file's row of ``schemas.BLOB``; where no blob id is known, the file is read for it.

    One that can't be read has an empty id, and its reader won't give it.
    """
    blob_id = entry.blob_id
    if blob_id is None:
        content = next(iter(source.reader.read([(entry.path, None)])))
        blob_id = "" if content is None else git_blob_id(content)
    return {
        "repo": source.name,
        "path": entry.path,
        "blob_id": blob_id,
        "language": language,
        "size": entry.size,
        "license": license_,
    }
