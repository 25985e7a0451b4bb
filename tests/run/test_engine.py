"""Both engines: the same rows on one worker and on many; a worker that dies costs one row."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from corpus.errors import TunesmithError
from corpus.guard import Guard, Limits
from corpus.run.cluster import RayEngine
from corpus.run.local import LocalEngine
from corpus.run.stages import Engine, Shard
from corpus.sources.base import Blob, MissingRepoError, Reader
from corpus.store import Store

SHARDS, ROWS = 5, 4
MEMORY = 2**31


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
            elif fate == "hoard":
                bytearray(MEMORY + 1)
            squares.append(number * number)
        return {
            "squares": pa.table([squares], schema=_NUMBER),
            "lost": pa.table([lost], schema=_NUMBER),
        }


_NUMBER = pa.schema([("n", pa.int64())])


@dataclass(frozen=True)
class DieAtOnce:
    name: str = "die"
    inputs: tuple[str, ...] = ("numbers",)
    fingerprint: str = ""

    def __call__(self, tables: Mapping[str, pa.Table], guard: Guard) -> Mapping[str, pa.Table]:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


@dataclass(frozen=True)
class HomeReader:
    """Reads nothing but in the process that has the repo."""

    home: int

    def read(self, wanted: Sequence[Blob]) -> Iterator[bytes | None]:
        if os.getpid() != self.home:
            raise MissingRepoError("no repo here")
        return (f"<{path}>".encode() for path, _ in wanted)


@dataclass(frozen=True)
class Read:
    """Reads a file for each of its rows."""

    readers: Mapping[str, Reader]
    name: str = "read"
    inputs: tuple[str, ...] = ("numbers",)
    fingerprint: str = ""

    def blobs(self, tables: Mapping[str, pa.Table]) -> dict[str, list[Blob]]:
        return {"r": [(f"f{n}", str(n)) for n in tables["numbers"]["n"].to_pylist()]}

    def reading(self, readers: Mapping[str, Reader]) -> Read:
        return replace(self, readers=readers)

    def __call__(self, tables: Mapping[str, pa.Table], guard: Guard) -> Mapping[str, pa.Table]:
        found = self.readers["r"].read(self.blobs(tables)["r"])
        return {"texts": pa.table({"text": [content.decode() for content in found if content]})}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path)
    for shard in range(SHARDS):
        made.write("numbers", shard, pa.table({"n": range(shard * ROWS, (shard + 1) * ROWS)}))
    return made


@pytest.fixture(params=["local", "ray"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    if request.param == "local":
        limits = Limits(seconds=2, memory=MEMORY)  # a busy machine may take a second
        with closing(LocalEngine(2, limits)) as engine:
            yield engine
    else:
        request.getfixturevalue("ray_cluster")
        # Its workers share two processors with all else.
        yield RayEngine("auto", Limits(seconds=4, memory=MEMORY))


def read(store: Store, table: str, column: str = "n") -> list[Any]:
    return [value for rows in store.shards(table) for value in rows[column].to_pylist()]


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_every_shard_once_and_in_its_place(store: Store, workers: int) -> None:
    with closing(LocalEngine(workers)) as engine:
        _check_squares(engine, store)


def test_every_shard_once_on_either_engine(store: Store, engine: Engine) -> None:
    _check_squares(engine, store)


def _check_squares(engine: Engine, store: Store) -> None:
    done = list(engine.run(Square({}), Shard.each(SHARDS), store))
    assert sorted(d.shard for d in done) == list(range(SHARDS))
    assert [d.rows for d in done] == [{"squares": ROWS, "lost": 0}] * SHARDS
    assert all(d.is_whole for d in done)
    assert read(store, "squares") == [n * n for n in range(SHARDS * ROWS)]


def test_a_shard_may_be_made_of_several(store: Store, engine: Engine) -> None:
    list(engine.run(Square({}), [Shard(0, (0, 1, 2)), Shard(1, (3, 4))], store))
    assert store.count("squares") == 2
    assert read(store, "squares") == [n * n for n in range(SHARDS * ROWS)]


def test_a_row_that_kills_its_worker_costs_that_row(store: Store, engine: Engine) -> None:
    """Of all kinds in one run: on Ray every worker that is lost takes seconds to replace."""
    deadly = {5: "hang", 6: "crash", 17: "hoard", 19: "crash"}
    done = list(engine.run(Square(deadly), Shard.each(SHARDS), store))
    assert sorted(d.shard for d in done) == list(range(SHARDS))
    assert {d.shard for d in done if not d.is_whole} == {n // ROWS for n in deadly}
    assert read(store, "lost") == sorted(deadly)
    assert read(store, "squares") == [n * n for n in range(SHARDS * ROWS) if n not in deadly]


def test_the_death_of_what_starts_workers_is_no_rows_fault(store: Store) -> None:
    """It dies as fast as it is started, for a second, and no row is blamed for the workers lost."""
    server: Any = vars(forkserver)["_forkserver"]
    end = time.monotonic() + 1

    def kill() -> None:
        while time.monotonic() < end:
            with suppress(OSError, TypeError):  # gone already, or not started yet
                os.kill(server._forkserver_pid, signal.SIGKILL)
            time.sleep(0.02)

    killer = threading.Thread(target=kill)
    killer.start()
    with closing(LocalEngine(2)) as engine:
        _check_squares(engine, store)
    killer.join()


def test_workers_that_die_for_no_row_end_the_run(store: Store, engine: Engine) -> None:
    store.write("numbers", 0, pa.table({"n": [1]}))  # few rows, each of which is tried alone
    with pytest.raises(TunesmithError, match=r"die.* in stage 'die'"):
        list(engine.run(DieAtOnce(), Shard.each(1), store))


@pytest.mark.usefixtures("ray_cluster")
def test_a_worker_without_the_repo_is_sent_the_files(store: Store) -> None:
    stage = Read({"r": HomeReader(os.getpid())})
    list(RayEngine("auto").run(stage, Shard.each(SHARDS), store))
    assert read(store, "texts", "text") == [f"<f{n}>" for n in range(SHARDS * ROWS)]


def test_a_cluster_that_is_not_there_is_one_clear_line(
    store: Store, process: Any, tmp_path: Path
) -> None:
    done = process(
        "build", "--repo", tmp_path, "--out", tmp_path / "out",
        "--set", "engine=ray", "ray_address=127.0.0.1:9",
    )  # fmt: skip
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "no Ray cluster at '127.0.0.1:9'" in done.stderr
