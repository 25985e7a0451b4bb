"""Packs what a stage trains on into sequences, and counts what became of every row."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Any

import torch
from torch.nn.utils.rnn import pad_sequence

from corpus.errors import UsageError
from corpus.publish.read import read_rows
from train.config import StageName, Training
from train.encode import NO_LOSS, Encoder, Tokens

Sequences = list[dict[str, list[int]]]


def stage_sequences(
    source: str, name: StageName, encoder: Encoder, settings: Training
) -> tuple[Sequences, dict[str, int]]:
    """Return the sequences of a stage, those of replay among them, and counts of all there is."""
    length, random = settings.sequence_length, Random(settings.seed)

    def files() -> tuple[Sequences, int, int]:
        texts = [row["text"] for row in read_rows(source, "knowledge")]
        found = (encoder.document(text, length, settings.fim_rate, random) for text in texts)
        return pack([piece for pieces in found for piece in pieces], length), len(texts), 0

    def talks() -> tuple[Sequences, int, int]:
        found = [encoder.conversation(r["messages"]) for r in read_rows(source, "instructions")]
        # What is too long is left out: an answer that is cut would teach a model never to stop.
        fit = [turns for turns in found if all(len(turn.ids) <= length for turn in turns)]
        packed = pack([turn for turns in fit for turn in turns], length)
        return packed, len(found), len(found) - len(fit)

    own, other = (talks, files) if name == "instruction" else (files, talks)
    (sequences, rows, too_long), replayed, share = own(), 0, settings.stage(name).replay
    if name == "mixed" or share:
        more, more_rows, more_too_long = other()
        if name == "mixed":
            sequences, rows, too_long = sequences + more, rows + more_rows, too_long + more_too_long
        else:
            replayed = min(round(len(sequences) * share / (1 - share)), len(more))
            sequences += random.sample(more, replayed)
    if not sequences:
        raise UsageError(f"no row of {source} fits into {length} tokens")
    counts = {"rows": rows, "too_long": too_long, "sequences": len(sequences), "replayed": replayed}
    counts["tokens"] = sum(len(row["input_ids"]) for row in sequences)
    counts["loss_tokens"] = sum(i != NO_LOSS for row in sequences for i in row["labels"])
    return sequences, counts


def pack(documents: Iterable[Tokens], length: int) -> Sequences:
    """Put every document, whole, into the fullest sequence that has room, the longest first.

    No document may be longer than ``length``. A sequence is ``input_ids``, ``labels`` and
    ``seq_lengths``. A document's first token has nothing before it, so it carries no loss.
    """
    packed: Sequences = []
    rooms: list[tuple[int, int]] = []  # free tokens and number of each sequence, sorted
    for ids, labels in sorted(documents, key=lambda document: -len(document.ids)):
        fits = bisect_left(rooms, (len(ids), -1))
        room, number = rooms.pop(fits) if fits < len(rooms) else (length, len(packed))
        if number == len(packed):
            packed.append({"input_ids": [], "labels": [], "seq_lengths": []})
        packed[number]["input_ids"] += ids
        packed[number]["labels"] += [NO_LOSS, *labels[1:]]
        packed[number]["seq_lengths"].append(len(ids))
        insort(rooms, (room - len(ids), number))
    return packed


def collate(
    rows: Sequence[Mapping[str, list[int]]], pad: int, flatten: bool = False
) -> dict[str, Any]:
    """Return a batch as tensors of shape (rows, longest row), padded on the right.

    Where positions restart, transformers sees that a document ends, if there is neither attention
    mask nor cache. Flash attention sees it in one row only: there all become one (``flatten``).
    """
    if flatten:
        rows = [{key: [i for row in rows for i in row[key]] for key in rows[0]}]
    positions = [[at for size in row["seq_lengths"] for at in range(size)] for row in rows]

    def padded(lists: Iterable[list[int]], fill: int) -> torch.Tensor:
        return pad_sequence([torch.tensor(ids) for ids in lists], True, fill)

    return {
        "use_cache": False,
        "input_ids": padded([row["input_ids"] for row in rows], pad),
        "labels": padded([row["labels"] for row in rows], NO_LOSS),
        "position_ids": padded(positions, 0),
    }
