"""A finding: a stretch of a text that must not be published as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from corpus.safety.policy import KINDS, Kind

Judge = Callable[[str], bool]


class Finding(NamedTuple):
    """What was found, by which rule, and where: byte offsets of UTF-8 text, the end excluded."""

    start: int
    end: int
    kind: Kind
    rule: str


def judged(match: re.Match[bytes] | None, rule: str, judge: Judge) -> Iterator[Finding]:
    """Yield the group ``value`` of a match as a secret, if ``judge`` takes it for one."""
    if match and judge(match["value"].decode("utf-8", "replace")):
        yield Finding(*match.span("value"), "secret", rule)


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
