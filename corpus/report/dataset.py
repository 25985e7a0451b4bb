"""Opens a dataset folder to look at it: lazily, and with one clear line for what is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from corpus.errors import SourceError, UsageError
from corpus.schemas import CLUSTER, EXAMPLE, FUNCTION, KNOWLEDGE, PUBLISHED_FUNCTION, REJECT

_WORK = ".tunesmith"

REPORT = "report.html"
"""Where the report on a dataset folder lies in it."""

_COPIED = ("repo", "path", "start_line", "language", "code")
COPIES = pa.schema([*CLUSTER, *(FUNCTION.field(name) for name in _COPIED)])
"""One row of ``clusters.parquet``: a function that has copies, the verdict on it, its code."""

_SCHEMAS = {
    "knowledge": KNOWLEDGE,
    "instructions": EXAMPLE,
    "functions": PUBLISHED_FUNCTION,
    f"{_WORK}/rejects.parquet": REJECT,
    f"{_WORK}/clusters.parquet": COPIES,
}
_PLACE = ("repo", "commit", "path", "start_line", "end_line", "evidence")


@dataclass(frozen=True)
class Dataset:
    """A dataset folder. Tables are polars frames that are read when they are collected.

    ``manifest`` is what the build wrote of itself; there is none yet while it is still at work.
    """

    folder: Path
    manifest: Mapping[str, Any] = field(default_factory=dict)

    @property
    def figures(self) -> dict[str, Any]:
        """The summary of the build, without its times."""
        figures: dict[str, Any] = self.manifest["figures"]
        return figures

    def holds(self, name: str) -> bool:
        """Tell whether the folder has rows of a configuration."""
        return bool(self._files(name))

    def table(self, name: str) -> pl.LazyFrame:
        """Return a configuration; only those that every dataset has may be without rows."""
        return self._scan(name, self._files(name))

    def reduced(self, name: str, columns: Sequence[str], **wanted: pl.Expr) -> pl.DataFrame:
        """Return what is wanted of some columns of a table, worked out a row group at a time.

        Texts that are only measured take memory for one group. A field of a struct is a column too,
        ``provenance.path``.
        """
        parts = [_frame(_SCHEMAS[name].empty_table()).select(**wanted)]
        for path in self._files(name):
            with pq.ParquetFile(path) as file:
                for group in range(file.num_row_groups):
                    rows = file.read_row_group(group, columns=columns, use_threads=False)
                    parts.append(_frame(rows).select(**wanted))
        return pl.concat(parts)

    def rejects(self) -> pl.LazyFrame:
        """Return what was left out; empty where the folder has lost its work files."""
        return self._work("rejects.parquet")

    def copies(self) -> pl.LazyFrame:
        """Return the functions that have copies; empty where the work files are lost."""
        return self._work("clusters.parquet")

    def rows(self) -> pl.LazyFrame:
        """Return all rows of ``instructions`` and ``knowledge`` alike, provenance unfolded.

        A file is a row of task ``knowledge`` whose ``output`` is the text.
        """
        place = [pl.col("provenance").struct.field(name) for name in _PLACE]
        common = ["example_id", "template", "template_digest", "split", "language", "license"]
        texts = ["task", "pair_id", "system", "instruction", "input", "output"]
        files = self.table("knowledge").with_columns(
            task=pl.lit("knowledge"), pair_id="blob_id", output="text",
            system=pl.lit(""), instruction=pl.lit(""), input=pl.lit(""),
        )  # fmt: skip
        wanted = [*common, *texts, *place]
        return pl.concat([self.table("instructions").select(wanted), files.select(wanted)])

    def _work(self, name: str) -> pl.LazyFrame:
        path = self.folder / _WORK / name
        return self._scan(f"{_WORK}/{name}", [path] if path.is_file() else [])

    def _files(self, name: str) -> list[Path]:
        return sorted((self.folder / name).glob("*.parquet"))

    def _scan(self, name: str, files: list[Path]) -> pl.LazyFrame:
        return pl.scan_parquet(files) if files else _frame(_SCHEMAS[name].empty_table()).lazy()


def _frame(rows: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(rows)
    assert isinstance(frame, pl.DataFrame)
    return frame


def open_dataset(folder: Path) -> Dataset:
    """Return the dataset of a folder. Raises UsageError if there is none, SourceError if torn."""
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except OSError:
        raise UsageError(f"{folder} is not a dataset folder: no {path.name}") from None
    except ValueError as error:
        raise SourceError(f"cannot read {path}: {error}") from None
    if not isinstance(manifest, dict) or "figures" not in manifest:
        raise UsageError(f"{folder} is not a dataset folder of tunesmith's")
    return Dataset(folder, manifest)


@contextmanager
def readable(folder: Path) -> Iterator[None]:
    """Turn what its readers say of a torn or foreign Parquet file into a SourceError."""
    try:
        yield
    except (pl.exceptions.PolarsError, pa.ArrowException, OSError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise SourceError(f"cannot read the tables of {folder}: {reason}") from error
