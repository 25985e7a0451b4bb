"""What was taken down and must not come back: rules that builds honour."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pathspec import GitIgnoreSpec
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from corpus.errors import UsageError
from corpus.fingerprint import fingerprint

TOMBSTONES = "forgotten.json"
"""Where a dataset folder keeps them, in its part that is not published: they may name people."""

Lines = Mapping[str, frozenset[int]]


class Tombstone(BaseModel):
    """One take-down; exactly one of its parts says what."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    path: str | None = Field(None, description="gitignore pattern of files")
    repo: str | None = Field(None, description="a repo, as rows name it")
    commit: str | None = Field(None, description="a commit's id or its beginning: its lines")
    author: str | None = Field(None, description="a name or a mail address: the lines they wrote")

    @property
    def needs_history(self) -> bool:
        """Tell whether it takes a clone to know which lines are meant."""
        return self.commit is not None or self.author is not None

    def wants(self, sha: str, author: str) -> bool:
        """Tell whether a commit's lines are meant."""
        if self.commit is not None:
            return sha.startswith(self.commit.lower())
        if self.author is None:
            return False
        name, _, mail = author.rpartition(" <")
        return self.author.lower() in (name.lower(), mail.rstrip(">").lower(), author.lower())


@dataclass(frozen=True)
class Forgotten:
    """What tombstones mean in the repos at hand. Picklable.

    ``lines`` are what the history says, by repo and path, ``commits`` by repo; ``heads`` are the
    commits that rows without one of their own are of, by repo.
    """

    tombstones: Sequence[Tombstone] = ()
    lines: Mapping[str, Lines] = field(default_factory=dict)
    commits: Mapping[str, frozenset[str]] = field(default_factory=dict)
    heads: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """A hash of what it covers; the same for every commit as long as nothing is taken down."""
        asked = list(self.tombstones)
        found = dict(self.lines), dict(self.commits)
        return fingerprint(asked, found, dict(self.heads) if asked else {})

    def covers(self, place: Mapping[str, Any]) -> bool:
        """Tell whether a row is taken down.

        ``place`` has repo, commit, path, start_line and end_line, as a row's provenance does. A
        change is its commit's: it is told by the parent, or by what its output was taken from.
        """
        if any(self._covers(tombstone, place) for tombstone in self.tombstones):
            return True
        if "parent" in place or place.get("evidence") == "commit":
            return place["commit"] in self.commits.get(place["repo"], ())
        lines = self.lines.get(place["repo"], {}).get(place["path"], ())
        return any(place["start_line"] <= line <= place["end_line"] for line in lines)

    def _covers(self, tombstone: Tombstone, place: Mapping[str, Any]) -> bool:
        if tombstone.repo is not None:
            return bool(place["repo"] == tombstone.repo)
        if tombstone.path is not None:
            return bool(GitIgnoreSpec.from_lines([tombstone.path]).match_file(place["path"]))
        commit = place.get("commit") or self.heads.get(place["repo"]) or ""
        return bool(tombstone.commit) and tombstone.wants(commit, "")


def load_tombstones(path: Path) -> list[Tombstone]:
    """Read a file of tombstones; none where there is none. Raises UsageError."""
    try:
        return TypeAdapter(list[Tombstone]).validate_python(json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return []
    except (OSError, ValueError, ValidationError):
        raise UsageError(f"{path} can't be read, so what must be forgotten is not known") from None


def save_tombstones(path: Path, tombstones: Sequence[Tombstone]) -> None:
    """Write tombstones, each once, in the order they were laid."""
    data = [tombstone.model_dump(exclude_none=True) for tombstone in dict.fromkeys(tombstones)]
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(data, indent=2) + "\n", "utf-8")
