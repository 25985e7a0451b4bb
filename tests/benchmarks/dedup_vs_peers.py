"""Dedup held against its peers: CPU seconds, and every verdict checked by brute force.

    pip install -e '.[dev]' -r tests/benchmarks/requirements-peers.txt
    python -m tests.benchmarks.dedup_vs_peers FOLDER [PEER ...]

The rows are the functions in FOLDER that have words, docs cut out. Each contender runs in a process
of its own, from texts in memory to the rows that it keeps; imports are not counted. All look for
Jaccard >= 0.7 of five words in a row, with 128 permutations. A removal is wrong if no kept row is
that similar to the removed one; a row is missed if it is kept although one kept before it is.
"""

from __future__ import annotations

import importlib
import json
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

THRESHOLD, PERMUTATIONS, SHINGLE = 0.7, 128, 5
Texts = list[str]


def shingles(text: str) -> set[str]:
    """Shingle as peers leave it to their users to do; a short text is one shingle."""
    words = re.findall(r"\w+", text)
    return {" ".join(words[at : at + SHINGLE]) for at in range(max(1, len(words) - SHINGLE + 1))}


def tunesmith(texts: Texts, _: Path) -> Iterable[int]:
    from corpus.dedup.cluster import decide
    from corpus.dedup.parameters import DedupParameters
    from corpus.dedup.sign import sign

    parameters = DedupParameters(threshold=THRESHOLD, permutations=PERMUTATIONS, shingle=SHINGLE)
    signed = sign(pa.array(texts, pa.large_string()), parameters)
    return np.flatnonzero(decide(np.arange(len(texts)), signed, parameters).kept).tolist()


def rensa(texts: Texts, _: Path) -> Iterable[int]:
    from rensa import RMinHashDeduplicator

    index = RMinHashDeduplicator(threshold=THRESHOLD, num_perm=PERMUTATIONS, use_lsh=True)
    kept = index.add_pairs((str(row), list(shingles(text))) for row, text in enumerate(texts))
    return [row for row, is_kept in enumerate(kept) if is_kept]


def datasketch(texts: Texts, _: Path) -> Iterable[int]:
    from datasketch import MinHash, MinHashLSH

    index, kept = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS), []
    for row, text in enumerate(texts):
        signature = MinHash(num_perm=PERMUTATIONS)
        for shingle in shingles(text):
            signature.update(shingle.encode())
        if not index.query(signature):
            index.insert(row, signature)
            kept.append(row)
    return kept


def text_dedup(texts: Texts, folder: Path) -> Iterable[int]:
    from datasets import load_from_disk
    from text_dedup.minhash import main

    pq.write_table(pa.table({"row": range(len(texts)), "text": texts}), folder / "rows.parquet")
    flags = {"path": "parquet", "data_files": folder / "rows.parquet", "split": "train"}
    flags |= {"cache_dir": folder / "cache", "output": folder / "out", "column": "text"}
    flags |= {"num_proc": 1, "ngram": SHINGLE, "num_perm": PERMUTATIONS, "threshold": THRESHOLD}
    arguments = [f"--{name}={value}" for name, value in flags.items()]
    main(arguments, standalone_mode=False)
    return list(load_from_disk(str(folder / "out"))["row"])


def datatrove(texts: Texts, folder: Path) -> Iterable[int]:
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import minhash as stages
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter

    rows = ({"id": str(row), "text": text} for row, text in enumerate(texts))
    at = {name: str(folder / name) for name in ("in", "sigs", "buckets", "cluster", "out")}
    (folder / "in").mkdir()
    (folder / "in" / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    config = stages.MinhashConfig(n_grams=SHINGLE)
    reader = JsonlReader(at["in"])
    for steps, tasks in (
        ([reader, stages.MinhashDedupSignature(at["sigs"], config)], 1),
        ([stages.MinhashDedupBuckets(at["sigs"], at["buckets"], config=config)],
         config.num_buckets),
        ([stages.MinhashDedupCluster(at["buckets"], at["cluster"], config=config)], 1),
        ([reader, stages.MinhashDedupFilter(at["cluster"]),
          JsonlWriter(at["out"], compression=None)], 1),
    ):  # fmt: skip
        LocalPipelineExecutor(steps, tasks=tasks, workers=1, logging_dir=None).run()
    lines = [line for file in (folder / "out").iterdir() for line in file.read_text().splitlines()]
    return [int(json.loads(line)["id"]) for line in lines]


CONTENDERS: dict[str, tuple[Callable[[Texts, Path], Iterable[int]], tuple[str, ...]]] = {
    "tunesmith": (tunesmith, ("corpus.dedup.cluster", "corpus.dedup.sign")),
    "rensa": (rensa, ("rensa",)),
    "datasketch": (datasketch, ("datasketch",)),
    "text-dedup": (text_dedup, ("text_dedup.minhash",)),
    "datatrove": (datatrove, ("datatrove.executor", "datatrove.pipeline.dedup")),
}


def cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def run(contender: str, rows: str, result: str) -> None:
    """Run one contender; write the rows that it keeps and the CPU seconds that it took."""
    work, modules = CONTENDERS[contender]
    for module in modules:
        importlib.import_module(module)
    texts = pq.read_table(rows)["text"].to_pylist()
    with tempfile.TemporaryDirectory() as folder:
        before = cpu_seconds()
        kept = list(work(texts, Path(folder)))
        seconds = cpu_seconds() - before
    Path(result).write_text(json.dumps({"kept": kept, "seconds": seconds}))


class Truth:
    """Which rows are truly similar: all pairs of different shingle sets, by brute force."""

    def __init__(self, texts: Texts) -> None:
        from tests.dedup.brute_force import similar_pairs

        number: dict[Any, int] = {}
        self.set_of = np.empty(len(texts), dtype=np.int64)
        sets: dict[int, list[int]] = {}
        for row, text in enumerate(texts):
            own = shingles(text)
            # A text shorter than a shingle is only like those that say the same.
            is_short = len(re.findall(r"\w+", text)) < SHINGLE
            key = "".join(text.split()) if is_short else frozenset(map(hash, own))
            self.set_of[row] = place = number.setdefault(key, len(number))
            sets[place] = [] if is_short else list(key)
        self.left, self.right, _ = similar_pairs([sets[place] for place in range(len(sets))], 0.7)
        self.count = len(sets)

    def judge(self, kept: list[int]) -> tuple[int, int]:
        """Return how many removals are wrong, and how many rows were missed."""
        kept_sets = self.set_of[kept]
        first = np.full(self.count, np.iinfo(np.int64).max)
        np.minimum.at(first, kept_sets, kept)
        present = first < np.iinfo(np.int64).max
        similar = present.copy()
        similar[self.left[present[self.right]]] = True
        similar[self.right[present[self.left]]] = True
        removed = np.setdiff1d(np.arange(self.set_of.size), kept)
        both = present[self.left] & present[self.right]
        later = np.where(first[self.left] > first[self.right], self.left, self.right)[both]
        again = len(kept) - np.count_nonzero(present)  # rows whose very set is kept already
        return int(np.count_nonzero(~similar[self.set_of[removed]])), again + np.unique(later).size


def functions(folder: str) -> tuple[Texts, float]:
    """Return the functions in a folder that have words, and the CPU seconds to parse its files."""
    import tree_sitter

    from corpus.extract.functions import extract
    from corpus.languages import language_of
    from corpus.sources.folder import FolderSource

    texts, parsing = [], 0.0
    for entry in FolderSource(folder, None).entries():
        language = language_of(entry.path)
        if language is None or entry.kind != "file" or entry.size > 1_000_000:
            continue
        content = Path(folder, entry.path).read_bytes()
        try:
            content.decode()
        except UnicodeDecodeError:
            continue
        parser = tree_sitter.Parser(language.load_grammar())
        before = cpu_seconds()
        parser.parse(content)
        parsing += cpu_seconds() - before
        texts += [function.code_without_doc for function in extract(language, content)]
    return [text for text in texts if re.search(r"\w", text)], parsing


def main() -> None:
    """Print a table with a line per contender."""
    if sys.argv[1] == "--run":
        return run(*sys.argv[2:])
    texts, parsing = functions(sys.argv[1])
    truth = Truth(texts)
    print(f"{len(texts):,} functions; parsing alone takes {parsing:.2f} s\n")
    print("| | CPU s | removed | wrong | missed |\n| --- | --- | --- | --- | --- |")
    for name in sys.argv[2:] or CONTENDERS:
        with tempfile.TemporaryDirectory() as folder:
            rows, result = Path(folder, "rows.parquet"), Path(folder, "result.json")
            pq.write_table(pa.table({"text": texts}), rows)
            command = [sys.executable, "-m", "tests.benchmarks.dedup_vs_peers", "--run", name]
            subprocess.run([*command, rows, result], check=True, capture_output=True)
            answer = json.loads(result.read_text())
        wrong, missed = truth.judge(answer["kept"])
        removed = len(texts) - len(answer["kept"])
        print(f"| {name} | {answer['seconds']:.2f} | {removed:,} | {wrong:,} | {missed:,} |")
    return None


if __name__ == "__main__":
    main()
