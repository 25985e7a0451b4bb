"""The stage from files before and after their commits to changed functions and tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.config import Pipeline
from corpus.dedup.sign import sign
from corpus.fingerprint import fingerprint
from corpus.guard import Guard
from corpus.history.changes import FileComparison
from corpus.history.edits import patch
from corpus.history.files import RevisionFiles, UnreadableFileError, blobs_of
from corpus.history.schemas import CHANGE, DOC_EDIT, TEST_CHANGE
from corpus.rejects import Rejects
from corpus.schemas import Columns
from corpus.sources.base import Blob, Reader


@dataclass(frozen=True)
class ChangesStage:
    """Compares the files of a shard before and after their commits, function by function."""

    readers: Mapping[str, Reader]
    pipeline: Pipeline
    name: str = "history"
    inputs: tuple[str, ...] = ("revisions",)

    @property
    def fingerprint(self) -> str:
        """A hash of the settings."""
        return fingerprint(self.pipeline.files, self.pipeline.history, self.pipeline.dedup)

    def __call__(self, tables: Mapping[str, pa.Table], guard: Guard) -> Mapping[str, pa.Table]:
        """Return ``changes``, their signatures, ``doc_edits``, ``test_changes``, ``…_rejects``."""
        shard, max_lines = _Shard(), self.pipeline.history.max_lines
        number = 0
        rows = tables["revisions"].to_pylist()
        for repo, revisions in groupby(rows, key=itemgetter("repo")):
            files = RevisionFiles(self.readers[repo], self.pipeline.files, list(revisions))
            for revision in files:
                guard.at(number)
                try:
                    if number in guard.poisoned:
                        raise UnreadableFileError("parser_failed")
                    shard.add(FileComparison(revision, *files.sides(revision), max_lines))
                except UnreadableFileError as error:
                    shard.rejects.add(revision["blob_id"], error.reason, repo, revision["path"])
                except RecursionError:  # a sum of a thousand terms, one inside the other
                    shard.rejects.add(revision["blob_id"], "too_deep", repo, revision["path"])
                number += 1
        changes = shard.changes.table()
        both = pc.binary_join_element_wise(changes["before"], changes["after"], "\n")
        sides = zip(*(changes[name].to_pylist() for name in ("before", "after")), strict=True)
        patches = pa.chunked_array([pa.array([patch(*side) for side in sides], pa.string())])
        return {
            "changes": changes,
            "change_signatures": sign(patches, self.pipeline.dedup),
            "version_signatures": sign(both, self.pipeline.dedup),
            "doc_edits": shard.docs.table(),
            "test_changes": shard.tests.table(),
            "change_rejects": shard.rejects.table(),
        }

    def blobs(self, tables: Mapping[str, pa.Table]) -> dict[str, list[Blob]]:
        """Return the path and id of every version of a file in a shard, by repo."""
        found: dict[str, list[dict[str, Any]]] = {}
        for row in tables["revisions"].to_pylist():
            found.setdefault(row["repo"], []).append(row)
        return {repo: blobs_of(revisions) for repo, revisions in found.items()}

    def reading(self, readers: Mapping[str, Reader]) -> ChangesStage:
        """Return the same stage with other readers."""
        return replace(self, readers=readers)


class _Shard:
    """What comes out of one shard."""

    def __init__(self) -> None:
        self.changes = Columns(CHANGE)
        self.docs = Columns(DOC_EDIT)
        self.tests = Columns(TEST_CHANGE)
        self.rejects = Rejects("revisions")

    def add(self, file: FileComparison) -> None:
        """Add what changed in a file."""
        for change in file.changes():
            self.changes.add(**change)
        for edit in file.doc_edits():
            self.docs.add(**edit)
        for test in file.tests():
            self.tests.add(**test)
        for row in file.too_long():
            self.rejects.add(**row)
