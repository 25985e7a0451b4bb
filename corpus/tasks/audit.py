"""Chooses functions for the task ``security``: those with findings, and as many without."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from corpus.errors import TemplateError
from corpus.ids import content_id
from corpus.tasks.findings import Finding, findings_in
from corpus.tasks.policies import overlaid, read_overlaid
from corpus.tasks.security import Audited, before_and_after

REMEDIES = Path("security", "remedies.yaml")
_FEWEST_LINES = 4  # a shorter function is clean for want of anything in it


def audited(
    functions: Iterable[Mapping[str, Any]], texts: Mapping[str, str], remedies: Mapping[str, str]
) -> Iterator[Audited]:
    """Yield the Python functions in which something is found, each followed by one that is clean.

    ``texts`` are the files by blob id: a finding hangs on what a file imports. The clean ones are
    from files with findings first, so that it is not the file which tells.
    """
    found_in = _Files(texts, remedies)
    flagged: list[Audited] = []
    clean: list[tuple[bool, str, Audited]] = []
    for row in functions:
        if row["language"] != "python" or row["is_test"] or "nosec" in row["code"]:
            continue
        findings = found_in(row)
        if findings is None:
            continue
        if findings:
            flagged.append(Audited(row, findings, row["code"]))
        elif row["calls"] and row["code_without_doc"].count("\n") + 1 >= _FEWEST_LINES:
            is_elsewhere = not found_in.any(row)
            subject = Audited(row, (), row["code"])
            clean.append((is_elsewhere, content_id(row["function_id"]), subject))
    clean.sort(key=lambda entry: entry[:2])
    for number, subject in enumerate(flagged):
        yield subject
        if number < len(clean):
            yield clean[number][2]


class _Files:
    """The findings of every file, each looked at once."""

    def __init__(self, texts: Mapping[str, str], remedies: Mapping[str, str]) -> None:
        self._texts = texts
        self._remedies = remedies
        self._found: dict[str, list[Finding] | None] = {}

    def __call__(self, function: Mapping[str, Any]) -> list[Finding] | None:
        """Return the findings within a function; None where its file can't be looked at."""
        blob = function["blob_id"]
        if blob not in self._found:
            found = findings_in(self._texts[blob], function["path"])
            self._found[blob] = found and [
                replace(one, remedy=self._remedies.get(one.rule, "")) for one in found
            ]
        found = self._found[blob]
        if found is None:
            return None
        return [finding.within(function) for finding in found if finding.is_in(function)]

    def any(self, function: Mapping[str, Any]) -> bool:
        """Tell whether anything is found in the function's file."""
        return bool(self._found[function["blob_id"]])


def mended(
    changes: Iterable[Mapping[str, Any]],
    found: Iterable[Mapping[str, Any]],
    remedies: Mapping[str, str],
) -> Iterator[Audited]:
    """Yield both sides of the changes that mended findings; ``found`` as ``mended.MENDED``."""
    by_id = {row["change_id"]: row["findings"] for row in found}
    for change in changes:
        if findings := by_id.get(change["change_id"]):
            told = [Finding(**one, remedy=remedies.get(one["rule"], "")) for one in findings]
            yield from before_and_after(change, told)


@cache
def load_remedies(folder: str | None) -> dict[str, str]:
    """Return the remedies by rule: a user's, or else the shipped. Raises TemplateError."""
    path = overlaid(folder, REMEDIES)
    data, _ = read_overlaid(path)
    if not isinstance(data, dict) or not all(isinstance(text, str) for text in data.values()):
        raise TemplateError(f"{path}:1: it holds a rule and a remedy a line, as `B506: Use …`")
    return data
