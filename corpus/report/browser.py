"""The rows of the page's browser: a sample, rendered as a person would read them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from corpus.report import markup
from corpus.report.dataset import Dataset
from corpus.report.plain import first_block, visible
from corpus.report.sample import sample

_DIFFED = ("fix", "refactor")
_MOST_ROWS = 240
_MOST_CHARACTERS = 4_000
"""Of one text of a row: what is longer is cut, and says so."""
_MOST_BYTES = 3_500_000
"""Of all rows, so that the page stays well under 5 MB whatever the corpus."""


def browsable(dataset: Dataset) -> list[str]:
    """Return sampled rows as the page's script reads them: JSON, with their bodies as HTML."""
    rows, size = [], 0
    for row in sample(dataset, _MOST_ROWS):
        rows.append(_as_json(row))
        size += len(rows[-1].encode())
        if size > _MOST_BYTES:
            return rows[:-1]
    return rows


def _as_json(row: Mapping[str, Any]) -> str:
    shown = {
        "id": row["example_id"],
        "parts": [{"title": title, "html": html} for title, html in _parts(row)],
        "lines": f"{row['start_line']}-{row['end_line']}",
        "path": visible(row["path"]),
        "repo": visible(row["repo"]),
        **{name: row[name] for name in ("task", "language", "split", "template")},
    }
    # So that no text can end the script element, or begin another.
    return json.dumps(shown, ensure_ascii=False).replace("<", "\\u003c")


def _parts(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    if row["task"] == "knowledge":
        return [("Text", markup.code(_cut(row["output"]), row["language"]))]
    parts = [(name, _cut(row[name.lower()])) for name in ("Instruction", "Input", "Output")]
    shown = [(name, markup.markdown(text)) for name, text in parts if text.strip()]
    if row["task"] in _DIFFED and (change := change_of(row)):
        shown.append(("Change", markup.diff(*map(_cut, change))))
    return shown


def change_of(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the code before and after: the first code blocks of input and output."""
    before, after = first_block(row["input"]), first_block(row["output"])
    return None if before is None or after is None else (before, after)


def _cut(text: str) -> str:
    if len(text) <= _MOST_CHARACTERS:
        return text
    return f"{text[:_MOST_CHARACTERS]}\n… {len(text) - _MOST_CHARACTERS:,} more characters"
