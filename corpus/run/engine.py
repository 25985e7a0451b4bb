"""One verb: run a stage over shards, at most so many in flight. The only place that knows how."""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait as wait_for
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from corpus.errors import TunesmithError
from corpus.guard import ROW_SECONDS, Guard, read_note
from corpus.store import Store


class Stage(Protocol):
    """A picklable function from record tables to record tables. It does not know where it runs."""

    @property
    def name(self) -> str:
        """What progress and timings call it."""
        ...

    @property
    def inputs(self) -> Sequence[str]:
        """The tables that it reads."""
        ...

    def __call__(self, tables: Mapping[str, pa.Table], guard: Guard) -> Mapping[str, pa.Table]:
        """Turn one shard's input tables into its output tables."""
        ...


class Sink(Protocol):
    """Where a stage's output tables go."""

    def write(self, table: str, shard: int, rows: pa.Table) -> None:
        """Keep one shard of a table."""
        ...


@dataclass(frozen=True, slots=True)
class Done:
    """A finished shard, and the rows of each table that came out."""

    shard: int
    rows: Mapping[str, int]


def run_stage(
    stage: Stage,
    shards: Sequence[int],
    store: Store,
    sink: Sink,
    workers: int,
    row_seconds: int = ROW_SECONDS,
) -> Iterator[Done]:
    """Run ``stage`` over ``shards`` and yield each as it finishes, in no particular order.

    One worker runs in this process. More are processes of their own, started by a fork server, so
    that no thread of this process is copied; one that dies, or is longer than ``row_seconds`` at a
    row, costs that row. Raises TunesmithError for a worker that dies for no row's sake.
    """
    if workers == 1 or not shards:
        for shard in shards:
            yield _run_shard(stage, shard, store, sink, Guard())
    else:
        yield from _Pool(stage, store, sink, min(workers, len(shards)), row_seconds).run(shards)


@dataclass
class _Pool:
    """Worker processes. When one dies, its pool is lost: a new one goes on where it stopped."""

    stage: Stage
    store: Store
    sink: Sink
    workers: int
    row_seconds: int
    poisoned: dict[int, frozenset[int]] = field(default_factory=dict)

    def run(self, shards: Sequence[int]) -> Iterator[Done]:
        waiting = list(shards)
        suspects: list[int] = []
        while waiting or suspects:
            # Suspects run alone, so that a death says whose fault it was.
            batch = suspects[:1] or waiting
            running: set[int] = set()
            try:
                for done in self._run_batch(batch, running):
                    batch.remove(done.shard)
                    suspects = [shard for shard in suspects if shard != done.shard]
                    yield done
            except BrokenProcessPool:
                if suspects:
                    self._poison(suspects[0])
                else:
                    suspects = sorted(running)
                    waiting = [shard for shard in waiting if shard not in running]

    def _run_batch(self, shards: Sequence[int], running: set[int]) -> Iterator[Done]:
        context = get_context("forkserver")
        context.set_forkserver_preload(["corpus.extract.stage", "corpus.render.stage"])
        with ProcessPoolExecutor(
            min(self.workers, len(shards)), context, initializer=_follow_parent
        ) as pool:
            try:
                waiting = list(reversed(shards))
                futures: set[Future[Done]] = set()
                while waiting or futures:
                    while waiting and len(futures) < 2 * self.workers:
                        running.add(waiting[-1])
                        futures.add(self._submit(pool, waiting.pop()))
                    finished, futures = wait(futures, return_when=FIRST_COMPLETED)
                    for done in [future.result() for future in finished]:
                        running.discard(done.shard)
                        yield done
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def _submit(self, pool: ProcessPoolExecutor, shard: int) -> Future[Done]:
        poisoned = self.poisoned.get(shard, frozenset())
        guard = partial(Guard, self._note(shard), poisoned, self.row_seconds)
        return pool.submit(_run_guarded, self.stage, shard, self.store, self.sink, guard)

    def _poison(self, shard: int) -> None:
        row = read_note(self._note(shard))
        poisoned = self.poisoned.get(shard, frozenset())
        if row is None or row in poisoned:
            raise TunesmithError(
                f"a worker process died in stage {self.stage.name!r}: out of memory, or killed. "
                "Run it again with fewer --workers"
            )
        self.poisoned[shard] = poisoned | {row}

    def _note(self, shard: int) -> Path:
        return self.store.root / f"{self.stage.name}-{shard}.note"


def _follow_parent() -> None:
    """End a worker when its parent ends, however that comes; Ctrl-C is the parent's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        wait_for([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _run_guarded(
    stage: Stage, shard: int, store: Store, sink: Sink, make_guard: Callable[[], Guard]
) -> Done:
    guard = make_guard()
    try:
        return _run_shard(stage, shard, store, sink, guard)
    finally:
        guard.close()


def _run_shard(stage: Stage, shard: int, store: Store, sink: Sink, guard: Guard) -> Done:
    inputs = {name: store.read(name, shard) for name in stage.inputs}
    # A shard makes millions of small objects that hold no cycles; counting them costs a tenth.
    gc.disable()
    try:
        outputs = stage(inputs, guard)
    finally:
        gc.enable()
    for name, rows in outputs.items():
        sink.write(name, shard, rows)
    return Done(shard, {name: rows.num_rows for name, rows in outputs.items()})
