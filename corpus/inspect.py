"""Shows what is seen in a file: its functions, as records or as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from corpus.errors import SourceError, UsageError
from corpus.extract.functions import Function, extract
from corpus.ids import content_id, git_blob_id
from corpus.languages import LANGUAGES, Language, language_of
from corpus.report.plain import visible
from corpus.sources.text import UnreadableTextError, decode


def inspect_files(paths: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """Yield the functions of files, with the columns of the function record.

    A file has no repo or licence here; its path is as given. Raises UsageError for a file
    in no known language, SourceError for one that cannot be read.
    """
    for path in paths:
        language = language_of(str(path))
        if language is None:
            known = " ".join(sorted(e for row in LANGUAGES.values() for e in row.extensions))
            raise UsageError(f"{path}: the extension is of no known language; known are {known}")
        source, blob_id = _read(path)
        for function in extract(language, source):
            yield _record(str(path), blob_id, language, function)


def _read(path: Path) -> tuple[bytes, str]:
    try:
        content = path.read_bytes()
        return decode(content), git_blob_id(content)
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror or error}") from None
    except UnreadableTextError as error:
        raise SourceError(f"{path}: not text ({error.detail or error.reason})") from None


def _record(path: str, blob_id: str, language: Language, function: Function) -> dict[str, Any]:
    found = function._asdict()
    start = found.pop("start_byte")
    return {
        "function_id": content_id("", path, blob_id, str(start)),
        "repo": "",
        "path": path,
        "blob_id": blob_id,
        "language": language.name,
        "license": None,
        **found,
        "is_test": language.is_test(path, function.signature),
    }


def functions_tables(records: Iterable[dict[str, Any]]) -> Iterator[RenderableType]:
    """Yield a table for each file: where its functions are, what, and the first line of the doc."""
    for path, functions in groupby(records, key=itemgetter("path")):
        yield Text(f"\n{visible(path)}", style="bold")
        yield _table(functions)


def _table(functions: Iterable[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("lines", "kind", "name"):
        table.add_column(column, no_wrap=True)
    table.add_column("calls", no_wrap=True, justify="right")
    table.add_column("doc")  # may be wrapped, so it is what is cut where there is no room for all
    for record in functions:
        kind = record["kind"] + (" (test)" if record["is_test"] else "")
        lines = f"{record['start_line']}-{record['end_line']}"
        summary = (record["doc"] or "").partition("\n")[0]
        # As Text, so that brackets in a name or a doc are not taken for markup.
        cells = (lines, kind, record["qualified_name"], str(len(record["calls"])))
        doc = Text(visible(summary), overflow="ellipsis", no_wrap=True)
        table.add_row(*(Text(visible(cell)) for cell in cells), doc)
    return table
