"""security: Python code in; the findings of bandit out, or that there is none.

Where a commit mended what was found, the corrected code follows.
"""

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
    """A function that was looked at, and what was found in its ``code``.

    ``row`` is as ``schemas.FUNCTION``, or ``history.schemas.CHANGE`` for one side of a change;
    ``after`` is what a commit made of code with findings.
    """

    row: Mapping[str, Any]
    findings: Sequence[Finding]
    code: str
    after: str = ""
    source: ClassVar[str] = "bandit"

    @property
    def id(self) -> str:
        """The function, and that it was looked at; of a change, the side as well."""
        if "change_id" in self.row:
            return content_id(self.row["change_id"], "audited", "before" if self.after else "after")
        return content_id(self.row["function_id"], "audited")


def before_and_after(change: Mapping[str, Any], findings: Sequence[Finding]) -> list[Audited]:
    """Return both sides of a change that mended findings: the code with them, and without."""
    before, after = change["before"], change["after"]
    return [Audited(change, findings, before, after), Audited(change, (), after)]


def _make(audited: Audited) -> Pair:
    row = audited.row
    return Pair(
        slots={
            "language": row["language"],
            "name": row["qualified_name"],
            "path": row["path"],
            "code": audited.code,
            "findings": audited.findings,
            "calls": [] if audited.after else row["calls"],
            "after": audited.after,
        },
        answers=(
            *(finding.message for finding in audited.findings),
            *([audited.after] if audited.after else []),
        ),
        evidence=f"bandit {bandit_version()}{' commit' if 'change_id' in row else ''}",
    )


@cache
def _samples() -> list[Audited]:
    rows = function_rows("sample/archive.py", LANGUAGES["python"], _SAMPLE)
    found = findings_in(_SAMPLE.decode(), "sample/archive.py") or []
    samples = [
        Audited(row, [f.within(row) for f in found if f.is_in(row)], row["code"]) for row in rows
    ]
    mended = rows[0]["code"].replace('f"tar -cf {target} {folder}", shell=True', "command")
    change = {**rows[0], "change_id": "", "before": rows[0]["code"], "after": mended}
    return [*samples, *before_and_after(change, samples[0].findings)]


TASK = Task(
    name="security",
    subject=Audited,
    slots={
        "language": "the language's name, as a code fence has it",
        "name": "the function's qualified name",
        "path": "the file's path in the repo",
        "code": "the function as it stands in the repo, or stood before or after a commit",
        "findings": "each with line (from 1, in `code`), source (that line), rule, cwe (a "
        "number, or 0), message, and remedy (from remedies.yaml, or nothing)",
        "calls": "the names that the code calls; none for code from before a commit",
        "after": "what a commit made of it, in which nothing is found any more; or nothing",
    },
    make=_make,
    samples=_samples,
)
