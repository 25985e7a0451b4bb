"""Writes the configurations as Parquet: groups of shards, one file for each of their splits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from corpus.fingerprint import fingerprint
from corpus.guard import Guard
from corpus.schemas import SPLITS, required
from corpus.store import Store

TABLES: Mapping[str, Sequence[str]] = {
    "knowledge": ("knowledge",),
    "instructions": ("doc_examples", "change_examples", "test_examples"),
    "preferences": ("preferences",),
    "functions": ("published_functions",),
    "changes": ("published_changes",),
}
"""The tables that the rows of each configuration are in, in the order that they are written."""

CONFIGURATIONS = tuple(TABLES)
# Columns with few values; a dictionary of whole texts would only cost.
_DICTIONARY = ["repo", "commit", "path", "language", "license", "split", "task", "template", "kind"]
# Arrow bytes behind one file, a quarter to a third of that on disk: a worker holds as much.
_GROUP_BYTES = 16_000_000
# What is encoded, and later read, at once: rows, and the Arrow bytes behind them.
_ROW_GROUP, _ROW_GROUP_BYTES = 2_000, 4_000_000

_FILE = pa.schema([required("split"), required("content", pa.large_binary())])


@dataclass(frozen=True)
class ParquetStage:
    """Makes Parquet files of a table's rows, those that the mix kept if it is ``mixed``.

    Rows as they are at the commit that was read get it here, from ``commits`` by repo.
    """

    table: str
    commits: Mapping[str, str | None]
    mixed: bool
    name: str = "write"

    @property
    def inputs(self) -> Sequence[str]:
        """The rows, and what the mix says of each."""
        return (self.table, f"{self.table}_mixed") if self.mixed else (self.table,)

    @property
    def output(self) -> str:
        """The table of files: ``split`` and ``content``."""
        return f"{self.table}_files"

    @property
    def fingerprint(self) -> str:
        """A hash of the settings."""
        return fingerprint(self.table, dict(self.commits), self.mixed)

    def __call__(self, tables: Mapping[str, pa.Table], guard: Guard) -> Mapping[str, pa.Table]:
        """Return the files, one for each split that has rows."""
        rows = tables[self.table]
        if self.mixed:
            rows = rows.append_column("kept", tables[f"{self.table}_mixed"]["kept"])
        at_once = _ROW_GROUP_BYTES * rows.num_rows // max(rows.nbytes, 1)
        at_once = max(1, min(at_once, _ROW_GROUP))
        # Half of it, so that what one split gets of a part is a row group, and not of two.
        files = {split: _File(at_once // 2) for split in SPLITS}
        for start in range(0, rows.num_rows, at_once):
            # Columns are in as many pieces as there are shards: in one they are filtered faster.
            part = rows.slice(start, at_once).combine_chunks()
            if self.mixed:
                part = part.filter(part["kept"]).drop_columns("kept")
            part = _with_commits(part, self.commits)
            for split, file in files.items():
                file.add(part.filter(pc.equal(part["split"], split)))
        contents = {split: content for split, file in files.items() if (content := file.close())}
        return {self.output: pa.table([[*contents], [*contents.values()]], schema=_FILE)}


@dataclass
class _File:
    """A Parquet file in the making, in memory, whose row groups have at least ``least`` rows."""

    least: int
    _sink: pa.BufferOutputStream = field(default_factory=pa.BufferOutputStream)
    _writer: pq.ParquetWriter | None = None
    _waiting: list[pa.Table] = field(default_factory=list)

    def add(self, rows: pa.Table) -> None:
        self._waiting.append(rows)
        if sum(part.num_rows for part in self._waiting) >= self.least:
            self._write()

    def close(self) -> bytes:
        """Return the file; nothing if there are no rows."""
        self._write()
        if self._writer is None:
            return b""
        self._writer.close()
        return bytes(self._sink.getvalue())

    def _write(self) -> None:
        if any(rows.num_rows for rows in self._waiting):
            rows = pa.concat_tables(self._waiting)
            self._writer = self._writer or _writer(self._sink, rows.schema)
            self._writer.write_table(rows)
        self._waiting.clear()


def _with_commits(rows: pa.Table, commits: Mapping[str, str | None]) -> pa.Table:
    """Fill in the commit where a row, or its provenance, has none."""
    repos, of_repo = pa.array([*commits], pa.string()), pa.array([*commits.values()], pa.string())

    def filled(repo: pa.Array, commit: pa.Array) -> pa.Array:
        return pc.coalesce(commit, of_repo.take(pc.index_in(repo, repos)))

    if "provenance" not in rows.column_names:
        at = rows.column_names.index("commit")
        commit = filled(rows["repo"], rows["commit"])
        return rows.set_column(at, rows.schema.field(at), commit)
    at = rows.column_names.index("provenance")
    chunks = []
    for chunk in rows["provenance"].chunks:
        names = [field.name for field in chunk.type]
        parts = dict(zip(names, chunk.flatten(), strict=True))
        parts["commit"] = filled(parts["repo"], parts["commit"])
        chunks.append(pa.StructArray.from_arrays([*parts.values()], fields=list(chunk.type)))
    column = pa.chunked_array(chunks, rows.schema.field(at).type)
    return rows.set_column(at, rows.schema.field(at), column)


def groups_of(store: Store, table: str) -> list[list[int]]:
    """Return the shards of a table in runs, each as large as one file's rows should be."""
    groups: list[list[int]] = []
    filled = _GROUP_BYTES
    for shard in range(store.count(table)):
        if filled >= _GROUP_BYTES:
            groups.append([])
            filled = 0
        groups[-1].append(shard)
        filled += store.size(table, shard)
    return groups


def unpack(store: Store, table: str, folder: Path, order: int) -> None:
    """Put the files of table ``table`` into ``folder``, those of a lower ``order`` before them."""
    for group, files in enumerate(store.shards(table)):
        for split, content in zip(files["split"].to_pylist(), files["content"], strict=True):
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{split}-{order}-{group:05d}.parquet"
            path.write_bytes(content.as_buffer())


def write_parquet(rows: pa.Table, path: Path) -> None:
    """Write rows the way every Parquet file of a dataset folder is written."""
    with _writer(path, rows.schema) as writer:
        writer.write_table(rows)


def _writer(where: Path | pa.NativeFile, schema: pa.Schema) -> pq.ParquetWriter:
    return pq.ParquetWriter(
        where,
        schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=[name for name in _DICTIONARY if name in schema.names],
        write_statistics=False,
    )


def number_files(root: Path) -> dict[str, dict[str, int]]:
    """Give the files of each split their final names, and return rows by configuration and split.

    Names are as `datasets` writes them, ``train-00000-of-00002.parquet``. What has no rows is not
    named: `datasets` can't load an empty split.
    """
    rows: dict[str, dict[str, int]] = {}
    for configuration in CONFIGURATIONS:
        for split in SPLITS:
            files = sorted((root / configuration).glob(f"{split}-*.parquet"))
            for number, file in enumerate(files):
                renamed = file.with_name(f"{split}-{number:05d}-of-{len(files):05d}.parquet")
                file.rename(renamed)
                counts = rows.setdefault(configuration, {})
                counts[split] = counts.get(split, 0) + pq.read_metadata(renamed).num_rows
    return rows
