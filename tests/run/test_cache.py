"""The cache: what is kept comes back whole or not at all, and room is made in order of use."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pytest

from corpus.run.cache import Cache, File, LostError, digest_of
from corpus.run.cached import CachedStore
from corpus.store import Store

ROWS = pa.table({"n": [1, 2, 3]})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path / "store")
    made.write("numbers", 4, ROWS)
    return made


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def _keep(cache: Cache, store: Store, key: str = "ab12") -> None:
    cache.keep(key, {("numbers", 0): File(3, digest_of(store.path("numbers", 4)))}, store, 4)


def _entry_file(cache: Cache) -> Path:
    (entry,) = cache.entries()
    return entry / "numbers-000000.arrow"


def test_what_is_kept_is_restored_under_another_number(
    cache: Cache, store: Store, tmp_path: Path
) -> None:
    _keep(cache, store)
    files = cache.find("ab12")
    assert files is not None
    assert files["numbers", 0].rows == 3
    assert cache.find("cd34") is None
    other = CachedStore(tmp_path / "other", cache)
    other.write("numbers", 3, ROWS)
    other.promise("ab12", files, 7)
    assert other.numbers("numbers") == [3, 7]
    assert other.size("numbers", 7) == store.size("numbers", 4)
    assert not (tmp_path / "other" / "numbers" / "000007.arrow").exists(), "nobody has read it"
    assert other.read("numbers", 7) == ROWS
    assert other.size("numbers", 7) == store.size("numbers", 4)


def test_another_process_reads_what_was_taken(cache: Cache, store: Store, tmp_path: Path) -> None:
    _keep(cache, store)
    promised = CachedStore(tmp_path / "other", cache)
    promised.promise("ab12", cache.find("ab12") or {}, 7)
    assert promised.take([("numbers", 7)]).read("numbers", 7) == ROWS


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(path.read_bytes()[:-9]),
        lambda path: path.write_bytes(b"\0" * path.stat().st_size),
        lambda path: path.write_bytes(b""),
        lambda path: path.unlink(),
        lambda path: path.with_name("entry.json").write_text('[["numbers", 0, 3'),
        lambda path: path.with_name("entry.json").write_text("[[1]]"),
        lambda path: path.with_name("entry.json").unlink(),
    ],
    ids=["cut", "zeros", "empty", "gone", "list-cut", "list-strange", "list-gone"],
)
def test_a_torn_entry_is_not_used(cache: Cache, store: Store, tmp_path: Path, damage) -> None:
    _keep(cache, store)
    damage(_entry_file(cache))
    files = cache.find("ab12")
    if files is not None:
        other = CachedStore(tmp_path / "other", cache)
        other.promise("ab12", files)
        with pytest.raises(LostError, match="try it again"):
            other.read("numbers", 0)
    assert not list(tmp_path.glob("other/*/*"))
    assert cache.find("ab12") is None, "it is thrown away"


def test_pruning_takes_what_was_of_no_use_for_the_longest_time(
    cache: Cache, store: Store, tmp_path: Path
) -> None:
    for age, key in enumerate(("aa1", "bb2", "cc3")):
        _keep(cache, store, key)
        os.utime(cache.root / "entries" / key[:2] / key, (age, age))
    other = CachedStore(tmp_path / "other", cache)
    other.promise("aa1", cache.find("aa1") or {})  # now it is the newest
    assert other.read("numbers", 0) == ROWS
    freed = cache.prune(2 * cache.bytes() // 3)
    assert freed > 0
    assert {path.name for path in cache.entries()} == {"aa1", "cc3"}
    assert cache.prune(0) > 0
    assert not list(cache.entries())
    assert other.read("numbers", 0) == ROWS, "a build goes on with what it has"
