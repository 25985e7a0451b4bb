"""The stage from blobs to source files and functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from corpus.config import Files
from corpus.dedup.exact import sign
from corpus.extract.functions import Function, extract
from corpus.ids import content_id, git_blob_id
from corpus.languages import LANGUAGES, Language
from corpus.rejects import Rejects
from corpus.schemas import FUNCTION, SOURCE_FILE, Columns
from corpus.sources.base import Reader
from corpus.sources.skip import content_verdict
from corpus.sources.text import UnreadableTextError, decode


@dataclass(frozen=True)
class ExtractStage:
    """Reads the blobs of a shard, and finds their functions."""

    readers: Mapping[str, Reader]
    files: Files
    name: str = "extract"
    inputs: tuple[str, ...] = ("blobs",)

    def __call__(self, tables: Mapping[str, pa.Table]) -> Mapping[str, pa.Table]:
        """Return the tables ``files``, ``functions``, their signatures, and ``file_rejects``."""
        files, functions = Columns(SOURCE_FILE), Columns(FUNCTION)
        rejects = Rejects("files")
        for blob in tables["blobs"].to_pylist():
            text = self._read(blob, rejects)
            if text is None:
                continue
            language = LANGUAGES[blob["language"]]
            files.add(
                file_id=content_id(blob["repo"], blob["path"], blob["blob_id"]),
                **blob,
                text=text.decode("utf-8", "replace"),
                lines=text.count(b"\n") + (not text.endswith(b"\n")),
            )
            is_test_path = language.is_test_path(blob["path"])
            for function in extract(language, text):
                _add_function(functions, blob, function, language, is_test_path)
        file_rows, function_rows = files.table(), functions.table()
        return {
            "files": file_rows,
            "file_signatures": sign(file_rows["text"]),
            "functions": function_rows,
            "function_signatures": sign(function_rows["code_without_doc"]),
            "file_rejects": rejects.table(),
        }

    def _read(self, blob: dict[str, Any], rejects: Rejects) -> bytes | None:
        """Return a blob's text as UTF-8, or record why it has none."""
        blob_id, path, repo = blob["blob_id"] or "", blob["path"], blob["repo"]
        try:
            content = self.readers[repo].read(path, blob["blob_id"])
            text = decode(content)
        except (OSError, ValueError) as error:
            if isinstance(error, UnreadableTextError):
                rejects.add(blob_id, error.reason, repo, path, detail=error.detail)
            else:
                rejects.add(blob_id, "unreadable", repo, path, detail=type(error).__name__)
            return None
        blob["blob_id"] = blob_id or git_blob_id(content)
        blob["size"] = len(content)
        if verdict := content_verdict(text, LANGUAGES[blob["language"]], self.files):
            reason, detail = verdict
            rejects.add(blob["blob_id"], reason, repo, path, detail=detail)
            return None
        return text


def _add_function(
    functions: Columns,
    blob: dict[str, Any],
    function: Function,
    language: Language,
    is_test_path: bool,
) -> None:
    functions.add(
        function_id=content_id(
            blob["repo"], blob["path"], blob["blob_id"], str(function.start_byte)
        ),
        repo=blob["repo"],
        commit=blob["commit"],
        path=blob["path"],
        blob_id=blob["blob_id"],
        language=blob["language"],
        license=blob["license"],
        kind=function.kind,
        name=function.name,
        qualified_name=function.qualified_name,
        signature=function.signature,
        code=function.code,
        code_without_doc=function.code_without_doc,
        doc=function.doc,
        doc_raw=function.doc_raw,
        start_line=function.start_line,
        end_line=function.end_line,
        declaration_line=function.declaration_line,
        is_test=is_test_path or language.is_test_header(function.signature),
    )
