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
from corpus.tasks.base import Change, Documented

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


def changed_samples(kind: str) -> list[Change]:
    """Return changes made of ``languages/samples``: one with a message, one that has a test too."""
    found = []
    for function in documented_samples():
        if function.context is None:
            after = function.row["code_without_doc"]
            row = {
                **function.row,
                "change_id": function.id,
                "kind": kind,
                "before": after.replace("total", "sum_up").replace("Total", "SumUp"),
                "after": after,
                "summaries": ["Calls `total` instead of `sum_up`."],
                "signatures": ["sum_up(lines)", "total(lines)"],
                "helpers": [],
                "test_name": None,
                "test_path": None,
                "test_code": None,
            }
            test = {
                "test_name": "test_bill",
                "test_path": f"sample/test_{function.row['path'][7:]}",
                "test_code": "test_bill()",
            }
            message = "The bill leaves out the tax."
            found += [Change(row, message), Change(row | test, message)]
            found += [Change(row | test, "")] if kind == "fix" else []
    return found


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
