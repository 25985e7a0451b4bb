"""The stage from blobs to source files and functions."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any, Protocol

import pyarrow as pa

from corpus.config import Files
from corpus.dedup.parameters import DedupParameters
from corpus.dedup.sign import sign
from corpus.extract.functions import Function, ParsedFile
from corpus.fingerprint import fingerprint
from corpus.guard import Guard
from corpus.ids import content_id, text_id
from corpus.languages import LANGUAGES
from corpus.rejects import Rejects
from corpus.safety.licenses import LicensePolicy, license_of_header
from corpus.safety.scrub import Redaction, Scrubbed, Scrubber
from corpus.schemas import BLOB, FUNCTION, SOURCE_FILE, Columns, record, required
from corpus.sources.base import Blob, Reader
from corpus.sources.skip import source_text
from corpus.sources.text import UnreadableTextError

FUNCTION_TEXT = record("function_text", 1, [required("text_id")])
"""What stands for the code of a function (``ids.text_id``), a row for each of ``functions``."""


class Look(Protocol):
    """What a later stage has to know of a file's tree: it is looked at while the tree is there."""

    @property
    def table(self) -> str:
        """Where the rows go."""

    @property
    def schema(self) -> pa.Schema:
        """What a row is."""

    def __call__(self, path: str, file: ParsedFile) -> dict[str, Any] | None:
        """Return the row of a file, if there is one."""


@dataclass(frozen=True)
class ExtractStage:
    """Reads the blobs of a shard, and finds their functions.

    ``has_history`` says that versions of functions will be told by their texts.
    """

    readers: Mapping[str, Reader]
    files: Files
    dedup: DedupParameters
    scrubber: Scrubber
    licenses: LicensePolicy
    look: Look | None = None
    has_history: bool = False
    name: str = "extract"
    inputs: tuple[str, ...] = ("blobs",)

    @property
    def fingerprint(self) -> str:
        """A hash of the settings. What reads a blob makes no difference to what is in it."""
        return fingerprint(
            self.files, self.dedup, self.scrubber.fingerprint, self.scrubber.policy.licenses,
            self.look.table if self.look else "", self.has_history,
        )  # fmt: skip

    def __call__(self, tables: Mapping[str, pa.Table], guard: Guard) -> Mapping[str, pa.Table]:
        """Return ``files``, ``functions``, their signatures, ``file_rejects``, and ``look``'s.

        With history also ``function_texts``.
        """
        files = Columns(SOURCE_FILE)
        functions: list[_Found] = []
        looked = {self.look.table: Columns(self.look.schema)} if self.look else {}
        rejects = Rejects("files")
        blobs = tables["blobs"].to_pylist()
        for row, (blob, content) in enumerate(zip(blobs, self._read(tables), strict=True)):
            guard.at(row)
            scrubbed = self._text(blob, content, rejects, poisoned=row in guard.poisoned)
            if scrubbed is None:
                continue
            text, redactions = scrubbed.text, scrubbed.redactions
            files.add(
                file_id=content_id(blob["repo"], blob["path"], blob["blob_id"]),
                **blob,
                text=text.decode("utf-8", "replace"),
                lines=text.count(b"\n") + (not text.endswith(b"\n")),
                redactions=_kinds(redactions, 1, sys.maxsize),
            )
            parsed = ParsedFile(LANGUAGES[blob["language"]], text)
            functions += [(blob, f, redactions) for f in parsed.functions()]
            if self.look and (seen := self.look(blob["path"], parsed)):
                looked[self.look.table].add(**seen)
        file_rows, function_rows = files.table(), _function_table(functions)
        if self.has_history:
            texts = looked["function_texts"] = Columns(FUNCTION_TEXT)
            for _, function, _ in functions:
                texts.add(text_id=text_id(function.code))
        return {
            "files": file_rows,
            "file_signatures": sign(file_rows["text"], self.dedup),
            "functions": function_rows,
            "function_signatures": sign(function_rows["code_without_doc"], self.dedup),
            "file_rejects": rejects.table(),
        } | {name: rows.table() for name, rows in looked.items()}

    def blobs(self, tables: Mapping[str, pa.Table]) -> dict[str, list[Blob]]:
        """Return the path and id of every file of a shard, by repo."""
        found: dict[str, list[Blob]] = {}
        for row in tables["blobs"].to_pylist():
            found.setdefault(row["repo"], []).append((row["path"], row["blob_id"]))
        return found

    def reading(self, readers: Mapping[str, Reader]) -> ExtractStage:
        """Return the same stage with other readers."""
        return replace(self, readers=readers)

    def _read(self, tables: Mapping[str, pa.Table]) -> Iterator[bytes | None]:
        for repo, wanted in self.blobs(tables).items():  # a shard's rows are repo by repo
            yield from self.readers[repo].read(wanted)

    def _text(
        self, blob: dict[str, Any], content: bytes | None, rejects: Rejects, *, poisoned: bool
    ) -> Scrubbed | None:
        """Return a blob's text as UTF-8, safe to publish, or record why it is left out."""
        if content is not None:
            blob["size"] = len(content)
        try:
            if poisoned:
                raise UnreadableTextError("parser_failed", "the parser crashed or hung")
            scrubbed = self._safe(
                blob, source_text(content, LANGUAGES[blob["language"]], self.files)
            )
            if scrubbed.reason is None:
                return scrubbed
            reason, detail = scrubbed.reason, scrubbed.detail
        except UnreadableTextError as error:
            reason, detail = error.reason, error.detail
        rejects.add(blob["blob_id"], reason, blob["repo"], blob["path"], detail=detail)
        return None

    def _safe(self, blob: dict[str, Any], text: bytes) -> Scrubbed:
        """Apply the policy to a file: its licence, its path, its text."""
        blob["license"] = license_of_header(text) or blob["license"]
        if self.licenses.forbids(blob["license"]):
            return Scrubbed(text, reason="license", detail=blob["license"] or "not known")
        if found := self.scrubber.find(blob["path"].replace("/", "\n").encode()):
            return Scrubbed(text, reason=found[0].kind, detail="in its path")
        return self.scrubber.scrub(text, LANGUAGES[blob["language"]])


_Found = tuple[dict[str, Any], Function, Sequence[Redaction]]
"""A function with the blob that it is in, and what was redacted there."""


def _kinds(redactions: Sequence[Redaction], first: int, last: int) -> list[str]:
    """Return what was redacted from one line to another, each kind once."""
    return sorted({redaction.kind for redaction in redactions if first <= redaction.line <= last})


def _function_table(found: list[_Found]) -> pa.Table:
    """Make the table column by column, which costs a fraction of making it row by row."""
    columns: dict[str, list[Any]] = {
        "function_id": [
            content_id(blob["repo"], blob["path"], blob["blob_id"], str(function.start_byte))
            for blob, function, _ in found
        ],
        "is_test": [
            LANGUAGES[blob["language"]].is_test(blob["path"], function.signature)
            for blob, function, _ in found
        ],
        "redactions": [
            _kinds(redactions, function.start_line, function.end_line)
            for _, function, redactions in found
        ],
    }
    functions = [function for _, function, _ in found]
    for name in FUNCTION.names:
        if name in BLOB.names:
            columns[name] = [blob[name] for blob, _, _ in found]
        elif name in Function._fields:
            columns[name] = list(map(attrgetter(name), functions))
    return pa.Table.from_pydict(columns, schema=FUNCTION)
