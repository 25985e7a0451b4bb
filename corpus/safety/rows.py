"""The last look at a row, when all that it was put together from has been looked at alone."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from corpus.safety.scrub import Scrubber
from corpus.safety.tombstones import Forgotten

BETWEEN = b"\n\0\n"
"""Stands between texts that are looked at together: no rule reaches across."""


@dataclass(frozen=True)
class RowGate:
    """Says of a row whether it may be published. Picklable."""

    scrubber: Scrubber
    forgotten: Forgotten = field(default_factory=Forgotten)

    def fault(self, place: Mapping[str, Any], texts: Iterable[str]) -> str | None:
        """Return why a row is left out, or None.

        ``place`` says where the row is from, as for ``Forgotten.covers``; ``texts`` are those of
        its texts that no scan has seen.
        """
        if self.forgets(place):
            return "forgotten"
        unseen = "\n".join(texts).encode()
        return "unsafe_text" if unseen and self.scrubber.find(unseen) else None

    def unsafe(self, texts: Sequence[str]) -> set[int]:
        """Return the numbers of the texts that hold what the policy does not allow.

        They are looked at all at once, which costs less than one by one.
        """
        contents = [text.encode("utf-8", "replace") for text in texts]
        ends = list(accumulate(len(content) + len(BETWEEN) for content in contents))
        found = self.scrubber.find(BETWEEN.join(contents)) if contents else []
        return {bisect_right(ends, finding.start) for finding in found}

    def forgets(self, place: Mapping[str, Any]) -> bool:
        """Tell whether a row was taken down."""
        return bool(self.forgotten.tombstones) and self.forgotten.covers(place)
