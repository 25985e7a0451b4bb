"""Where the words stand that rules hang on: one pass over a text finds all of them.

A rule that knows a word which any match must hold need only look where the word stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ahocorasick_rs import BytesAhoCorasick


class Anchored:
    """A text (UTF-8), the same in lower case, and where anchors stand in it."""

    def __init__(self, text: bytes, lower: bytes, places: dict[bytes, list[int]]) -> None:
        self.text = text
        self.lower = lower
        self._places = places

    def has(self, anchors: Iterable[bytes]) -> bool:
        """Tell whether one of ``anchors`` stands in the text, in whatever case."""
        return any(self._places[anchor] for anchor in anchors)

    def at(self, anchors: Iterable[bytes]) -> Iterator[int]:
        """Yield where ``anchors`` stand, in whatever case, one anchor after the other."""
        for anchor in anchors:
            yield from self._places[anchor]


class Anchors:
    """The anchors of all rules: words in lower case."""

    def __init__(self, words: Iterable[bytes]) -> None:
        self._words = sorted(set(words))
        self._automaton = BytesAhoCorasick(self._words)

    def find(self, text: bytes) -> Anchored:
        """Look for all anchors."""
        lower = text.lower()
        found: list[list[int]] = [[] for _ in self._words]
        for word, start, _ in self._automaton.find_matches_as_indexes(lower, overlapping=True):
            found[word].append(start)
        return Anchored(text, lower, dict(zip(self._words, found, strict=True)))
