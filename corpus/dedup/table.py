"""Deduplication of anyone's table: Parquet, JSON Lines, or a dataset on the Hugging Face hub."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.json
import pyarrow.parquet as pq

from corpus.dedup.cluster import decide
from corpus.dedup.parameters import DedupParameters
from corpus.dedup.sign import SIGNED, sign
from corpus.errors import OutputError, SourceError, UsageError

VERDICTS = pa.schema(
    [
        pa.field("kept", pa.bool_(), nullable=False),
        pa.field("cluster_id", pa.int64(), nullable=False),
        pa.field("survivor", pa.int64(), nullable=False),
        pa.field("similarity", pa.float64(), nullable=False),
        pa.field("reason", pa.string()),
    ]
)
"""The columns that are added. Rows are told by their number, from 0.

``survivor`` is the row kept in place of this one, or itself; ``similarity`` is the true Jaccard
similarity to it; ``reason`` is null, exact_duplicate or near_duplicate. ``cluster_id`` is the first
of all the rows that similar pairs link to this one.
"""

_HUB_ID = re.compile(r"([\w.-]+/[\w.-]+)(?::(\w+))?")
_BATCH_ROWS = 1 << 14
_LONGEST_JSON_LINE = 1 << 26  # bytes


@dataclass(frozen=True)
class DedupSummary:
    """How many rows there are, how many are kept, and how many repeat one of those."""

    rows: int
    kept: int
    exact_duplicates: int
    near_duplicates: int


def dedup_table(source: str, column: str, out: Path, parameters: DedupParameters) -> DedupSummary:
    """Judge the texts in a column; write all rows, in their order, with the verdicts to ``out``.

    ``source`` is a Parquet file or a folder of them, a JSON Lines file, or a dataset on the hub:
    ``owner/name`` for its split train, ``owner/name:split`` for another. The first of similar rows
    survives. ``out``, a Parquet file, appears whole or not at all. Parquet and hub datasets are
    read twice, in batches; JSON Lines are held in memory. Raises UsageError for a request that
    can't be met, SourceError for rows that can't be read, OutputError for an ``out`` that can't be
    written.
    """
    table = _open(source)
    _check(table.schema, source, column, out)
    verdicts = _judge(_batches(table, [column], source), parameters)
    partial = out.with_name(f".{out.name}.partial")
    try:
        _write(_batches(table, table.schema.names, source), table.schema, verdicts, partial)
        partial.replace(out)
    except OSError as error:
        raise OutputError(f"cannot write {out}: {error.strerror or error}") from error
    finally:
        partial.unlink(missing_ok=True)
    count = verdicts["reason"].to_pylist().count
    rows = verdicts.num_rows
    return DedupSummary(rows, count(None), count("exact_duplicate"), count("near_duplicate"))


def _open(source: str) -> ds.Dataset:
    path, hub = Path(source), _HUB_ID.fullmatch(source)
    try:
        if path.is_dir() or (path.is_file() and path.suffix == ".parquet"):
            return ds.dataset(path, format="parquet")
        if path.is_file():
            options = pyarrow.json.ReadOptions(block_size=_LONGEST_JSON_LINE)
            return ds.dataset(pyarrow.json.read_json(path, read_options=options))
        if hub:
            from datasets import load_dataset  # takes a second to import, so only where needed

            return ds.dataset(load_dataset(hub[1], split=hub[2] or "train").data.table)
    except (OSError, ValueError) as error:
        raise SourceError(f"cannot read {source}: {error}") from error
    raise UsageError(f"{source}: no such file, and not a dataset id like owner/name")


def _check(schema: pa.Schema, source: str, column: str, out: Path) -> None:
    """Raise UsageError where there are no texts to judge, or something of the user's would go."""
    if column not in schema.names:
        raise UsageError(f"{source} has no column {column!r}; it has {', '.join(schema.names)}")
    kind = schema.field(column).type
    if kind not in (pa.string(), pa.large_string(), pa.string_view()):
        raise UsageError(f"column {column!r} of {source} holds {kind}, not text")
    taken = [name for name in VERDICTS.names if name in schema.names]
    if taken:
        raise UsageError(f"{source} already has a column {taken[0]!r}: rename or drop it first")
    if out.exists() and Path(source).exists() and out.samefile(source):
        raise UsageError(f"{out} is the table to read: write to another file")


def _batches(table: ds.Dataset, columns: list[str], source: str) -> Iterator[pa.RecordBatch]:
    """Yield all rows in their order, so few at a time that they take little memory."""
    try:
        yield from table.to_batches(
            columns, batch_size=_BATCH_ROWS, batch_readahead=2, fragment_readahead=1
        )
    except (OSError, pa.ArrowInvalid) as error:
        raise SourceError(f"cannot read {source}: {error}") from error


def _judge(texts: Iterator[pa.RecordBatch], parameters: DedupParameters) -> pa.Table:
    """Return the columns ``VERDICTS`` for all rows."""
    signed = [sign(batch.column(0), parameters) for batch in texts]
    together = pa.concat_tables([SIGNED.empty_table(), *signed])
    verdicts = decide(np.arange(together.num_rows), together, parameters)
    columns = [
        pa.array(verdicts.kept),
        pa.array(verdicts.cluster),
        pa.array(verdicts.survivor),
        pa.array(verdicts.similarity),
        verdicts.reasons(),
    ]
    return pa.Table.from_arrays(columns, schema=VERDICTS)


def _write(
    rows: Iterator[pa.RecordBatch], schema: pa.Schema, verdicts: pa.Table, path: Path
) -> None:
    # What `datasets` notes about a table's columns is wrong as soon as there are more of them.
    notes = {key: note for key, note in (schema.metadata or {}).items() if key != b"huggingface"}
    widened = pa.schema([*schema, *VERDICTS], metadata=notes)
    done = 0
    with pq.ParquetWriter(path, widened, compression="zstd") as writer:
        for batch in rows:
            added = verdicts.slice(done, batch.num_rows).combine_chunks()
            columns = [*batch.columns, *(column.combine_chunks() for column in added.columns)]
            writer.write_table(pa.Table.from_arrays(columns, schema=widened))
            done += batch.num_rows
