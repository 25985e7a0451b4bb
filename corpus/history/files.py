"""The files of a shard's revisions: every blob read and parsed once, freed after its last use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from corpus.config import Files
from corpus.extract.functions import ParsedFile
from corpus.languages import LANGUAGES
from corpus.sources.base import Blob, Reader
from corpus.sources.skip import source_text
from corpus.sources.text import UnreadableTextError

_SIDES = (("parent_path", "parent_blob_id"), ("path", "blob_id"))


class UnreadableFileError(ValueError):
    """A file that is left out; ``reason`` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def blobs_of(revisions: Iterable[Mapping[str, Any]]) -> list[Blob]:
    """Return the path and id of both sides of revisions, every blob once, in the order of use."""
    paths = {r[blob]: r[path] for r in revisions for path, blob in _SIDES if r[blob]}
    return [(path, blob) for blob, path in paths.items()]


class RevisionFiles:
    """Both sides of revisions that are asked for in their order."""

    def __init__(
        self, reader: Reader, files: Files, revisions: Sequence[Mapping[str, Any]]
    ) -> None:
        self._files = files
        self._revisions = revisions
        wanted = blobs_of(revisions)
        self._last_use = {r[blob]: n for n, r in enumerate(revisions) for _, blob in _SIDES}
        ids = (blob_id for _, blob_id in wanted)
        self._unread = zip(ids, reader.read(wanted), strict=True)
        self._contents: dict[str | None, bytes | None] = {}
        self._parsed: dict[tuple[str, str], ParsedFile] = {}

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        """Yield the revisions; what only the one before needed is freed."""
        for number, revision in enumerate(self._revisions):
            yield revision
            for _, side in _SIDES:
                blob = revision[side]
                if self._last_use[blob] == number:
                    self._contents.pop(blob, None)
                    self._parsed.pop((blob, revision["language"]), None)

    def sides(self, revision: Mapping[str, Any]) -> tuple[ParsedFile, ParsedFile]:
        """Return the parsed file before and after. Raises UnreadableFileError."""
        language = revision["language"]
        old, new = (self._parse(revision[blob], language) for _, blob in _SIDES)
        return old, new

    def _parse(self, blob: str, language: str) -> ParsedFile:
        key = blob, language
        if key not in self._parsed:
            self._parsed[key] = ParsedFile(LANGUAGES[language], self._text(blob, language))
        return self._parsed[key]

    def _text(self, blob: str, language: str) -> bytes:
        if not blob:
            return b""  # the file was added
        while blob not in self._contents:
            read, content = next(self._unread)
            self._contents[read] = content
        try:
            return source_text(self._contents[blob], LANGUAGES[language], self._files)
        except UnreadableTextError as error:
            raise UnreadableFileError(error.reason) from None
