"""The languages tunesmith reads: one row of the registry and one query each."""

from pathlib import PurePosixPath

from corpus.languages.registry import Language
from corpus.languages.rows import ROWS

__all__ = ["LANGUAGES", "Language", "language_of"]

LANGUAGES: dict[str, Language] = {row.name: row for row in ROWS}
_BY_EXTENSION = {extension: row for row in ROWS for extension in row.extensions}


def language_of(path: str) -> Language | None:
    """Return the language of a file by its extension, or None."""
    return _BY_EXTENSION.get(PurePosixPath(path).suffix.lower())
