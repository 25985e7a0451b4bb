"""What a build mined of its repos, found again without building: for rows of it in a moment.

Rows are made of these tables by templates and filters. So whoever changes a template, and looks at
rows in it, has to wait for these two alone, as long as the repos are at the commits that were built
and no setting of what comes before says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from corpus.config import NOT_OF_ROWS, Pipeline
from corpus.fingerprint import fingerprint, of_code, of_folder
from corpus.run.cache import LostError
from corpus.run.cached import CachedStore
from corpus.safety.scrub import Scrubber
from corpus.sources import Source
from corpus.sources.git import GitSource

if TYPE_CHECKING:
    from corpus.run.work import Work

FILES = ("files", "file_verdicts", "functions", "function_verdicts", "contexts", "doc_ages")
CHANGES = ("changes", "change_kinds", "change_verdicts", "change_contexts")
MENDED = ("mended",)
TESTED = ("tested",)
MUTATED = ("mutated",)
_GROUPS = (FILES, CHANGES, MENDED, TESTED, MUTATED)
"""Tables that are there together or not at all."""

# What says nothing of these tables: which rows are made of them.
_LATER = {"repos", "tasks", "templates", "docs", "refactor", "length", "mix"}


def remember_mined(work: Work, sources: Sequence[Source], *, is_dated: bool) -> None:
    """Keep where in the cache the tables of a build are.

    Whether docs are stale is known where history was read (``is_dated``), not in every build.
    """
    for tables in _GROUPS:
        key = _key(work.pipeline, sources, work.gate.scrubber, tables, is_dated=is_dated)
        if key is not None:
            work.remember(f"places_of_{tables[0]}", key, tables)


def _key(
    pipeline: Pipeline,
    sources: Sequence[Source],
    scrubber: Scrubber,
    tables: Sequence[str],
    *,
    is_dated: bool,
) -> str | None:
    """Return what tables are remembered by; None where what was read can't be told.

    A plain folder has no commit that says so.
    """
    read = [
        (source.name, source.commit, source.below)
        for source in sources
        if isinstance(source, GitSource)
    ]
    if len(read) < len(sources):
        return None
    settings = pipeline.model_dump(mode="json", exclude=_LATER | NOT_OF_ROWS)
    verified = pipeline.tests.verified
    proved = of_folder(Path(verified, ".tunesmith") if verified else None)
    dated = is_dated and "doc_ages" in tables
    return fingerprint(of_code(), read, settings, scrubber.fingerprint, proved, tables, dated)


@dataclass(frozen=True)
class Mined:
    """Tables of a build, each shard taken from the cache when it is asked for."""

    store: CachedStore
    _places: Mapping[tuple[str, int], tuple[str, int, int]]
    _promised: set[tuple[str, int]] = field(default_factory=set)

    @classmethod
    def find(
        cls,
        store: CachedStore,
        pipeline: Pipeline,
        sources: Sequence[Source],
        scrubber: Scrubber,
    ) -> Mined:
        """Return what the cache has of a build of these repos; it may be nothing."""
        cache = store.cache
        found: dict[tuple[str, int], tuple[str, int, int]] = {}
        for tables in _GROUPS:
            for is_dated in (True, False):
                key = _key(pipeline, sources, scrubber, tables, is_dated=is_dated)
                files = cache.find(key) if key else None
                if key is None or files is None:
                    continue
                store.promise(key, files)
                try:
                    rows = store.read(f"places_of_{tables[0]}", 0).to_pylist()
                except LostError:
                    continue
                if all(cache.has(entry) for entry in {row["entry"] for row in rows}):
                    for row in rows:
                        place = row["table"], row["shard"]
                        found[place] = row["entry"], row["first"], row["rows"]
                    break
        return cls(store, found)

    def has(self, tables: Iterable[str]) -> bool:
        """Tell whether all of these tables are there."""
        return {*tables} <= {table for table, _ in self._places}

    def rows(self, table: str) -> dict[int, int]:
        """Return how many rows a table has, by shard."""
        return {shard: place[2] for (name, shard), place in self._places.items() if name == table}

    def read(self, tables: Iterable[str], shard: int) -> dict[str, pa.Table]:
        """Return a shard of some tables. Raises LostError if the cache has lost it meanwhile."""
        for table in tables:
            entry, first, _ = self._places[table, shard]
            if (entry, first) not in self._promised:
                files = self.store.cache.find(entry)
                if files is None:
                    raise self.store.cache.lost()
                self.store.promise(entry, files, first)
                self._promised.add((entry, first))
        return {table: self.store.read(table, shard) for table in tables}
