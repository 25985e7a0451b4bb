"""Turns ruff's safe fixes into changes of functions, as commits would have made them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

from corpus.extract.functions import ParsedFile
from corpus.history.changes import FileComparison
from corpus.ids import content_id
from corpus.languages import LANGUAGES
from corpus.lint.ruff import Edit, Fix, safe_fixes

Row = Mapping[str, Any]

_KNOWN = ("language", "license", "split", "redactions")  # of a function, whatever it looks like


def fixed_functions(
    functions: Iterable[Row], texts: Mapping[str, str], rules: Sequence[str], max_lines: int
) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield functions that ruff would write otherwise, as ``CHANGE`` rows, each with the rule.

    ``functions`` are those to look at, with all that a row needs; ``texts`` their files by blob id.
    Every rule is a change of its own, with all its fixes that stay within the function.
    """
    by_file: defaultdict[str, list[Row]] = defaultdict(list)
    for row in functions:
        if row["language"] == "python" and not row["is_test"]:
            by_file[row["blob_id"]].append(row)
    found = safe_fixes([texts[blob] for blob in by_file], rules)
    for (blob, rows), fixes in zip(by_file.items(), found, strict=True):
        old = _parsed(texts[blob]) if fixes else None
        for row, code, edits in _by_function(rows, fixes):
            if old and (change := _change(row, old, edits, max_lines)):
                change["change_id"] = content_id(row["function_id"], code)
                yield change, code


def _by_function(
    rows: Sequence[Row], fixes: Iterable[Fix]
) -> Iterator[tuple[Row, str, list[Edit]]]:
    """Yield the edits of a rule within a function, of functions inside each other the outermost."""
    outermost = sorted(rows, key=lambda row: (row["start_line"], -row["end_line"]))
    found: dict[tuple[str, str], tuple[Row, list[Edit]]] = {}
    for fix in fixes:
        row = next((row for row in outermost if _is_within(fix, row)), None)
        if row is not None:
            _, edits = found.setdefault((row["function_id"], fix.rule), (row, []))
            if not any(_overlap(one, other) for one in fix.edits for other in edits):
                edits += fix.edits
    for (_, code), (row, edits) in found.items():
        yield row, code, edits


def _is_within(fix: Fix, row: Row) -> bool:
    return bool(fix.edits) and all(
        row["start_line"] <= edit.start[0] and edit.end[0] <= row["end_line"] for edit in fix.edits
    )


def _overlap(one: Edit, other: Edit) -> bool:
    return one.start <= other.end and other.start <= one.end


def _parsed(text: str) -> ParsedFile:
    return ParsedFile(LANGUAGES["python"], text.encode())


def _change(
    row: Row, old: ParsedFile, edits: Sequence[Edit], max_lines: int
) -> dict[str, Any] | None:
    """Return the change that some edits are; None where they change no more than its layout."""
    new = _parsed(_edited(old.source.decode(), edits))
    place = {"repo": row["repo"], "path": row["path"], "chain": row["path"], "commit": ""}
    changes = FileComparison(place, old, new, max_lines).changes()
    wanted = row["start_line"], row["qualified_name"]
    for change in changes:
        if (change["before_start_line"], change["qualified_name"]) == wanted:
            # What led here is the function as it stands: the other version is nowhere.
            known = {name: row[name] for name in ("repo", "path", "end_line", *_KNOWN)}
            return {**change, **known, "commit": None, "kind": "refactor"}
    return None


def _edited(text: str, edits: Sequence[Edit]) -> str:
    lines = text.split("\n")
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    for edit in sorted(edits, reverse=True):
        first, last = (starts[row - 1] + column - 1 for row, column in (edit.start, edit.end))
        text = text[:first] + edit.content + text[last:]
    return text
