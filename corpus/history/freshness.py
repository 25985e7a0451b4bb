"""How much of a function's code changed after its doc did, told from what commits did to both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import polars as pl
import pyarrow as pa

from corpus.history.docs import doc_key
from corpus.history.schemas import DOC_AGE
from corpus.schemas import Columns
from corpus.store import Store

DATED = ("places", "functions", "doc_edits", "chains")
"""The tables that ages are told from."""

_NAMED = ("repo", "path", "qualified_name")


class _Edit(NamedTuple):
    """A row of ``schemas.DOC_EDIT`` with its place among all."""

    place: int
    change_id: str
    old_name: str | None
    doc: str | None
    old_doc: str | None
    share: float | None


class DocHistory:
    """What commits did to documented functions. Docs are held as keys."""

    def __init__(self, store: Store) -> None:
        self._edits: defaultdict[tuple[str, str, str], list[_Edit]] = defaultdict(list)
        self._chains: dict[tuple[str, str], str] = {}
        self._begun: set[tuple[str, str]] = set()
        place = 0
        for rows in store.shards("doc_edits"):
            for row in rows.to_pylist():
                key = row["repo"], row["chain"], row["qualified_name"]
                self._edits[key].append(_edit(place, row))
                place += 1
        for rows in store.shards("chains"):
            for row in rows.to_pylist():
                self._chains[row["repo"], row["path"]] = row["chain"]
                if row["begins"]:
                    self._begun.add((row["repo"], row["chain"]))

    @property
    def tells(self) -> bool:
        """Tell whether anything is known of any doc."""
        return bool(self._edits or self._begun)

    def knows(self, repo: str, path: str, name: str) -> bool:
        """Tell whether anything is known of a function by its qualified name."""
        chain = self._chains.get((repo, path), path)
        return (repo, chain, name) in self._edits or (repo, chain) in self._begun

    def changed_since(self, repo: str, path: str, name: str, doc: str) -> float | None:
        """Return how much of a function changed after ``doc``, its doc today, was written.

        None where the commits that were read tell nothing of it.
        """
        return self._since(repo, self._chains.get((repo, path), path), name, doc_key(doc), -1)

    def outdated(self) -> Iterator[tuple[str, float]]:
        """Yield the changes that put a new doc in an old one's place, and how old that was."""
        for (repo, chain, _), edits in self._edits.items():
            for edit in edits:
                if edit.old_name and edit.old_doc and edit.doc not in (None, edit.old_doc):
                    share = self._since(repo, chain, edit.old_name, edit.old_doc, edit.place)
                    yield edit.change_id, share or 0.0

    def _since(self, repo: str, chain: str, name: str, doc: str | None, place: int) -> float | None:
        """Add up what changed before the edit ``place``, back to where ``doc`` was written."""
        total, is_known = 0.0, True
        while (edit := self._next(repo, chain, name, place)) is not None:
            if edit.doc != doc:
                return total if is_known else None
            if edit.old_name is None or edit.old_doc != doc:
                return total if is_known else None
            is_known = is_known and edit.share is not None
            total = min(1.0, total + (edit.share or 0.0))
            name, place = edit.old_name, edit.place
        if total or (repo, chain) in self._begun:
            return total if is_known else None
        return None

    def _next(self, repo: str, chain: str, name: str, place: int) -> _Edit | None:
        edits = self._edits.get((repo, chain, name), ())
        return next((edit for edit in edits if edit.place > place), None)


def date_docs(store: Store) -> None:
    """Write the table ``doc_ages``, with the shards of ``functions``."""
    history = DocHistory(store)
    ages = _ages(store, history) if history.tells else ()
    store.write_few("doc_ages", DOC_AGE, ages, store.count("functions"))


def _ages(store: Store, history: DocHistory) -> Iterator[tuple[int, pa.Table]]:
    """Yield the ages in each shard that has some."""
    names = ["shard", "row", "function_id", *_NAMED]
    functions = store.columns("places", [*names, "is_documented", "is_redacted"])
    # Overloads can't be told apart by name, nor a redacted doc from one that was edited.
    functions = functions.filter(
        functions.select(_NAMED).is_unique(), pl.col("is_documented") & ~pl.col("is_redacted")
    )
    known = (row for row in functions.select(names).rows() if history.knows(*row[3:]))
    for shard, of_shard in groupby(known, key=itemgetter(0)):
        docs = store.read("functions", shard)["doc"]
        ages = Columns(DOC_AGE)
        for _, row, id_, repo, path, name in of_shard:
            doc = docs[row].as_py()
            age = history.changed_since(repo, path, name, doc) if doc else None
            if age is not None:
                ages.add(function_id=id_, changed_since_doc=age)
        yield shard, ages.table()


def _edit(place: int, row: dict[str, Any]) -> _Edit:
    return _Edit(
        place,
        row["change_id"],
        row["old_qualified_name"],
        row["doc"],
        row["old_doc"],
        row["share"],
    )
