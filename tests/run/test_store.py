"""The store: many shards that hold nothing are one file, and read as such."""

from __future__ import annotations

import resource
from pathlib import Path

import pyarrow as pa
import pytest

from corpus.store import Store

ROWS = pa.table({"id": ["a"]}, schema=pa.schema([pa.field("id", pa.string())]))


@pytest.mark.parametrize(
    ("filled", "empty"), [([], [0, 1, 2, 3]), ([1, 2], [0, 3]), ([0, 1, 2, 3], [])]
)
def test_shards_without_rows_are_one_file(tmp_path, filled, empty):
    store = Store(tmp_path)
    store.write_few("few", ROWS.schema, ((shard, ROWS) for shard in filled), 4)
    assert store.numbers("few") == [0, 1, 2, 3]
    assert [shard for shard in range(4) if store.read("few", shard).equals(ROWS)] == filled
    assert all(store.read("few", shard).equals(ROWS.schema.empty_table()) for shard in empty)
    assert len({Path(store.path("few", shard)).stat().st_ino for shard in empty}) == min(
        len(empty), 1
    )


def test_rows_are_told_by_shard_and_number(tmp_path):
    store = Store(tmp_path)
    for shard, ids in enumerate((["a", "b"], [], ["c"])):
        store.write("some", shard, pa.table({"id": ids}, schema=ROWS.schema))
    found = store.numbered("some", lambda rows: rows)
    assert found.select("id", "shard", "row").rows() == [("a", 0, 0), ("b", 0, 1), ("c", 2, 0)]


def test_shards_that_are_held_keep_no_file_open(tmp_path):
    store = Store(tmp_path)
    for shard in range(100):
        store.write("numbers", shard, pa.table({"n": [shard]}))
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    with (tmp_path / "last").open("wb") as last:
        most = last.fileno() + 10
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, before[1]))
    try:
        held = list(store.shards("numbers"))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert [rows["n"][0].as_py() for rows in held] == list(range(100))
