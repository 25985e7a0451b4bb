"""The engine: the same rows on one worker and on many, and a worker that dies costs one row."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest

from corpus.errors import TunesmithError
from corpus.guard import Guard
from corpus.run.local import LocalEngine
from corpus.run.stages import Shard
from corpus.store import Store

SHARDS, ROWS = 5, 4


@dataclass(frozen=True)
class Square:
    """Squares its rows; on the rows that it is told to, its process dies or hangs first."""

    deadly: Mapping[int, str]
    name: str = "square"
    inputs: tuple[str, ...] = ("numbers",)
    fingerprint: str = ""

    def __call__(self, tables: Mapping[str, pa.Table], guard: Guard) -> Mapping[str, pa.Table]:
        squares, lost = [], []
        for row, number in enumerate(tables["numbers"]["n"].to_pylist()):
            guard.at(row)
            if row in guard.poisoned:
                lost.append(number)
                continue
            fate = self.deadly.get(number)
            if fate == "crash":
                os.kill(os.getpid(), signal.SIGSEGV)
            elif fate == "hang":
                time.sleep(600)
            squares.append(number * number)
        return {"squares": pa.table({"n": squares}), "lost": pa.table({"n": lost})}


@dataclass(frozen=True)
class DieAtOnce:
    name: str = "die"
    inputs: tuple[str, ...] = ("numbers",)
    fingerprint: str = ""

    def __call__(self, tables: Mapping[str, pa.Table], guard: Guard) -> Mapping[str, pa.Table]:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path)
    for shard in range(SHARDS):
        made.write("numbers", shard, pa.table({"n": range(shard * ROWS, (shard + 1) * ROWS)}))
    return made


def read(store: Store, table: str) -> list[int]:
    return [n for rows in store.shards(table) for n in rows["n"].to_pylist()]


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_every_shard_once_and_in_its_place(store: Store, workers: int) -> None:
    done = list(LocalEngine(workers).run(Square({}), Shard.each(SHARDS), store))
    assert sorted(d.shard for d in done) == list(range(SHARDS))
    assert [d.rows for d in done] == [{"squares": ROWS, "lost": 0}] * SHARDS
    assert read(store, "squares") == [n * n for n in range(SHARDS * ROWS)]


@pytest.mark.parametrize(
    "deadly",
    [{6: "crash"}, {6: "crash", 7: "crash", 19: "crash"}, {9: "hang"}],
    ids=["one", "several", "hang"],
)
def test_a_row_that_kills_its_worker_costs_that_row(store: Store, deadly: dict[int, str]) -> None:
    done = list(LocalEngine(2, row_seconds=1).run(Square(deadly), Shard.each(SHARDS), store))
    assert sorted(d.shard for d in done) == list(range(SHARDS))
    assert read(store, "lost") == sorted(deadly)
    assert read(store, "squares") == [n * n for n in range(SHARDS * ROWS) if n not in deadly]


def test_a_worker_that_dies_for_no_row_ends_the_run(store: Store) -> None:
    with pytest.raises(TunesmithError, match="a worker process died in stage 'die'"):
        list(LocalEngine(2).run(DieAtOnce(), Shard.each(SHARDS), store))
