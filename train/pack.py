"""Packs what a stage trains on into sequences, and counts what became of every row."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import torch

from train.config import StageName, Training, TrainingError
from train.data import read_rows
from train.encode import NO_LOSS, Encoder, Tokens

Sequences = list[dict[str, list[int]]]


@dataclass
class Counts:
    """What a stage trains on, in rows, packed sequences and tokens."""

    rows: int = 0
    too_long: int = 0  # conversations left out: a cut answer would teach never to stop
    sequences: int = 0
    replayed: int = 0  # sequences of the other stage
    tokens: int = 0
    loss_tokens: int = 0


def stage_sequences(
    source: str, name: StageName, encoder: Encoder, settings: Training
) -> tuple[Sequences, Counts]:
    """Return the sequences of a stage, those of replay among them, and the counts."""
    counts = Counts()
    own, other = (_conversations, _knowledge)[:: 1 if name == "instruction" else -1]
    sequences = own(source, encoder, settings, counts)
    if name == "mixed":
        sequences += other(source, encoder, settings, counts)
    elif share := settings.stage(name).replay:
        found, wanted = other(source, encoder, settings, Counts()), len(sequences) * share
        counts.replayed = min(round(wanted / (1 - share)), len(found))
        sequences += Random(settings.seed).sample(found, counts.replayed)
    if not sequences:
        raise TrainingError(f"no row of {source} fits into {settings.sequence_length} tokens")
    counts.sequences = len(sequences)
    counts.tokens = sum(len(row["input_ids"]) for row in sequences)
    counts.loss_tokens = sum(i != NO_LOSS for row in sequences for i in row["labels"])
    return sequences, counts


def _knowledge(source: str, encoder: Encoder, settings: Training, counts: Counts) -> Sequences:
    random, length = Random(settings.seed), settings.sequence_length
    rows = read_rows(source, "knowledge")
    counts.rows += len(rows)
    documents = (encoder.document(row["text"], length, settings.fim_rate, random) for row in rows)
    return pack([piece for pieces in documents for piece in pieces], length)


def _conversations(source: str, encoder: Encoder, settings: Training, counts: Counts) -> Sequences:
    rows = read_rows(source, "instructions")
    found = [encoder.conversation(row["messages"]) for row in rows]
    fit = [c for c in found if all(len(turn.ids) <= settings.sequence_length for turn in c)]
    counts.rows += len(rows)
    counts.too_long += len(found) - len(fit)
    return pack([turn for turns in fit for turn in turns], settings.sequence_length)


def pack(documents: Iterable[Tokens], length: int) -> Sequences:
    """Put every document, whole, into the fullest sequence that has room, the longest first.

    No document may be longer than ``length``. A sequence is ``input_ids``, ``labels`` and
    ``seq_lengths``. A document's first token has nothing before it, so it carries no loss.
    """
    packed: list[list[Tokens]] = []
    rooms: list[tuple[int, int]] = []  # free tokens and number of each sequence, sorted
    for document in sorted(documents, key=lambda document: -len(document.ids)):
        size = len(document.ids)
        fits = bisect_left(rooms, (size, -1))
        room, number = rooms.pop(fits) if fits < len(rooms) else (length, len(packed))
        if number == len(packed):
            packed.append([])
        packed[number].append(document)
        insort(rooms, (room - size, number))
    return [
        {
            "input_ids": [i for document in sequence for i in document.ids],
            "labels": [i for document in sequence for i in (NO_LOSS, *document.labels[1:])],
            "seq_lengths": [len(document.ids) for document in sequence],
        }
        for sequence in packed
    ]


class Collator:
    """Makes a batch of packed sequences, in which positions restart at every document.

    That, with no attention mask and no cache, is how transformers sees where documents end. Flash
    attention sees it in a batch of one row only: there the rows become one (``flatten``).
    """

    def __init__(self, pad: int, flatten: bool = False) -> None:
        self._pad, self._flatten = pad, flatten

    def __call__(self, rows: Sequence[Mapping[str, list[int]]]) -> dict[str, Any]:
        """Return tensors of shape (rows, longest row), padded on the right."""
        longest = max(len(row["input_ids"]) for row in rows)
        batch: dict[str, list[list[int]]] = {"input_ids": [], "labels": [], "position_ids": []}
        for row in rows:
            padding = 0 if self._flatten else longest - len(row["input_ids"])
            batch["input_ids"].append([*row["input_ids"], *[self._pad] * padding])
            batch["labels"].append([*row["labels"], *[NO_LOSS] * padding])
            lengths = [*row["seq_lengths"], padding]
            batch["position_ids"].append([p for size in lengths for p in range(size)])
        if self._flatten:
            batch = {name: [[i for row in rows for i in row]] for name, rows in batch.items()}
        return {"use_cache": False, **{name: torch.tensor(rows) for name, rows in batch.items()}}
