"""What the test hub keeps: datasets as commits of trees, files as git and LFS know them."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha1, sha256
from typing import Any


@dataclass(frozen=True)
class Blob:
    """A file's content, in git itself or in LFS."""

    content: bytes
    in_lfs: bool

    @property
    def pointer(self) -> bytes:
        digest = sha256(self.content).hexdigest()
        lines = ("version https://git-lfs.github.com/spec/v1", f"oid sha256:{digest}",
                 f"size {len(self.content)}", "")  # fmt: skip
        return "\n".join(lines).encode()

    @property
    def oid(self) -> str:
        stored = self.pointer if self.in_lfs else self.content
        return sha1(b"blob %d\0%b" % (len(stored), stored)).hexdigest()

    def entry(self, path: str) -> dict[str, Any]:
        entry: dict[str, Any] = {
            "type": "file",
            "path": path,
            "oid": self.oid,
            "size": len(self.content),
        }
        if self.in_lfs:
            digest = sha256(self.content).hexdigest()
            entry["lfs"] = {
                "oid": digest,
                "size": len(self.content),
                "pointerSize": len(self.pointer),
            }
        return entry


@dataclass
class Repo:
    """A dataset: its commits in order, as trees, and its tags."""

    private: bool
    commits: dict[str, dict[str, Blob]] = field(default_factory=dict)
    titles: list[str] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def head(self) -> str:
        return list(self.commits)[-1]

    def commit(self, tree: dict[str, Blob], title: str) -> str:
        listing = "".join(f"{path} {blob.oid}\n" for path, blob in sorted(tree.items()))
        parent = self.head if self.commits else ""
        revision = sha1(f"{parent}\n{title}\n{listing}".encode()).hexdigest()
        self.commits[revision] = tree
        self.titles.append(title)
        return revision

    def find(self, revision: str) -> str | None:
        if revision in ("main", "refs/heads/main"):
            return self.head
        revision = self.tags.get(revision, revision)
        return revision if revision in self.commits else None


@dataclass
class Faults:
    """What goes wrong: ``break_puts`` uploads end in the middle, ``fail_commits`` answer 500."""

    break_puts: int = 0
    fail_commits: int = 0
    after_put: Any = None


@dataclass
class State:
    """All that the hub knows. ``requests`` counts by method and endpoint, ``puts`` are digests."""

    repos: dict[str, Repo] = field(default_factory=dict)
    lfs: dict[str, bytes] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)
    puts: list[str] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    lock: threading.RLock = field(default_factory=threading.RLock)
