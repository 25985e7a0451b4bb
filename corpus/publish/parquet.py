"""Writes the configurations as Parquet, one file per split and shard."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from corpus.schemas import SPLITS
from corpus.store import Store

CONFIGURATIONS = ("knowledge", "instructions", "preferences", "functions", "changes")
# Columns with few values; a dictionary of whole texts would only cost.
_DICTIONARY = ["repo", "commit", "path", "language", "license", "split", "task", "template", "kind"]


@dataclass(frozen=True)
class DatasetWriter:
    """A sink that parts the rows of a configuration by split; other tables go to the store.

    Picklable: workers write their own shards. ``order`` is the place of these shards' rows among
    those of other stages that write the same configurations.
    """

    root: Path
    store: Store
    order: int = 0

    def write(self, table: str, shard: int, rows: pa.Table) -> None:
        """Write one shard of a table; a split without rows gets no file."""
        if table not in CONFIGURATIONS:
            self.store.write(table, shard, rows)
            return
        for split in SPLITS:
            part = rows.filter(pc.equal(rows["split"], split))
            if part.num_rows:
                path = self.root / table / f"{split}-{self.order}-{shard:05d}.parquet"
                path.parent.mkdir(parents=True, exist_ok=True)
                write_parquet(part, path)


def write_parquet(rows: pa.Table, path: Path) -> None:
    """Write a table the way every Parquet file of a dataset folder is written."""
    pq.write_table(
        rows,
        path,
        compression="zstd",
        compression_level=1,
        use_dictionary=[name for name in _DICTIONARY if name in rows.column_names],
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
