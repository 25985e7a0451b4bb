"""What clustering needs to know of a text: its shingles and a key of all that it says.

``sign`` is a pure function over one shard, made for worker processes: it holds nothing between
calls and imports neither datasketch nor SciPy.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from corpus.dedup.names import names, renamed
from corpus.dedup.parameters import DedupParameters
from corpus.dedup.shingles import blocks, offsets_of
from corpus.dedup.words import Words, mix, split_words

SIGNED = pa.schema(
    [
        pa.field("words", pa.uint32(), nullable=False),
        pa.field("exact_key", pa.uint64(), nullable=False),
        pa.field("shingles", pa.large_list(pa.field("item", pa.uint32(), False)), nullable=False),
    ]
)
"""One text: how many words it has, a hash of all that it says, a hash per shingle.

``exact_key`` is equal for texts with the same words and the same punctuation, whatever the layout.

Shingles stand in the order of the text, repeats included; a text of fewer words has none.
"""

_BLOCK_BYTES = 1 << 20  # intermediate arrays of a block this size stay in a core's cache
_BASE = np.uint64(0x9E3779B97F4A7C15)


def sign(texts: pa.ChunkedArray | pa.Array, parameters: DedupParameters) -> pa.Table:
    """Return one row of ``SIGNED`` per text, in the same order. A null counts as an empty text.

    Two different shingles share their 32-bit hash by chance once in 2**32, two different word
    sequences their 64-bit key once in 2**64.
    """
    counts, keys, shingles, shingle_counts = [], [], [], []
    for block in _blocks(texts):
        words = split_words(block)
        counts.append(np.diff(words.offsets))
        keys.append(mix(_word_keys(words) ^ _character_keys(block)))
        shingles.append(_shingles(words, parameters))
        shingle_counts.append(np.maximum(counts[-1] - parameters.shingle + 1, 0))
    if not counts:
        return SIGNED.empty_table()
    offsets = offsets_of(np.concatenate(shingle_counts))
    columns = [
        pa.array(np.concatenate(counts).astype(np.uint32)),
        pa.array(np.concatenate(keys)),
        pa.LargeListArray.from_arrays(offsets, np.concatenate(shingles), SIGNED.field(2).type),
    ]
    return pa.Table.from_arrays(columns, schema=SIGNED)


def _blocks(texts: pa.ChunkedArray | pa.Array) -> Iterator[pa.LargeStringArray]:
    """Cut the texts, in order, into blocks of about ``_BLOCK_BYTES``, but at least one text."""
    for chunk in texts.chunks if isinstance(texts, pa.ChunkedArray) else [texts]:
        chunk = chunk.cast(pa.large_string())
        offsets = np.frombuffer(chunk.buffers()[1], dtype=np.int64)[chunk.offset :]
        for start, stop in blocks(offsets[: len(chunk) + 1], _BLOCK_BYTES):
            yield chunk.slice(start, stop - start)


def _character_keys(texts: pa.LargeStringArray) -> npt.NDArray[np.uint64]:
    """Hash each text's characters in their order, white space left out (BLAKE2b)."""
    digests = [
        blake2b("".join((text or "").split()).encode("utf-8", "replace"), digest_size=8).digest()
        for text in texts.to_pylist()
    ]
    return np.frombuffer(b"".join(digests), dtype=np.uint64)


def _word_keys(words: Words) -> npt.NDArray[np.uint64]:
    """Hash each text's words in their order: the sum, modulo 2**64, of word times place.

    Places are numbered by random odd multipliers, the same ones in every text (multilinear hashing,
    Lemire and Kaser: "Strongly universal string hashing is fast", 2014).
    """
    counts = np.diff(words.offsets)
    place = np.arange(words.hashes.size) - np.repeat(words.offsets[:-1], counts)
    multipliers = mix(np.arange(1, counts.max(initial=0) + 1, dtype=np.uint64)) | np.uint64(1)
    sums = np.zeros(words.hashes.size + 1, dtype=np.uint64)
    np.cumsum(words.hashes * multipliers[place], out=sums[1:])
    return mix(sums[words.offsets[1:]] - sums[words.offsets[:-1]])


def _shingles(words: Words, parameters: DedupParameters) -> npt.NDArray[np.uint32]:
    """Hash every run of ``parameters.shingle`` words that lies within one text."""
    size = parameters.shingle
    starts = words.hashes.size - size + 1
    if starts <= 0:
        return np.zeros(0, dtype=np.uint32)
    is_name = names(words) if parameters.normalise_identifiers else None
    hashes = np.zeros(starts, dtype=np.uint64)
    for place in range(size):
        hashes *= _BASE
        if is_name is None:
            hashes += words.hashes[place : place + starts]
        else:
            hashes += renamed(words, is_name, place, starts)
    within = np.ones(words.hashes.size, dtype=np.bool_)
    for before_end in range(1, size):
        places = words.offsets[1:] - before_end
        within[places[places >= 0]] = False
    return (mix(hashes) >> np.uint64(32)).astype(np.uint32)[within[:starts]]
