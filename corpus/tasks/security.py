"""security: Python code in; the findings of bandit out, or that there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from corpus.ids import content_id
from corpus.languages import LANGUAGES
from corpus.tasks.base import Pair, Task
from corpus.tasks.findings import Finding, bandit_version, findings_in
from corpus.tasks.samples import function_rows

_SAMPLE = b"""import subprocess


def archive(folder, target):
    subprocess.run(f"tar -cf {target} {folder}", shell=True)


def newest(paths):
    return max(paths, key=modified)
"""


@dataclass(frozen=True, slots=True)
class Audited:
    """A function that was looked at, and what was found; ``row`` as ``schemas.FUNCTION``."""

    row: Mapping[str, Any]
    findings: Sequence[Finding]
    source: ClassVar[str] = "bandit"

    @property
    def id(self) -> str:
        """The function, and that it was looked at."""
        return content_id(self.row["function_id"], "audited")


def _make(audited: Audited) -> Pair:
    row = audited.row
    return Pair(
        slots={
            "language": row["language"],
            "name": row["qualified_name"],
            "path": row["path"],
            "code": row["code"],
            "findings": audited.findings,
        },
        answers=tuple(finding.message for finding in audited.findings),
        evidence=f"bandit {bandit_version()}",
    )


@cache
def _samples() -> list[Audited]:
    rows = function_rows("sample/archive.py", LANGUAGES["python"], _SAMPLE)
    found = findings_in(_SAMPLE.decode(), "sample/archive.py") or []
    return [Audited(row, [f.within(row) for f in found if f.is_in(row)]) for row in rows]


TASK = Task(
    name="security",
    subject=Audited,
    slots={
        "language": "the language's name, as a code fence has it",
        "name": "the function's qualified name",
        "path": "the file's path in the repo",
        "code": "the function as it stands in the repo",
        "findings": "each with line (from 1, in `code`), source (that line), rule, cwe (a "
        "number, or 0), message, and remedy (from remedies.yaml, or nothing)",
    },
    make=_make,
    samples=_samples,
)
