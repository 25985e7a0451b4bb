"""What the steps of a build share: the pipeline, where its tables lie, and how work is done once.

Every piece of work has a key: a hash of tunesmith's code, its own settings, and the digests of its
input tables. Where the cache has the key, the outputs are taken from there. So a killed build goes
on where it stopped, a rebuild does what changed, and a change whose effect ends at some stage costs
nothing behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from corpus.config import Pipeline
from corpus.fingerprint import fingerprint, of_code
from corpus.process import trim_heap
from corpus.publish.parquet import ParquetStage, groups_of, unpack
from corpus.run.cache import Cache, File, Files, LostError, digest_of
from corpus.run.cached import PLACE, CachedStore, Place
from corpus.run.progress import Stages
from corpus.run.stages import Done, Engine, Shard, Stage
from corpus.safety.rows import RowGate
from corpus.schemas import Columns
from corpus.store import Store


@dataclass(frozen=True)
class Work:
    """One build of the dataset ``folder``.

    ``gate`` is the last look at its rows; ``commits`` are those that are read, by repo.
    """

    pipeline: Pipeline
    folder: Path
    store: CachedStore
    engine: Engine
    stages: Stages
    gate: RowGate
    commits: Mapping[str, str | None]
    _files: dict[Place, File] = field(default_factory=dict)
    _entries: dict[Place, tuple[str, int]] = field(default_factory=dict)

    @property
    def cache(self) -> Cache:
        """Where results are kept."""
        return self.store.cache

    def run(
        self,
        stage: Stage,
        shards: int | Sequence[Shard],
        unit: str,
        *,
        total: int | None = None,
        advance: Callable[[Done], int] | None = None,
    ) -> None:
        """Run a stage over its shards. The bar counts rows of table ``unit``, or ``advance``."""
        units = advance or (lambda done: done.rows[unit])
        settings = stage.fingerprint
        keys: dict[int, str] = {}
        waiting = []
        with self.stages.stage(stage.name, total, unit) as bar, self.cache.writing():
            for shard in Shard.each(shards) if isinstance(shards, int) else shards:
                inputs = [(table, number) for table in stage.inputs for number in shard.reads]
                key = self._key(stage.name, settings, inputs)
                if (files := self._found(key, shard.number)) is not None:
                    rows = {table: file.rows for (table, _), file in files.items()}
                    bar.advance(units(Done(shard.number, rows)))
                else:
                    keys[shard.number] = key
                    waiting.append(shard)
            if waiting:
                # The rules of the scan are compiled once on a machine, and put down there: not by
                # every worker at once, and not where there is nothing to scan.
                self.gate.scrubber.find(b"")
            read = ((table, n) for shard in waiting for table in stage.inputs for n in shard.reads)
            for done in self.engine.run(stage, waiting, self.store.take(read)):
                made = [(table, done.shard, rows) for table, rows in done.rows.items()]
                self._keep(keys[done.shard] if done.is_whole else None, made, done.shard)
                bar.advance(units(done))

    def once(
        self, name: str, inputs: Sequence[str], settings: str, step: Callable[[Store], None]
    ) -> None:
        """Do what takes the whole corpus at once, if it was not done before.

        ``step`` reads the tables ``inputs`` and writes others; ``settings`` is the fingerprint of
        all else that it goes by.
        """
        with self.stages.stage(name), self.cache.writing():
            # Some tables have only a few of the shards: which ones is told too.
            places = [(table, n) for table in inputs for n in self.store.numbers(table)]
            key = self._key(name, fingerprint(settings, places), places)
            if self._found(key, 0) is not None:
                return
            before = len(self.store.written)
            step(self.store)
            self._keep(key, self.store.written[before:], 0)
            trim_heap()  # what one step needed is not kept beside what the next one needs

    def remember(self, name: str, key: str, tables: Sequence[str]) -> None:
        """Keep a table ``name`` (``cached.PLACE``) under ``key``: where in the cache others are.

        They are all there, or nothing is kept.
        """
        places = [(table, n) for table in tables for n in self.store.numbers(table)]
        if {table for table, _ in places} != {*tables} or not self._entries.keys() >= {*places}:
            return
        rows = Columns(PLACE)
        for table, number in places:
            entry, first = self._entries[table, number]
            count = self._files[table, number].rows
            rows.add(table=table, shard=number, rows=count, entry=entry, first=first)
        with self.cache.writing():
            self.store.write(name, 0, rows.table())
            self._keep(key, [(name, 0, len(places))], 0)

    def write(self, configuration: str, table: str, order: int) -> None:
        """Write the rows of a table as Parquet files of the dataset, those of ``order`` 0 first."""
        stage = ParquetStage(table, self.commits, mixed=configuration == "instructions")
        groups = enumerate(groups_of(self.store, table))
        self.run(stage, [Shard(number, tuple(group)) for number, group in groups], stage.output)
        unpack(self.store, stage.output, self.folder / configuration, order)

    def _key(self, name: str, settings: str, inputs: Iterable[Place]) -> str:
        return fingerprint(of_code(), name, settings, [self._digest(place) for place in inputs])

    def _digest(self, place: Place) -> str:
        """Return the digest of a table's shard; what a step before the cache wrote is read."""
        if place not in self._files:
            path = self.store.path(*place)
            self._files[place] = File(-1, digest_of(path))
        return self._files[place].digest

    def _keep(self, key: str | None, made: Iterable[tuple[str, int, int]], first: int) -> None:
        """Note what was made, by table, shard and rows, and keep it under ``key``."""
        files = {
            (table, shard - first): File(rows, digest_of(self.store.path(table, shard)))
            for table, shard, rows in made
        }
        self._note(files, first, key)
        if key is not None:
            self.cache.keep(key, files, self.store, first)

    def _found(self, key: str, first: int) -> Files | None:
        """Take over what the cache has under ``key``, to be read when it is needed."""
        files = self.cache.find(key)
        if files is None:
            return None
        try:
            self.store.promise(key, files, first)
        except LostError:
            return None
        self._note(files, first, key)
        return files

    def _note(self, files: Files, first: int, key: str | None) -> None:
        for (table, shard), file in files.items():
            self._files[table, first + shard] = file
            if key is not None:
                self._entries[table, first + shard] = key, first
