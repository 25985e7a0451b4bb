"""The languages tunesmith reads: one row of the registry and one query file each."""

from corpus.languages.registry import LANGUAGES, Language, language_of

__all__ = ["LANGUAGES", "Language", "language_of"]
