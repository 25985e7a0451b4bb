"""Subjects to try templates on: a small function in every language, taken apart as in a build."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import corpus.languages
from corpus.extract.functions import extract
from corpus.extract.sections import parse_sections
from corpus.ids import content_id, git_blob_id
from corpus.languages import LANGUAGES, Language
from corpus.tasks.base import Documented

_FOLDER = Path(corpus.languages.__file__).parent / "samples"


@cache
def documented_samples() -> list[Documented]:
    """Return the documented functions of ``languages/samples``, in the order of the registry."""
    return [
        Documented.of(row, parse_sections(row["doc"], language))
        for language in LANGUAGES.values()
        for row in function_rows(
            f"sample/basket{language.extensions[0]}",
            language,
            (_FOLDER / f"{language.name}.sample").read_bytes(),
        )
    ]


def function_rows(path: str, language: Language, source: bytes) -> list[dict[str, Any]]:
    """Return the functions of a file that is in no repo: ``schemas.FUNCTION`` and ``split``."""
    blob_id = git_blob_id(source)
    return [
        {
            "function_id": content_id("", path, blob_id, str(function.start_byte)),
            "repo": "sample",
            "commit": None,
            "path": path,
            "blob_id": blob_id,
            "language": language.name,
            "license": None,
            **function._asdict(),
            "is_test": False,
            "split": "train",
        }
        for function in extract(language, source)
    ]
