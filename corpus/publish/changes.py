"""What publishing would change where it publishes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from corpus.publish.manifest import dataset_files, sha256_of

PUBLISHED = "published.json"
"""Where a folder remembers what it published to where, in its part that is not published."""


class LocalFile(NamedTuple):
    """A file of a dataset folder, as it was when it was checked. ``size`` is in bytes."""

    name: str
    path: Path
    size: int
    sha256: str


class Change(NamedTuple):
    """What happens to one file."""

    name: str
    size: int
    what: Literal["add", "change", "delete"]


@dataclass(frozen=True)
class Plan:
    """What would change, and what is there now.

    ``head`` is the current revision, None where there is nothing yet; ``tags`` are the versions
    that were published, with their revisions.
    """

    changes: Sequence[Change]
    head: str | None
    tags: Mapping[str, str] = field(default_factory=dict)
    is_empty: bool = True


def local_files(folder: Path) -> dict[str, LocalFile]:
    """Return what a dataset folder would publish, by name. Raises UsageError if it is none."""
    found = {}
    for path in dataset_files(folder):
        name = path.relative_to(folder).as_posix()
        found[name] = LocalFile(name, path, path.stat().st_size, sha256_of(path))
    return found
