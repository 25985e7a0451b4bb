"""The shingles of many texts, one text after another in flat arrays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Indices = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Shingles:
    """n texts; those of text i are ``hashes[offsets[i]:offsets[i + 1]]`` (uint32), repeats too."""

    hashes: npt.NDArray[np.uint32]
    offsets: Indices

    @classmethod
    def of(cls, column: pa.ChunkedArray) -> Shingles:
        """Take a column of lists of uint32 without nulls."""
        hashes = [np.zeros(0, dtype=np.uint32), *(c.flatten().to_numpy() for c in column.chunks)]
        lengths = [c.value_lengths().to_numpy() for c in column.chunks]
        return cls(np.concatenate(hashes), offsets_of(np.concatenate([np.zeros(0), *lengths])))

    @property
    def count(self) -> int:
        """How many texts there are."""
        return self.offsets.size - 1

    @property
    def lengths(self) -> Indices:
        """How many shingles each text has."""
        return np.diff(self.offsets)

    def only(self, texts: Mask) -> Shingles:
        """Return the texts that are true in a mask of n, in their order."""
        lengths = self.lengths
        return Shingles(self.hashes[np.repeat(texts, lengths)], offsets_of(lengths[texts]))


def offsets_of(lengths: npt.NDArray[np.integer[Any]]) -> Indices:
    """Return where each of n parts begins when they are laid end to end, and the end: n + 1."""
    offsets = np.zeros(lengths.size + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def distinct(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return the different values, sorted. ``np.unique`` hashes them first, which takes longer."""
    values = np.sort(values)
    changes = np.ones(values.size, dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=changes[1:])
    return values[changes]


def blocks(offsets: Indices, size: int) -> Iterator[tuple[int, int]]:
    """Cut parts into runs [start, stop) of at most ``size`` altogether, or of a single part."""
    start = 0
    while start < offsets.size - 1:
        fitting = int(np.searchsorted(offsets, offsets[start] + size, side="right")) - 1
        stop = max(start + 1, fitting)
        yield start, stop
        start = stop
