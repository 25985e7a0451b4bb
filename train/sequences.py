"""Builds the packed sequences that a stage trains on, and counts what became of every row."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from datasets import Dataset

from train.config import StageName, Training
from train.data import training_rows
from train.encode import NO_LOSS, Encoder, Tokens
from train.errors import TrainingError
from train.pack import pack

Sequences = list[dict[str, list[int]]]


@dataclass
class Counts:
    """What a stage trains on, in rows, packed sequences and tokens."""

    rows: int = 0
    too_long: int = 0  # conversations left out: to learn a cut answer is to learn never to stop
    sequences: int = 0
    replayed: int = 0  # sequences of the other stage
    tokens: int = 0
    loss_tokens: int = 0


def stage_sequences(
    source: str, name: StageName, encoder: Encoder, settings: Training
) -> tuple[Dataset, Counts]:
    """Return the sequences of a stage, those of replay among them, and the counts."""
    counts = Counts()
    if name == "mixed":
        sequences = [*_knowledge(source, encoder, settings, counts)]
        sequences += _conversations(source, encoder, settings, counts)
    else:
        own, other = (_knowledge, _conversations)[:: 1 if name == "knowledge" else -1]
        sequences = own(source, encoder, settings, counts)
        replay = settings.stage(name).replay
        if replay:
            wanted = round(len(sequences) * replay / (1 - replay))
            found = other(source, encoder, settings, Counts())
            replayed = Random(settings.seed).sample(found, min(wanted, len(found)))
            counts.replayed = len(replayed)
            sequences += replayed
    if not sequences:
        raise TrainingError(f"no row of {source} fits into {settings.sequence_length} tokens")
    counts.sequences = len(sequences)
    counts.tokens = sum(len(row["input_ids"]) for row in sequences)
    counts.loss_tokens = sum(i != NO_LOSS for row in sequences for i in row["labels"])
    return Dataset.from_list(sequences), counts


def _knowledge(source: str, encoder: Encoder, settings: Training, counts: Counts) -> Sequences:
    random, limit = Random(settings.seed), settings.sequence_length
    texts = training_rows(source, "knowledge")["text"]
    counts.rows += len(texts)
    pieces = [
        piece
        for text in texts
        for piece in encoder.document(text, limit, settings.fim_rate, random)
    ]
    return pack(pieces, limit)


def _conversations(source: str, encoder: Encoder, settings: Training, counts: Counts) -> Sequences:
    fitting: list[Tokens] = []
    for messages in training_rows(source, "instructions")["messages"]:
        turns = encoder.conversation(messages)
        counts.rows += 1
        fits = all(len(turn.ids) <= settings.sequence_length for turn in turns)
        counts.too_long += not fits
        fitting += turns if fits else []
    return pack(fitting, settings.sequence_length)
