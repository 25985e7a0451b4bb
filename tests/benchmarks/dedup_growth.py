"""Time and memory of `tunesmith dedup` as a table grows; prints the table that docs/dedup.md has.

Run by hand: ``python -m tests.benchmarks.dedup_growth [ROWS ...]``. Each size runs in a process of
its own, from reading Parquet to writing it; making the table is not counted.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

SIZES = (10_000, 100_000, 1_000_000)
BATCH = 10_000
MEASURED = """
import resource, sys
from pathlib import Path
from corpus.dedup.parameters import DedupParameters
from corpus.dedup.table import dedup_table
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
before = cpu()
summary = dedup_table(sys.argv[1], "text", Path(sys.argv[2]), DedupParameters())
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
print(cpu() - before, peak, summary.exact_duplicates, summary.near_duplicates)
"""


def functions(rows: int, seed: int = 1) -> Iterator[list[str]]:
    """Yield batches of made-up functions of 6 lines in the median, as repetitive as real ones.

    A third of the lines are common ones (of 2,000, by Zipf's law), the others of words of their
    own. One function in ten is an exact copy of another, and one in five a copy with some words
    changed.
    """
    random = np.random.default_rng(seed)
    vocabulary = np.array([f"name{number}" for number in range(200_000)], dtype=object)
    common = [" ".join(line) for line in vocabulary[random.integers(0, 5_000, (2_000, 6))]]
    for start in range(0, rows, BATCH):
        batch: list[str] = []
        for _ in range(min(BATCH, rows - start)):
            kind = random.random()
            if batch and kind < 0.1:
                batch.append(batch[random.integers(len(batch))])
            elif batch and kind < 0.3:
                words = batch[random.integers(len(batch))].split(" ")
                for place in random.integers(0, len(words), 1 + len(words) // 40):
                    words[place] = vocabulary[random.integers(vocabulary.size)]
                batch.append(" ".join(words))
            else:
                lines = 1 + int(random.lognormal(1.7, 0.6))
                usual = random.zipf(1.3, lines) % 2_000
                own = vocabulary[random.integers(0, vocabulary.size, (lines, 7))]
                is_usual = random.random(lines) < 1 / 3
                batch.append(
                    " ; ".join(
                        common[usual[line]] if is_usual[line] else " ".join(own[line])
                        for line in range(lines)
                    )
                )
        yield batch


def measure(rows: int, folder: Path) -> None:
    """Print a row of the table: rows, words in millions, CPU s, its growth, peak memory."""
    source, words = folder / "source.parquet", 0
    with pq.ParquetWriter(source, pa.schema([("text", pa.string())])) as writer:
        for batch in functions(rows):
            words += sum(text.count(" ") for text in batch)
            writer.write_table(pa.table({"text": batch}))
    command = [sys.executable, "-c", MEASURED, str(source), str(folder / "out.parquet")]
    seconds, peak, exact, near = subprocess.check_output(command, text=True).split()
    n_log_n = rows * np.log2(rows)
    print(
        f"| {rows:,} | {words / 1e6:.1f} M | {int(exact):,} | {int(near):,} "
        f"| {float(seconds):.2f} | {float(seconds) / n_log_n * 1e9:.0f} | {float(peak):.2f} |"
    )


def main() -> None:
    """Measure the sizes given on the command line, or 10 k, 100 k and 1 M rows."""
    print("| rows | words | exact | near | CPU s | ns / (n log2 n) | peak GB |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for rows in [int(size) for size in sys.argv[1:]] or SIZES:
        with tempfile.TemporaryDirectory() as folder:
            measure(rows, Path(folder))


if __name__ == "__main__":
    main()
