"""Which split a change is in: versions of one function, and equal code, never stand in two."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from corpus.dedup.parameters import Splits
from corpus.ids import content_id, fraction
from corpus.schemas import SPLITS

Key = str
"""Something that two versions share: a text (``ids.text_id``), a place in a file, a cluster of
near-copies."""


def place_key(repo: str, chain: str, qualified_name: str) -> Key:
    """Return the key of a function in a file, whatever names the file had."""
    return content_id("place", repo, chain, qualified_name)


class Families:
    """Puts all that is linked by keys into families, and gives each one split."""

    def __init__(self) -> None:
        self._parent: dict[Key, Key] = {}
        self._fixed: defaultdict[Key, set[str]] = defaultdict(set)

    def link(self, keys: Sequence[Key]) -> None:
        """Say that these keys belong together."""
        first = self._find(keys[0])
        for key in keys[1:]:
            root = self._find(key)
            if root != first:
                first, other = min(first, root), max(first, root)
                self._parent[other] = first

    def fix(self, members: Iterable[tuple[Sequence[Key], str]]) -> None:
        """Say which split versions must be in, each known by its keys, once all links are made."""
        for keys, split in members:
            for key in keys:
                if key in self._parent:
                    self._fixed[self._find(key)].add(split)

    def split(self, key: Key, splits: Splits) -> str | None:
        """Return the split of a key's family; None where what was fixed of it is in several."""
        root = self._find(key)
        fixed = self._fixed.get(root)
        if fixed:
            return next(iter(fixed)) if len(fixed) == 1 else None
        place = fraction(content_id(root))
        test = splits.test if splits.by == "cluster" else 0
        if place >= 1 - test:
            return SPLITS[2]
        return SPLITS[1] if place >= 1 - test - splits.validation else SPLITS[0]

    def _find(self, key: Key) -> Key:
        path = list(self._above(key))
        for passed in path[:-1]:
            self._parent[passed] = path[-1]
        return path[-1]

    def _above(self, key: Key) -> Iterator[Key]:
        yield key
        while (parent := self._parent.setdefault(key, key)) != key:
            yield parent
            key = parent
