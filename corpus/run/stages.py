"""What an engine runs: stages over shards, and what comes back."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import pyarrow as pa

from corpus.guard import Guard
from corpus.sources.base import Blob, Reader
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

    @property
    def fingerprint(self) -> str:
        """A hash of the settings and files that its outputs hang on besides its inputs."""
        ...

    def __call__(self, tables: Mapping[str, pa.Table], guard: Guard) -> Mapping[str, pa.Table]:
        """Turn one shard's input tables into its output tables."""
        ...


@runtime_checkable
class ReadsBlobs(Protocol):
    """A stage that reads files besides its tables, so that it takes a repo to run it."""

    @property
    def readers(self) -> Mapping[str, Reader]:
        """What reads the blobs of each repo."""
        ...

    def blobs(self, tables: Mapping[str, pa.Table]) -> Mapping[str, Sequence[Blob]]:
        """Return path and id of what it reads for these tables, by repo."""
        ...

    def reading(self, readers: Mapping[str, Reader]) -> Stage:
        """Return the same stage with other readers."""
        ...


@dataclass(frozen=True, slots=True)
class Shard:
    """A shard to make: its number, and the shards of the input tables that it is made of."""

    number: int
    reads: tuple[int, ...]

    @classmethod
    def each(cls, count: int) -> list[Shard]:
        """Return so many shards, each made of the one of its own number."""
        return [cls(number, (number,)) for number in range(count)]


@dataclass(frozen=True, slots=True)
class Done:
    """A finished shard, and the rows of each table that came out.

    ``is_whole`` is false where rows were left out because a worker died of them.
    """

    shard: int
    rows: Mapping[str, int]
    is_whole: bool = True


class Engine(Protocol):
    """Where stages run."""

    def run(self, stage: Stage, shards: Sequence[Shard], store: Store) -> Iterator[Done]:
        """Run a stage over shards and yield each as it finishes, in no particular order.

        Raises TunesmithError for work that can't be done, however often it is tried.
        """
        ...

    def close(self) -> None:
        """Let go of what was started for the work. Without effect where nothing was."""
        ...


def read_inputs(stage: Stage, shard: Shard, store: Store) -> dict[str, pa.Table]:
    """Return the tables that a stage makes a shard of."""
    return {name: store.read_some(name, shard.reads) for name in stage.inputs}


def apply_stage(
    stage: Stage, tables: Mapping[str, pa.Table], guard: Guard
) -> Mapping[str, pa.Table]:
    """Return what a stage makes of a shard's tables."""
    # A shard makes many small objects that hold no cycles; counting them costs a tenth.
    gc.disable()
    try:
        return stage(tables, guard)
    finally:
        guard.rest()
        gc.enable()


def write_outputs(
    outputs: Mapping[str, pa.Table], shard: Shard, store: Store, guard: Guard
) -> Done:
    """Put a shard's output tables into the store."""
    for name, rows in outputs.items():
        store.write(name, shard.number, rows)
    rows_of = {name: rows.num_rows for name, rows in outputs.items()}
    return Done(shard.number, rows_of, is_whole=not guard.poisoned)
