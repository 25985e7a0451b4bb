"""One verb: map a stage over shards, at most so many in flight. The only place that knows how."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Protocol

import pyarrow as pa

from corpus.errors import TunesmithError
from corpus.run.store import Store


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

    def __call__(self, tables: Mapping[str, pa.Table]) -> Mapping[str, pa.Table]:
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
    stage: Stage, shards: Sequence[int], store: Store, sink: Sink, workers: int
) -> Iterator[Done]:
    """Run ``stage`` over ``shards`` and yield each as it finishes, in no particular order.

    One worker runs in this process. More are processes of their own, started by a fork server, so
    that no thread of this process is copied. Raises TunesmithError when a worker dies.
    """
    if min(workers, len(shards)) <= 1:
        for shard in shards:
            yield _run_shard(stage, shard, store, sink)
        return
    context = get_context("forkserver")
    context.set_forkserver_preload(["corpus.extract.stage", "corpus.render.stage"])
    with ProcessPoolExecutor(workers, context) as pool:
        try:
            yield from _run_on(pool, stage, shards, store, sink, workers * 2)
        except BrokenProcessPool:
            raise TunesmithError(
                f"a worker process died in stage {stage.name!r}: out of memory, or killed. "
                "Run it again with fewer --workers"
            ) from None
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _run_on(
    pool: ProcessPoolExecutor,
    stage: Stage,
    shards: Sequence[int],
    store: Store,
    sink: Sink,
    in_flight: int,
) -> Iterator[Done]:
    waiting = list(reversed(shards))
    running: set[Future[Done]] = set()
    while waiting or running:
        while waiting and len(running) < in_flight:
            running.add(pool.submit(_run_shard, stage, waiting.pop(), store, sink))
        finished, running = wait(running, return_when=FIRST_COMPLETED)
        for future in finished:
            yield future.result()


def _run_shard(stage: Stage, shard: int, store: Store, sink: Sink) -> Done:
    inputs = {name: store.read(name, shard) for name in stage.inputs}
    # A shard makes millions of small objects that hold no cycles; counting them costs a tenth.
    gc.disable()
    try:
        outputs = stage(inputs)
    finally:
        gc.enable()
    for name, rows in outputs.items():
        sink.write(name, shard, rows)
    return Done(shard, {name: rows.num_rows for name, rows in outputs.items()})
