"""The engine that is always there: processes on this machine."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait as wait_for
from pathlib import Path

from corpus.arrow import spare_pandas
from corpus.errors import TunesmithError
from corpus.guard import ROW_SECONDS, Guard, read_note
from corpus.run.stages import Done, Shard, Stage, apply_stage, read_inputs, write_outputs
from corpus.store import Store

# A shard is small, so that a change of one file makes few others be done again; handing one over
# costs as much as a file does, so that they are handed over by the dozen.
_BATCHES_PER_WORKER, _LARGEST_BATCH = 8, 32
# How often a shard may lose its worker at the same place before that place is to blame: memory that
# was short, or a stray kill, does not strike twice.
_TRIES = 2


@dataclass(frozen=True)
class LocalEngine:
    """Runs stages in this process (one worker), or in processes of their own.

    These are started by a fork server, so that no thread of this process is copied; one that dies,
    or is longer than ``row_seconds`` at a row, twice, costs that row.
    """

    workers: int
    row_seconds: int = ROW_SECONDS

    def run(self, stage: Stage, shards: Sequence[Shard], store: Store) -> Iterator[Done]:
        """Run ``stage`` over ``shards``: see ``Engine.run``."""
        if self.workers == 1 or not shards:
            for shard in shards:
                yield _run_shard(stage, shard, store, Guard())
        else:
            yield from _Pool(stage, store, self.workers, self.row_seconds).run(shards)


@dataclass
class _Pool:
    """Worker processes. When one dies, its pool is lost: a new one goes on where it stopped."""

    stage: Stage
    store: Store
    workers: int
    row_seconds: int
    poisoned: dict[int, frozenset[int]] = field(default_factory=dict)
    deaths: dict[tuple[int, int | None], int] = field(default_factory=dict)

    def run(self, shards: Sequence[Shard]) -> Iterator[Done]:
        waiting = {shard.number: shard for shard in shards}
        suspects: list[Shard] = []
        while waiting:
            # Suspects run alone, so that a death says whose fault it was.
            batches = [suspects[:1]] if suspects else self._batches([*waiting.values()])
            try:
                for done in self._run_batches(batches):
                    del waiting[done.shard]
                    suspects = [shard for shard in suspects if shard.number != done.shard]
                    yield done
            except BrokenProcessPool:
                if suspects:
                    self._blame(suspects[0])
                else:
                    begun = [s for s in waiting.values() if self._note(s).exists()]
                    # A worker that died before it began to work is nobody's fault.
                    suspects = begun or [*waiting.values()][:1]

    def _batches(self, shards: list[Shard]) -> list[list[Shard]]:
        size = len(shards) // (_BATCHES_PER_WORKER * self.workers)
        size = max(1, min(size, _LARGEST_BATCH))
        return [shards[start : start + size] for start in range(0, len(shards), size)]

    def _run_batches(self, batches: list[list[Shard]]) -> Iterator[Done]:
        context = get_context("forkserver")
        context.set_forkserver_preload(["corpus.extract.stage", "corpus.render.stage"])
        with ProcessPoolExecutor(
            min(self.workers, len(batches)), context, initializer=_begin
        ) as pool:
            try:
                waiting = list(reversed(batches))
                futures: set[Future[list[Done]]] = set()
                while waiting or futures:
                    while waiting and len(futures) < 2 * self.workers:
                        futures.add(self._submit(pool, waiting.pop()))
                    finished, futures = wait(futures, return_when=FIRST_COMPLETED)
                    for future in finished:
                        yield from future.result()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def _submit(self, pool: ProcessPoolExecutor, batch: list[Shard]) -> Future[list[Done]]:
        guards = {
            shard.number: (
                self._note(shard),
                self.poisoned.get(shard.number, frozenset()),
                self.row_seconds,
            )
            for shard in batch
        }
        try:
            return pool.submit(_run_guarded, self.stage, batch, self.store, guards)
        except (EOFError, OSError) as error:  # what starts the workers was killed itself
            raise BrokenProcessPool(str(error)) from error

    def _blame(self, shard: Shard) -> None:
        """Note where a worker died that did nothing else; the second time, leave that row out."""
        row = read_note(self._note(shard))
        place = shard.number, row
        self.deaths[place] = self.deaths.get(place, 0) + 1
        if self.deaths[place] < _TRIES:
            return
        poisoned = self.poisoned.get(shard.number, frozenset())
        if row is None or row in poisoned:
            raise TunesmithError(
                f"a worker process died in stage {self.stage.name!r}: out of memory, or killed. "
                "Run it again with fewer --workers: it goes on where it stopped"
            )
        self.poisoned[shard.number] = poisoned | {row}

    def _note(self, shard: Shard) -> Path:
        return self.store.root / f"{self.stage.name}-{shard.number}.note"


def _begin() -> None:
    """Let a worker end with its parent, however that comes; Ctrl-C is the parent's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    spare_pandas()
    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        wait_for([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


_GuardOf = Mapping[int, tuple[Path, frozenset[int], int]]
"""What the guard of each shard is made of, by its number."""


def _run_guarded(
    stage: Stage, batch: Sequence[Shard], store: Store, guards: _GuardOf
) -> list[Done]:
    finished = []
    for shard in batch:
        guard = Guard(*guards[shard.number])
        try:
            finished.append(_run_shard(stage, shard, store, guard))
        finally:
            guard.close()
    return finished


def _run_shard(stage: Stage, shard: Shard, store: Store, guard: Guard) -> Done:
    outputs = apply_stage(stage, read_inputs(stage, shard, store), guard)
    return write_outputs(outputs, shard, store, guard)
