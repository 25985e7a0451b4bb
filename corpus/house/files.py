"""The files of a repo, read a few at a time as a build does, but as if none were a copy."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple, Protocol, TypeVar

import pyarrow as pa

from corpus.config import Pipeline
from corpus.extract.stage import ExtractStage
from corpus.guard import Guard
from corpus.ids import content_id
from corpus.languages import LANGUAGES, Language
from corpus.links.view import TestViews
from corpus.safety.licenses import LicensePolicy
from corpus.safety.scrub import Scrubber
from corpus.schemas import BLOB, VERDICT, Columns
from corpus.sources import Source
from corpus.sources.base import blob_row
from corpus.sources.skip import PathRules, read_attributes
from corpus.store import Store

T = TypeVar("T")
_READ_AT_A_TIME = 200
NEWEST = (160, 640)
"""How many commits to look at, and if that is not enough."""


class Batch(NamedTuple):
    """Rows of a few files or commits, and why how many others are left out."""

    rows: list[dict[str, Any]]
    left_out: Counter[str]

    @classmethod
    def of(cls, made: Mapping[str, pa.Table], rejects: str, *examples: str) -> Batch:
        """Return what a stage made: rows of some tables, and the reasons in another."""
        rows = [row for table in examples for row in made[table].to_pylist()]
        return cls(rows, Counter(made[rejects]["reason"].to_pylist()))


Batches = Iterator[Batch]


class RepoFiles:
    """What there is to read; ``languages`` by path, in an order that follows from paths' hashes."""

    def __init__(self, source: Source, pipeline: Pipeline, scrubber: Scrubber) -> None:
        self.source = source
        entries = list(source.entries())
        attributes = read_attributes([*source.above(), *entries], source.reader)
        self.rules = PathRules(
            pipeline.files, frozenset(pipeline.languages or LANGUAGES), attributes
        )
        self._entries = {entry.path: entry for entry in entries}
        verdicts = ((path, self.rules.language(entry)) for path, entry in self._entries.items())
        found = {path: verdict for path, verdict in verdicts if isinstance(verdict, Language)}
        self.languages = {path: found[path] for path in sorted(found, key=content_id)}
        self._extract = ExtractStage(
            {source.name: source.reader},
            pipeline.files,
            pipeline.dedup,
            scrubber,
            LicensePolicy(pipeline.safety.licenses),
            TestViews(),
            has_history=True,
        )

    def read(self, paths: Iterable[str], store: Store, shard: int = 0) -> None:
        """Write the tables of files and functions for some paths; those not to read are left out.

        All of them is kept, and for training.
        """
        blobs = Columns(BLOB)
        for path in paths:
            if language := self.languages.get(path):
                blobs.add(**blob_row(self.source, self._entries[path], language.name))
        tables = self._extract({"blobs": blobs.table()}, Guard())
        for table in ("views", "function_texts"):
            store.write(table, shard, tables[table])
        for kind in ("file", "function"):
            rows = tables[f"{kind}s"]
            store.write(f"{kind}s", shard, rows)
            store.write(f"{kind}_verdicts", shard, _all_kept(rows[f"{kind}_id"]))

    def holding(self, pattern: re.Pattern[bytes], language: str) -> Iterator[str]:
        """Yield the paths of a language's files, a few hundred at a time: first those with it."""
        paths = (path for path, of_path in self.languages.items() if of_path.name == language)
        for group in groups(paths, _READ_AT_A_TIME):
            wanted = [(path, self._entries[path].blob_id) for path in group]
            contents = zip(group, self.source.reader.read(wanted), strict=True)
            holds = {path: bool(pattern.search(content or b"")) for path, content in contents}
            yield from sorted(group, key=lambda path: not holds[path])


class _Stage(Protocol):
    @property
    def inputs(self) -> Sequence[str]: ...

    def __call__(self, tables: Mapping[str, pa.Table], guard: Guard) -> Mapping[str, pa.Table]: ...


def run_stage(stage: _Stage, store: Store) -> None:
    """Run a stage over the first shard, in this process and without a cache."""
    tables = {name: store.read(name, 0) for name in stage.inputs}
    for name, table in stage(tables, Guard()).items():
        store.write(name, 0, table)


def groups(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield so many at a time."""
    iterator = iter(items)
    while group := list(islice(iterator, size)):
        yield group


def _all_kept(ids: pa.ChunkedArray) -> pa.Table:
    """Return the verdicts that dedup would give if there were no copies."""
    rows = len(ids)
    verdicts = {
        "id": ids,
        "cluster_id": ids,
        "kept": pa.repeat(True, rows),
        "survivor_id": ids,
        "similarity": pa.repeat(1.0, rows),
        "reason": pa.nulls(rows, pa.string()),
        "split": pa.repeat("train", rows),
    }
    return pa.table(verdicts, schema=VERDICT)
