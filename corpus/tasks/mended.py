"""Finds the changes that mended what bandit found: a finding before the commit, none after it."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from operator import itemgetter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.guard import Guard
from corpus.schemas import Columns, record, required
from corpus.sources.base import Blob, Reader
from corpus.sources.text import UnreadableTextError, decode
from corpus.tasks.findings import Finding, findings_in

_FINDING = pa.struct(
    [
        pa.field("line", pa.int32()),
        pa.field("source", pa.string()),
        pa.field("rule", pa.string()),
        pa.field("cwe", pa.int32()),
        pa.field("message", pa.string()),
    ]
)
MENDED = record("mended", 1, [required("change_id"), required("findings", pa.list_(_FINDING))])
"""What was found in a function before a commit, lines counted from its first; after it, nothing."""

_SIDES = (("parent_path", "parent_blob_id"), ("path", "blob_id"))
_NAME = r"[\w.]+(?:[ \t]+as[ \t]+\w+)?"
_NAMES = rf"{_NAME}(?:[ \t]*,[ \t]*{_NAME})*"
_IMPORT = re.compile(  # and nothing of prose in a docstring that begins with such a word
    rf"^[ \t]*(?:from[ \t]+[\w.]+[ \t]+import[ \t]*(?:\([^)]*\)|\*|{_NAMES})|import[ \t]+{_NAMES})"
    r"[ \t]*(?:#.*)?$",
    re.MULTILINE,
)


@dataclass(frozen=True)
class MendedStage:
    """Looks at Python functions before and after their commits."""

    readers: Mapping[str, Reader]
    name: str = "security of changes"
    inputs: tuple[str, ...] = ("changes", "change_verdicts")

    @property
    def fingerprint(self) -> str:
        """A hash of the settings: there are none."""
        return ""

    def blobs(self, tables: Mapping[str, pa.Table]) -> dict[str, list[Blob]]:
        """Return the path and id of both sides of a shard's changes, by repo."""
        found: dict[str, list[Blob]] = {}
        for row in tables["changes"].to_pylist():
            found.setdefault(row["repo"], []).extend((row[path], row[b]) for path, b in _SIDES)
        return found

    def reading(self, readers: Mapping[str, Reader]) -> MendedStage:
        """Return the same stage with other readers."""
        return replace(self, readers=readers)

    def __call__(self, tables: Mapping[str, pa.Table], guard: Guard) -> Mapping[str, pa.Table]:
        """Return the table ``mended``."""
        changes, verdicts = tables["changes"], tables["change_verdicts"]
        kept = verdicts.filter(verdicts["kept"])["id"].combine_chunks()
        wanted = pc.and_(
            pc.equal(changes["language"], "python"), pc.is_in(changes["change_id"], kept)
        )
        mended = Columns(MENDED)
        for number, (change, old, new) in enumerate(self._texts(changes.filter(wanted))):
            guard.at(number)
            if number not in guard.poisoned and (found := _mended(change, old, new)):
                findings = [asdict(finding) for finding in found]
                for finding in findings:
                    del finding["remedy"]
                mended.add(change_id=change["change_id"], findings=findings)
        return {"mended": mended.table()}

    def _texts(self, changes: pa.Table) -> Iterator[tuple[dict[str, Any], str, str]]:
        """Yield every change with its file before and after the commit; empty if unreadable."""
        for repo, rows in groupby(changes.to_pylist(), key=itemgetter("repo")):
            of_repo = list(rows)
            wanted = [(row[path], row[blob]) for row in of_repo for path, blob in _SIDES]
            contents = self.readers[repo].read(wanted)
            for row in of_repo:
                yield row, _text(next(contents)), _text(next(contents))


def _text(content: bytes | None) -> str:
    try:
        return decode(content or b"").decode()
    except UnreadableTextError:
        return ""


def _mended(change: Mapping[str, Any], old: str, new: str) -> list[Finding]:
    """Return what was found in the function before, if nothing is found in it after.

    A finding that moved elsewhere in the file, or that a function has which is called instead, is
    not mended, nor is one that ``# nosec`` silenced.
    """
    if "nosec" in change["before"] + change["after"] or _is_clean_alone(change, old):
        return []
    were, are = findings_in(old, change["parent_path"]), findings_in(new, change["path"])
    if were is None or are is None or any(finding.is_in(change) for finding in are):
        return []
    place = {"start_line": change["before_start_line"], "end_line": change["before_end_line"]}
    found = [finding.within(place) for finding in were if finding.is_in(place)]
    counts = [Counter(finding.rule for finding in side) for side in (were, are)]
    left = {finding.line: finding.rule for finding in are}
    moved = {left[line] for line in _called_lines(change["after"], new) if line in left}
    mended = all(
        counts[1][one.rule] < counts[0][one.rule] and one.rule not in moved for one in found
    )
    return found if mended else []


def _called_lines(code: str, file: str) -> Iterator[int]:
    """Yield the lines of a file's functions that some code calls, going by their names."""
    called = set(re.findall(r"\b(\w+)\(", code))
    for node in ast.walk(ast.parse(file)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in called:
            yield from range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _is_clean_alone(change: Mapping[str, Any], old: str) -> bool:
    """Tell whether nothing is found in the function before, below its file's imports alone.

    Bandit takes long for a file: this rules out most functions at a tenth of that.
    """
    imports = "\n".join(found[0].strip() for found in _IMPORT.finditer(old))
    found = findings_in(f"{imports}\n{change['before']}", change["path"])
    above = imports.count("\n") + 1
    return found is not None and all(finding.line <= above for finding in found)
