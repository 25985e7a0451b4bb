"""The engine for more than one machine: Ray, on a cluster that is there or on this machine.

Tables travel with the work and come back: workers need tunesmith, but no disk in common with the
machine that builds. Tasks whose worker or node is lost are tried again by Ray; a shard that loses
its worker every time is taken apart, so that one bad row costs that row.
"""

from __future__ import annotations

import logging
import os
import socket
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from corpus.errors import TunesmithError, UsageError
from corpus.guard import DEFAULT_LIMITS, Guard, Limits
from corpus.process import give_back_freed, spare_pandas
from corpus.run.stages import (
    Done,
    ReadsBlobs,
    Shard,
    Stage,
    apply_stage,
    read_inputs,
    write_outputs,
)
from corpus.sources.base import BlobReader, MissingRepoError
from corpus.store import Store

_RETRIES = 3  # a node takes several workers with it


@dataclass(frozen=True)
class RayEngine:
    """Runs stages as Ray tasks. ``address`` is a cluster's; None starts Ray on this machine."""

    address: str | None = None
    limits: Limits = DEFAULT_LIMITS

    def __post_init__(self) -> None:
        """Connect, so that a cluster that is not there is told before there is work to lose."""
        _connected(self.address)

    def run(self, stage: Stage, shards: Sequence[Shard], store: Store) -> Iterator[Done]:
        """Run ``stage`` over ``shards``: see ``Engine.run``."""
        if shards:
            yield from _Run(_connected(self.address), stage, store, self.limits).run(shards)

    def close(self) -> None:
        """Do nothing: a cluster stays, and Ray ends with this process what it started for it."""


def _connected(address: str | None) -> Any:
    """Return the module ``ray``, connected. Raises UsageError where it is not installed."""
    # It reports to its makers unless it is told not to.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        import ray
    except ImportError:
        raise UsageError("engine: ray needs the extra: pip install 'tunesmith[ray]'") from None
    if not ray.is_initialized():
        _reach(address)
        try:
            # Without an address it is started here, for this build; its web page takes seconds.
            own: dict[str, Any] = {} if address else {"include_dashboard": False}
            ray.init(
                address=address or "local", log_to_driver=False, logging_level=logging.ERROR, **own
            )
        except (ConnectionError, ValueError) as error:
            raise UsageError(f"no Ray cluster at {address!r}: {error}") from None
    return ray


def _reach(address: str | None) -> None:
    """Look whether anybody answers: Ray itself waits for minutes. Raises UsageError."""
    host, _, port = (address or "").removeprefix("ray://").rpartition(":")
    if not host or not port.isdigit():
        return
    try:
        socket.create_connection((host, int(port)), timeout=10).close()
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"no Ray cluster at {address!r}: {reason}") from None


@dataclass
class _Run:
    ray: Any
    stage: Stage
    store: Store
    limits: Limits

    def run(self, shards: Sequence[Shard]) -> Iterator[Done]:
        remote = self.ray.remote(_run_shard)
        stage = self.ray.put(self.stage)
        # Twice the processors, so that none waits for the next table; not more, for they lie in
        # memory meanwhile.
        most = 2 * max(1, int(self.ray.cluster_resources().get("CPU", 1)))
        waiting = list(reversed(shards))
        running: dict[Any, Shard] = {}
        try:
            while waiting or running:
                while waiting and len(running) < most:
                    shard = waiting.pop()
                    task = remote.options(max_retries=_RETRIES).remote(
                        stage, self._tables(shard), frozenset(), self.limits
                    )
                    running[task] = shard
                (ready,), _ = self.ray.wait([*running], num_returns=1)
                shard = running.pop(ready)
                yield self._finish(ready, shard)
        finally:
            for task in running:
                self.ray.cancel(task, force=True)

    def _finish(self, task: Any, shard: Shard) -> Done:
        lost = self.ray.exceptions.WorkerCrashedError, self.ray.exceptions.NodeDiedError
        try:
            return write_outputs(self.ray.get(task), shard, self.store, Guard())
        except self.ray.exceptions.RayTaskError as error:
            if isinstance(error.cause, MissingRepoError):
                return self._with_contents(shard)
            raise error.cause from None
        except lost:
            return self._without_poison(shard)

    def _with_contents(self, shard: Shard) -> Done:
        """Run a shard on a worker that has no repo: the files go with it."""
        tables = self._tables(shard)
        outputs = self._try(carrying(self.stage, tables), tables, frozenset())
        if outputs is None:
            return self._without_poison(shard)
        return write_outputs(outputs, shard, self.store, Guard())

    def _without_poison(self, shard: Shard) -> Done:
        """Run a shard without the rows that kill a worker even where they are alone."""
        tables = self._tables(shard)
        stage = carrying(self.stage, tables)
        rows = frozenset(range(tables[self.stage.inputs[0]].num_rows))
        poisoned = frozenset(row for row in rows if self._try(stage, tables, rows - {row}) is None)
        outputs = self._try(stage, tables, poisoned) if poisoned else None
        if outputs is None:
            raise TunesmithError(
                f"workers die in stage {self.stage.name!r}: out of memory, or killed. Run it "
                "again: it goes on where it stopped"
            )
        return write_outputs(outputs, shard, self.store, Guard(poisoned=poisoned))

    def _try(
        self, stage: Stage, tables: Mapping[str, pa.Table], poisoned: frozenset[int]
    ) -> Mapping[str, pa.Table] | None:
        """Return what a stage makes of a shard; None if its worker is lost, twice."""
        task = self.ray.remote(_run_shard).options(max_retries=1)
        try:
            outputs: Mapping[str, pa.Table] = self.ray.get(
                task.remote(stage, tables, poisoned, self.limits)
            )
        except (self.ray.exceptions.WorkerCrashedError, self.ray.exceptions.NodeDiedError):
            return None
        return outputs

    def _tables(self, shard: Shard) -> dict[str, pa.Table]:
        return read_inputs(self.stage, shard, self.store)


def carrying(stage: Stage, tables: Mapping[str, pa.Table]) -> Stage:
    """Return a stage that holds the blobs which it would read for these tables."""
    if not isinstance(stage, ReadsBlobs):
        return stage
    return stage.reading(
        {
            repo: BlobReader(dict(zip((id_ for _, id_ in wanted), found, strict=True)))
            for repo, wanted in stage.blobs(tables).items()
            for found in [stage.readers[repo].read(wanted)]
        }
    )


def _run_shard(
    stage: Stage, tables: Mapping[str, pa.Table], poisoned: frozenset[int], limits: Limits
) -> Mapping[str, pa.Table]:
    spare_pandas()  # before a row's time begins to count
    give_back_freed()
    with (
        tempfile.TemporaryDirectory(prefix="tunesmith-") as scratch,
        Guard(Path(scratch, "note"), poisoned, limits) as guard,
    ):
        return apply_stage(stage, tables, guard)
