"""What clustering needs to know of a text: its shingles and a key of all that it says.

``sign`` is a pure function over one shard, made for worker processes: it holds nothing between
calls and imports neither datasketch nor SciPy.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from xxhash import xxh3_64_intdigest

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
_WHITE_SPACE = bytes(code for code in range(128) if chr(code).isspace())
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
        keys.append(_exact_keys(block, words))
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


def _exact_keys(texts: pa.LargeStringArray, words: Words) -> npt.NDArray[np.uint64]:
    """Hash each text's characters, white space left out, and the lengths of its words (XXH3).

    The lengths tell "int a" from "inta".
    """
    ascii_only = pc.fill_null(pc.string_is_ascii(texts), True).to_pylist()
    _, offsets, data = texts.buffers()
    starts = np.frombuffer(offsets, dtype=np.int64)[texts.offset :][: len(texts) + 1]
    text = data.slice(starts[0], starts[-1] - starts[0]).to_pybytes() if data else b""
    starts = (starts - starts[0]).tolist()
    lengths = words.lengths.tobytes()
    places = (words.lengths.itemsize * words.offsets).tolist()
    keys = np.empty(len(texts), dtype=np.uint64)
    for row, is_ascii in enumerate(ascii_only):
        characters = text[starts[row] : starts[row + 1]]
        if not is_ascii:  # there is more white space than bytes can tell
            characters = "".join(characters.decode().split()).encode()
        characters = characters.translate(None, _WHITE_SPACE)
        keys[row] = xxh3_64_intdigest(
            lengths[places[row] : places[row + 1]], xxh3_64_intdigest(characters)
        )
    return keys


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
