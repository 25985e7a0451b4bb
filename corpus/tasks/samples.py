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
from corpus.tasks.base import Change, Documented, Mutated, Specified, Tested

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
    """Return two rows of ``context.records.CONTEXT``: in one, what is called is missing."""
    place = {"path": path, "start_line": 30, "end_line": 31, "language": language}
    total = {**place, "name": "total", "code": "total(lines)", "doc": "Adds a bill up."}
    near = {**place, "name": "total_tax", "code": "total_tax(lines)", "doc": None}
    asked = {"id": "", "asked": ["total"]}
    return [
        {**asked, "shown": [near, total], "missing": []},
        {**asked, "shown": [near], "missing": ["total"]},
    ]


def changed_samples(kind: str) -> list[Change]:
    """Return changes made of ``languages/samples``: one with a message, one that has a test too."""
    found = []
    for function in _bare_samples():
        after = function.row["code_without_doc"]
        row = {
            **function.row,
            "change_id": function.id,
            "kind": kind,
            "before": _summed_up(after),
            "before_name": _summed_up(function.row["qualified_name"]),
            "after": after,
            "signature": function.row["signature"],
            "doc": function.row["doc"],
            "shapes": ["call"],
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
        if kind == "fix":
            contexts = _contexts(function.row["path"], function.row["language"])
            found += [Change(row | test, "")]
            found += [Change(row, message, context) for context in contexts]
    return found


def _summed_up(text: str) -> str:
    """Return what stands in for a function's code, or its name, before a commit."""
    return text.replace("total", "sum_up").replace("Total", "SumUp")


def tested_samples() -> list[Tested]:
    """Return the functions of ``languages/samples``, each with one test and with two."""
    found = []
    for function in _bare_samples():
        test = {
            "unit_id": content_id("test", function.id),
            "path": f"sample/test_{function.row['path'][7:]}",
            "start_line": 3,
            "end_line": 4,
            "scope": [],
            "fixtures": [],
            "code": "test_bill()",
        }
        other = {
            **test,
            "unit_id": content_id("other", function.id),
            "scope": ["class BillTest:"],
            "fixtures": ["basket"],
            "code": "test_empty_bill(basket)",
        }
        found.append(Tested(function.row, (test,), "", "name"))
        helpers = [{"name": "sold", "path": test["path"], "signature": "sold(basket, lines)"}]
        found.append(
            Tested(function.row, (other, test), "import tax", "name", helpers, "import sample")
        )
    return found


def specified_samples() -> list[Specified]:
    """Return the same the other way round."""
    return [Specified(tested) for tested in tested_samples()]


def mutated_samples() -> list[Mutated]:
    """Return the functions of ``languages/samples``, each with a call renamed, and with it gone."""
    found = []
    for function in _bare_samples():
        code = function.row["code_without_doc"].encode()
        start = code.lower().rfind(b"total")
        if start < 0:
            continue
        mutant = {
            **function.row,
            "mutant_id": content_id("mutant", function.id),
            "start": start,
            "end": start + len(b"total"),
            "test": "sample/test_basket::test_bill",
            "message": "7 is not 8",
            "unit": {"code": "test_bill()"},
        }
        found.append(Mutated({**mutant, "operator": "constant", "replacement": "tax"}))
        found.append(Mutated({**mutant, "operator": "removed_call", "replacement": ""}))
    return found


def _bare_samples() -> list[Documented]:
    return [function for function in documented_samples() if function.context is None]


def function_rows(path: str, language: Language, source: bytes) -> list[dict[str, Any]]:
    """Return the functions of a file that is in no repo: ``schemas.FUNCTION`` and ``split``."""
    blob_id = git_blob_id(source)
    return [
        {
            "function_id": content_id("", path, blob_id, str(function.start_byte)),
            "repo": "sample",
            "path": path,
            "blob_id": blob_id,
            "language": language.name,
            "license": None,
            "redactions": [],
            **function._asdict(),
            "is_test": False,
            "split": "train",
        }
        for function in extract(language, source)
    ]
