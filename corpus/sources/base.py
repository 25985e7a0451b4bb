"""What every source of files offers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Kind = Literal["file", "symlink", "submodule", "special", "path_encoding", "unreadable"]
"""What a path is; all but ``file`` are also the reason why it is not read."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One path in a source. ``blob_id`` is None where it takes reading to know it."""

    path: str
    kind: Kind
    blob_id: str | None = None
    size: int = 0


class Reader(Protocol):
    """Reads files by path or blob id. Picklable: a worker opens what it needs for itself."""

    def read(self, wanted: Sequence[tuple[str, str | None]]) -> Iterator[bytes | None]:
        """Yield the bytes of every (path, blob id), in order; None where they can't be had."""
        ...


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
