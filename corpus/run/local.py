"""The engine that is always there: processes on this machine."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from corpus.errors import TunesmithError
from corpus.guard import DEFAULT_LIMITS, Guard, Limits, read_note
from corpus.run.stages import Done, Shard, Stage, apply_stage, read_inputs, write_outputs
from corpus.run.workers import Workers
from corpus.store import Store

# A shard is small, so that a change of one file makes few others be done again; handing one over
# costs as much as a file does, so that they are handed over by the dozen.
_BATCHES_PER_WORKER, _LARGEST_BATCH = 8, 32
# How often a shard may lose its worker at the same place before that place is to blame: memory that
# was short, or a stray kill, does not strike twice.
_TRIES = 2
# How often workers may die before they begin, each wait longer than the last: what starts them can
# take a while to be gone when it was killed, and until then every new worker is lost with it.
_STARTS, _WAIT_SECONDS = 8, 0.1


class LocalEngine:
    """Runs stages in this process (one worker, no bound on memory), or in processes of their own.

    One of these that dies, or takes more than ``limits`` for a row, twice, costs that row.
    """

    def __init__(
        self, workers: int, limits: Limits = DEFAULT_LIMITS, *, is_needed: bool = False
    ) -> None:
        """``workers`` is how many processes work at the same time.

        Where it is known that they will be needed, what starts them is started at once.
        """
        self._workers = Workers(workers)
        self._limits = limits
        if is_needed and not self._works_here:
            self._workers.prepare()

    @property
    def _works_here(self) -> bool:
        return self._workers.count == 1 and self._limits.memory is None

    def run(self, stage: Stage, shards: Sequence[Shard], store: Store) -> Iterator[Done]:
        """Run ``stage`` over ``shards``: see ``Engine.run``."""
        if not shards or self._works_here:
            for shard in shards:
                yield _run_shard(stage, shard, store, Guard())
        else:
            yield from _Run(stage, store, self._workers, self._limits).run(shards)

    def close(self) -> None:
        """End the worker processes."""
        self._workers.close()


@dataclass
class _Run:
    """One stage over its shards. When a worker dies, all are lost: new ones go on from there."""

    stage: Stage
    store: Store
    workers: Workers
    limits: Limits
    poisoned: dict[int, frozenset[int]] = field(default_factory=dict)
    deaths: dict[tuple[int, int | None], int] = field(default_factory=dict)
    false_starts: int = 0

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
                self.workers.close()
                begun = [shard for shard in chain(*batches) if self._note(shard).exists()]
                if not begun:
                    self._start_again()
                elif suspects:
                    self._blame(suspects[0])
                else:
                    suspects = begun
                for shard in begun:
                    self._note(shard).unlink(missing_ok=True)

    def _start_again(self) -> None:
        """Wait before new workers are started: one that died before it began is nobody's fault."""
        self.false_starts += 1
        if self.false_starts == _STARTS:
            raise self._lost_worker()
        time.sleep(_WAIT_SECONDS * self.false_starts)

    def _batches(self, shards: list[Shard]) -> list[list[Shard]]:
        size = len(shards) // (_BATCHES_PER_WORKER * self.workers.count)
        size = max(1, min(size, _LARGEST_BATCH))
        return [shards[start : start + size] for start in range(0, len(shards), size)]

    def _run_batches(self, batches: list[list[Shard]]) -> Iterator[Done]:
        waiting = list(reversed(batches))
        futures: set[Future[list[Done]]] = set()
        while waiting or futures:
            while waiting and len(futures) < 2 * self.workers.count:
                futures.add(self._submit(waiting.pop()))
            finished, futures = wait(futures, return_when=FIRST_COMPLETED)
            for future in finished:
                yield from future.result()

    def _submit(self, batch: list[Shard]) -> Future[list[Done]]:
        guards = {
            shard.number: (
                self._note(shard),
                self.poisoned.get(shard.number, frozenset()),
                self.limits,
            )
            for shard in batch
        }
        return self.workers.submit(_run_guarded, self.stage, batch, self.store, guards)

    def _blame(self, shard: Shard) -> None:
        """Note where a worker died that did nothing else; the second time, leave that row out."""
        row = read_note(self._note(shard))
        place = shard.number, row
        self.deaths[place] = self.deaths.get(place, 0) + 1
        if self.deaths[place] < _TRIES:
            return
        poisoned = self.poisoned.get(shard.number, frozenset())
        if row is None or row in poisoned:
            raise self._lost_worker()
        self.poisoned[shard.number] = poisoned | {row}

    def _lost_worker(self) -> TunesmithError:
        return TunesmithError(
            f"a worker process died in stage {self.stage.name!r}: out of memory, or killed. "
            "Run it again with fewer --workers, or a larger worker_memory if the pipeline file "
            "has one: it goes on where it stopped"
        )

    def _note(self, shard: Shard) -> Path:
        return self.store.root / f"{self.stage.name}-{shard.number}.note"


_GuardOf = Mapping[int, tuple[Path, frozenset[int], Limits]]
"""What the guard of each shard is made of, by its number."""


def _run_guarded(
    stage: Stage, batch: Sequence[Shard], store: Store, guards: _GuardOf
) -> list[Done]:
    finished = []
    for shard in batch:
        with Guard(*guards[shard.number]) as guard:
            finished.append(_run_shard(stage, shard, store, guard))
    return finished


def _run_shard(stage: Stage, shard: Shard, store: Store, guard: Guard) -> Done:
    outputs = apply_stage(stage, read_inputs(stage, shard, store), guard)
    return write_outputs(outputs, shard, store, guard)
