"""Where files come from: a git repo at a revision, or a plain folder."""

from corpus.sources.base import Entry, Reader, Source
from corpus.sources.open import open_sources

__all__ = ["Entry", "Reader", "Source", "open_sources"]
