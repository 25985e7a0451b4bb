"""A finding: a stretch of a text that must not be published as it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from corpus.safety.policy import KINDS, Kind


class Finding(NamedTuple):
    """What was found, by which rule, and where: byte offsets of UTF-8 text, the end excluded."""

    start: int
    end: int
    kind: Kind
    rule: str


def without_overlaps(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings in order, joining those that overlap; a secret wins over other kinds."""
    merged: list[Finding] = []
    for finding in sorted(set(findings)):
        if not merged or finding.start >= merged[-1].end:
            merged.append(finding)
            continue
        last = merged[-1]
        first = min(last, finding, key=lambda f: (KINDS.index(f.kind), f.start))
        merged[-1] = first._replace(start=last.start, end=max(last.end, finding.end))
    return merged
