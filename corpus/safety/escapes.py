"""Text that is written otherwise than it is read: ``jane&#64;corp.net``."""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from corpus.safety.findings import Finding

# HTML's in docs and markup, Javadoc's, and those of string literals for what an address holds.
_ESCAPE = re.compile(
    rb"&(?:\#\d{1,7}|\#[xX][\da-fA-F]{1,6}|commat|period|colon|sol|amp);"
    rb"|\{@literal ([^{}\s])\}|\\x40|\\u0040"
)

ANCHORS = (b"&#", b"&commat;", b"&period;", b"{@literal ", b"\\x40", b"\\u0040")


class Unescaped:
    """A text as it is read, and where each part of it is written."""

    def __init__(self, written: bytes) -> None:
        parts, self._reads, self._writes, done, size = [], [0], [0], 0, 0
        for match in _ESCAPE.finditer(written):
            meant = _meaning(match)
            parts += [written[done : match.start()], meant]
            size += match.start() - done
            self._reads += [size, size + len(meant)]
            self._writes += [match.start(), match.end()]
            size, done = size + len(meant), match.end()
        self.text = b"".join([*parts, written[done:]])

    def as_written(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Yield the findings that reach over an escape, with their place where they are written."""
        for finding in findings:
            first = bisect_right(self._reads, finding.start) - 1
            last = bisect_right(self._reads, finding.end - 1) - 1
            if last > first or first % 2:
                start, end = self._writes[first], self._writes[min(last + 1, len(self._writes) - 1)]
                # What an escape reads as has no inner places.
                if first % 2 == 0:
                    start += finding.start - self._reads[first]
                if last % 2 == 0:
                    end = self._writes[last] + finding.end - self._reads[last]
                yield finding._replace(start=start, end=end)


def _meaning(match: re.Match[bytes]) -> bytes:
    if match[1] is not None:
        return match[1]
    if match[0].startswith(b"\\"):
        return b"@"
    return html.unescape(match[0].decode()).encode("utf-8", "replace")
