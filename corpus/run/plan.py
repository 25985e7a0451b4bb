"""Lists what there is to read, leaves out what a path alone rules out, and cuts it into shards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from corpus.config import Pipeline
from corpus.ids import is_boundary
from corpus.languages import LANGUAGES, Language
from corpus.rejects import Rejects
from corpus.run.licenses import licenses_of
from corpus.safety.licenses import nearest
from corpus.schemas import BLOB, Columns
from corpus.sources import Entry, Source
from corpus.sources.base import blob_row
from corpus.sources.skip import PathRules, read_attributes
from corpus.store import Store

# A shard is what is done again when one of its files changes, and what a worker holds in memory:
# about 16 files, less where they are large.
_LEAST_FILES = 8
_SHARD_BYTES = 4_000_000


class Plan:
    """The shards to read, as rows of ``blobs`` in the store; ``rules`` are each source's."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._blobs = Columns(BLOB)
        self._bytes = self._count = 0
        self._sizes: list[int] = []
        self.rules: dict[str, PathRules] = {}

    def add(self, blob: Mapping[str, Any]) -> None:
        """Put a file (``schemas.BLOB``) into the current shard."""
        self._blobs.add(**blob)
        self._bytes += blob["size"]
        self._count += 1
        may_end = self._count >= _LEAST_FILES and is_boundary(blob["path"])
        if may_end or self._bytes >= _SHARD_BYTES:
            self.close_shard()

    @property
    def shards(self) -> int:
        """How many shards there are."""
        return len(self._sizes)

    @property
    def files(self) -> int:
        """How many files there are to read."""
        return sum(self._sizes)

    def files_in(self, shard: int) -> int:
        """Return how many files a shard holds."""
        return self._sizes[shard]

    def close_shard(self) -> None:
        """Write the current shard, if anything is in it."""
        if self._count:
            self._store.write("blobs", self.shards, self._blobs.table())
            self._sizes.append(self._count)
        self._blobs, self._bytes, self._count = Columns(BLOB), 0, 0


def plan(listed: Mapping[Source, Sequence[Entry]], pipeline: Pipeline, store: Store) -> Plan:
    """Write the tables ``blobs`` and ``path_rejects``, in the order of repos and paths.

    ``listed`` are all entries of each source. Needs the table ``licenses``.
    """
    made = Plan(store)
    rejects = Rejects("paths")
    languages = frozenset(pipeline.languages or LANGUAGES)
    for source, entries in listed.items():
        attributes = read_attributes([*source.above(), *entries], source.reader)
        licenses = licenses_of(store, source.name)
        rules = made.rules[source.name] = PathRules(pipeline.files, languages, attributes)
        for entry in entries:
            verdict = rules.language(entry)
            if isinstance(verdict, Language):
                license_ = nearest(entry.path, licenses)
                made.add(blob_row(source, entry, verdict.name, license_))
            else:
                reason, detail = verdict
                rejects.add(entry.blob_id or "", reason, source.name, entry.path, detail=detail)
        made.close_shard()  # a shard is of one repo
    store.write("path_rejects", 0, rejects.table())
    return made
