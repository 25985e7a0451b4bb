"""Where the words stand that rules hang on: one pass over a text finds all of them.

A rule that knows a word which any match must hold need only look where the word stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from ahocorasick_rs import BytesAhoCorasick


class Anchored:
    """A text (UTF-8), the same in lower case, and where anchors stand in it."""

    def __init__(self, text: bytes, lower: bytes, places: dict[bytes, list[int]]) -> None:
        self.text = text
        self.lower = lower
        self._places = places

    def has(self, anchors: Iterable[bytes]) -> bool:
        """Tell whether one of ``anchors`` stands in the text, in whatever case."""
        return any(anchor in self._places for anchor in anchors)

    def of(self, anchors: Set[bytes]) -> Set[bytes]:
        """Return those of ``anchors`` that stand in the text, in whatever case."""
        return self._places.keys() & anchors

    def at(self, anchors: Iterable[bytes]) -> Iterator[int]:
        """Yield where ``anchors`` stand, in whatever case, one anchor after the other."""
        for anchor in anchors:
            yield from self._places.get(anchor, ())


class Anchors:
    """The anchors of all rules: words in lower case."""

    def __init__(self, words: Iterable[bytes]) -> None:
        self._words = sorted(set(words))
        self._automaton = BytesAhoCorasick(self._words)

    def find(self, text: bytes) -> Anchored:
        """Look for all anchors."""
        lower = text.lower()
        found: dict[bytes, list[int]] = {}
        for word, start, _ in self._automaton.find_matches_as_indexes(lower, overlapping=True):
            found.setdefault(self._words[word], []).append(start)
        return Anchored(text, lower, found)
