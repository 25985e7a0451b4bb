"""Ids are content hashes: the same content has the same id on every machine."""

from __future__ import annotations

from hashlib import blake2b, sha1
from zlib import crc32


def content_id(*parts: str) -> str:
    """Return 32 hex digits (BLAKE2b, 128 bits) that stand for ``parts`` in their order."""
    return blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()


def text_id(code: str) -> str:
    """Return the id of a piece of code, layout aside."""
    return content_id("text", " ".join(code.split()))


def git_blob_id(content: bytes) -> str:
    """Return the id that git gives a file with this content (SHA-1 of header and content)."""
    return sha1(b"blob %d\0%b" % (len(content), content), usedforsecurity=False).hexdigest()


def fraction(content_id: str) -> float:
    """Map an id to [0, 1), evenly: its first 52 bits as a fraction."""
    return int(content_id[:13], 16) / 16**13


def is_boundary(key: str, one_in: int = 8) -> bool:
    """Tell whether a shard may end behind a file or a commit, as one in so many may: by its key.

    So one that comes or goes moves the ends of the shards near it, one that changes none at all.
    """
    return crc32(key.encode("utf-8", "replace")) % one_in == 0
