"""The parts of a doc."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Item:
    """One parameter, return value or exception; parts that the doc leaves out are empty."""

    name: str = ""
    type: str = ""
    description: str = ""


@dataclass
class Sections:
    """What a doc says, part by part, as prose. ``style`` names the format it was written in.

    ``examples`` are as they stand, without the markup around them. A block of code within the prose
    that a doc's format marks as code is an example too, and stays where it is.
    """

    style: str
    summary: str
    description: str = ""
    parameters: list[Item] = field(default_factory=list)
    returns: list[Item] = field(default_factory=list)
    raises: list[Item] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)

    def as_record(self) -> dict[str, Any]:
        """Return the parts as ``schemas.DOC_SECTIONS`` has them."""
        items = ("parameters", "returns", "raises")
        return vars(self) | {name: [vars(item) for item in getattr(self, name)] for name in items}

    def texts(self) -> Iterator[str]:
        """Yield every text."""
        yield from (self.summary, self.description, *self.examples)
        for item in (*self.parameters, *self.returns, *self.raises):
            yield from (item.name, item.type, item.description)

    def add_prose(self, text: str) -> None:
        """Add to the description, after a summary where there is none yet."""
        if self.summary:
            self.description = f"{self.description}\n\n{text}".strip()
        else:
            added = plain(text)
            self.summary, self.description = added.summary, added.description


def plain(doc: str) -> Sections:
    """Take a doc for a summary, an empty line, and a description."""
    summary, _, description = doc.partition("\n\n")
    return Sections("plain", summary.strip(), description.strip("\n"))
