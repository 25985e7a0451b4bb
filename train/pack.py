"""Packs documents into sequences of one length, without a token lost and without a leak."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch

from train.encode import NO_LOSS, Tokens


def pack(documents: Iterable[Tokens], length: int) -> list[dict[str, list[int]]]:
    """Put every document, whole, into the fullest sequence that has room, the longest first.

    Best-fit decreasing: at most 11/9 of the fewest sequences possible, plus one. No document may be
    longer than ``length``. A sequence is ``input_ids``, ``labels`` and ``seq_lengths``.
    """
    sequences: list[list[Tokens]] = []
    rooms: list[tuple[int, int]] = []  # free tokens and number of each sequence, sorted
    for document in sorted(documents, key=lambda document: -len(document.ids)):
        size = len(document.ids)
        fits = bisect_left(rooms, (size, -1))
        if fits < len(rooms):
            room, number = rooms.pop(fits)
        else:
            room, number = length, len(sequences)
            sequences.append([])
        sequences[number].append(document)
        if room > size:
            insort(rooms, (room - size, number))
    return [
        {
            "input_ids": [i for document in sequence for i in document.ids],
            # A document's first token has nothing before it: to learn it would be to learn which
            # document happened to be packed ahead.
            "labels": [i for document in sequence for i in (NO_LOSS, *document.labels[1:])],
            "seq_lengths": [len(document.ids) for document in sequence],
        }
        for sequence in sequences
    ]


class Collator:
    """Makes a batch of packed sequences. Positions restart at every document.

    That, with no attention mask and no cache, is what tells transformers where documents end. Flash
    attention sees it in a batch of one row only, so there the rows become one (``flatten``).
    """

    def __init__(self, pad: int, flatten: bool = False) -> None:
        self._pad = pad
        self._flatten = flatten

    def __call__(self, rows: Sequence[Mapping[str, list[int]]]) -> dict[str, Any]:
        """Return tensors of shape (rows, longest row), padded on the right."""
        longest = max(len(row["input_ids"]) for row in rows)
        columns: dict[str, list[list[int]]] = {"input_ids": [], "labels": [], "position_ids": []}
        for row in rows:
            padding = 0 if self._flatten else longest - len(row["input_ids"])
            lengths = [*row["seq_lengths"], padding]
            columns["input_ids"].append([*row["input_ids"], *[self._pad] * padding])
            columns["labels"].append([*row["labels"], *[NO_LOSS] * padding])
            columns["position_ids"].append([p for size in lengths for p in range(size)])
        if self._flatten:
            columns = {name: [[i for row in rows for i in row]] for name, rows in columns.items()}
        batch: dict[str, Any] = {name: torch.tensor(values) for name, values in columns.items()}
        return {**batch, "use_cache": False}
