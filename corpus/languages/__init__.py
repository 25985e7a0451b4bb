"""The languages tunesmith reads: one row of the registry and one query each."""

from corpus.languages.registry import Language
from corpus.languages.rows import ROWS

__all__ = ["LANGUAGES", "Language", "language_of"]

LANGUAGES: dict[str, Language] = {row.name: row for row in ROWS}
_BY_EXTENSION = {extension: row for row in ROWS for extension in row.extensions}


def language_of(path: str) -> Language | None:
    """Return the language of a file by its extension, or None."""
    # By hand: it is asked of every path of every commit, and pathlib takes ten times as long.
    name = path.rpartition("/")[2]
    stem, dot, extension = name.rpartition(".")
    return _BY_EXTENSION.get(dot + extension.lower()) if stem else None
