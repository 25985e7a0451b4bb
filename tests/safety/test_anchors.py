"""What makes the scans fast finds what the slow way finds."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from corpus.safety.anchors import Anchors
from corpus.safety.ngrams import LEXEMES, WORDS, ngrams, tokens

WORDS_OF_RULES = [b"key", b"psk", b"pw", b"asia", b"\xe2\x80"]
TEXTS = st.lists(st.sampled_from([*WORDS_OF_RULES, b"ps", b"a", b" ", b"KEY", b"\xff"])).map(
    b"".join
)
CODE = st.lists(
    st.sampled_from(
        [
            "a",
            "longer_name",
            "é",
            "for",
            "in",
            "return",
            "07",
            "x1",
            "(",
            ")",
            "\n",
            " ",
            "==",
            "word",
        ]
    )
).map("".join)


@given(TEXTS)
def test_anchors_are_found_wherever_they_stand(text):
    anchored = Anchors(WORDS_OF_RULES).find(text)
    lower = text.lower()
    for word in WORDS_OF_RULES:
        places = [at for at in range(len(text)) if lower.startswith(word, at)]
        assert list(anchored.at([word])) == places
        assert anchored.has([word]) == bool(places)


def _slow(text: str) -> tuple[list[str], list[str]]:
    """Return words and lexemes, told apart character by character."""
    words, lexemes, before = [], [], ""
    for character in text.lower():
        for found, inside in (
            (words, lambda c: c.isascii() and c.isalnum()),
            (lexemes, lambda c: c == "_" or not c.isascii() or c.isalnum()),
        ):
            if inside(character):
                if before and inside(before):
                    found[-1] += character
                else:
                    found.append(character)
            elif found is lexemes and not character.isspace():
                found.append(character)
        before = character
    kept = {"for", "in", "return"}
    names = ["?" if (c[0].isalpha() or c[0] == "_") and c not in kept else c for c in lexemes]
    return words, names


@given(CODE)
def test_n_grams_are_the_same_where_the_tokens_are(text):
    for hashes, slow, size in zip(
        tokens(text.encode()), _slow(text), (WORDS, LEXEMES), strict=True
    ):
        assert len(hashes) == len(slow)
        expected = [tuple(slow[at : at + size]) for at in range(len(slow) - size + 1)]
        pairs = set(zip(ngrams(hashes, size).tolist(), expected, strict=True))
        assert len(pairs) == len(Counter(expected)) == len({gram for gram, _ in pairs})
