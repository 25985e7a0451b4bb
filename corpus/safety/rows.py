"""The last look at a row, when all that it was put together from has been looked at alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from corpus.safety.scrub import Scrubber
from corpus.safety.tombstones import Forgotten


@dataclass(frozen=True)
class RowGate:
    """Says of a row whether it may be published. Picklable."""

    scrubber: Scrubber
    forgotten: Forgotten = field(default_factory=Forgotten)

    def fault(self, place: Mapping[str, Any], texts: Iterable[str]) -> str | None:
        """Return why a row is left out, or None.

        ``place`` says where the row is from, as for ``Forgotten.covers``. Decoded markup, a
        template or texts from outside the files may hold what no scan of a file has seen.
        """
        if self.forgets(place):
            return "forgotten"
        return "unsafe_text" if self.scrubber.find("\n".join(texts).encode()) else None

    def forgets(self, place: Mapping[str, Any]) -> bool:
        """Tell whether a row was taken down."""
        return bool(self.forgotten.tombstones) and self.forgotten.covers(place)
