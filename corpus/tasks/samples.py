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
    """Return the functions of ``languages/samples``, without context, with, and lacking some."""
    found = []
    for language in LANGUAGES.values():
        path = f"sample/basket{language.extensions[0]}"
        source = (_FOLDER / f"{language.name}.sample").read_bytes()
        for row in function_rows(path, language, source):
            sections = parse_sections(row["doc"], language)
            for context in (None, *_contexts(path, language.name)):
                found.append(Documented.of(row, sections, context))  # noqa: PERF401
    return found


def _contexts(path: str, language: str) -> list[dict[str, Any]]:
    """Return rows of ``schemas.CONTEXT``: one shows what is called, in the other it is missing."""
    place = {"path": path, "start_line": 30, "end_line": 31, "language": language}
    total = {**place, "name": "total", "code": "total(lines)", "doc": "Adds a bill up."}
    near = {**place, "name": "total_tax", "code": "total_tax(lines)", "doc": None}
    asked = {"function_id": "", "asked": ["total"]}
    return [
        {**asked, "shown": [near, total], "missing": []},
        {**asked, "shown": [near], "missing": ["total"]},
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
