"""The shingles of many texts, one text after another in flat arrays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Indices = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True)
class Shingles:
    """n texts; those of text i are ``hashes[offsets[i]:offsets[i + 1]]`` (uint32), repeats too."""

    hashes: npt.NDArray[np.uint32]
    offsets: Indices

    @classmethod
    def of(cls, column: pa.ChunkedArray) -> Shingles:
        """Take a column of lists of uint32 without nulls; one in a single piece is not copied."""
        hashes = [chunk.flatten().to_numpy() for chunk in column.chunks]
        lengths = [chunk.value_lengths().to_numpy() for chunk in column.chunks]
        return cls(_joined(hashes, np.uint32), offsets_of(_joined(lengths, np.int64)))

    @property
    def count(self) -> int:
        """How many texts there are."""
        return self.offsets.size - 1

    @property
    def lengths(self) -> Indices:
        """How many shingles each text has."""
        return np.diff(self.offsets)

    def only(self, texts: Indices) -> Shingles:
        """Return some texts, told by their indices, which ascend."""
        first, last = (texts[0], texts[-1] + 1) if texts.size else (0, 0)
        lengths = np.diff(self.offsets[first : last + 1])
        stays = np.zeros(last - first, dtype=np.bool_)
        stays[texts - first] = True
        hashes = self.hashes[self.offsets[first] : self.offsets[last]]
        return Shingles(hashes[np.repeat(stays, lengths)], offsets_of(lengths[stays]))


def _joined(parts: list[npt.NDArray[T]], kind: type[T]) -> npt.NDArray[T]:
    return parts[0] if len(parts) == 1 else np.concatenate([np.zeros(0, dtype=kind), *parts])


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
