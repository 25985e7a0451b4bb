"""The rows of the page's browser: a sample, rendered as a person would read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from corpus.report import markup
from corpus.report.dataset import Dataset
from corpus.report.sample import sample

_DIFFED = ("fix", "refactor")
_MOST_ROWS = 240
_MOST_CHARACTERS = 4_000
"""Of one text of a row: what is longer is cut, and says so."""
_MOST_BYTES = 3_000_000
"""Of all rows, so that the page stays well under 5 MB whatever the corpus."""


def browsable(dataset: Dataset) -> list[dict[str, Any]]:
    """Return sampled rows as the page's script reads them, with their bodies as HTML."""
    rows, size = [], 0
    for row in sample(dataset, _MOST_ROWS):
        parts = [{"title": title, "html": html} for title, html in _parts(row)]
        size += sum(len(part["html"].encode()) for part in parts)
        if size > _MOST_BYTES:
            break
        lines = f"{row['start_line']}-{row['end_line']}"
        rows.append(
            {
                "id": row["example_id"],
                "parts": parts,
                "lines": lines,
                "path": markup.visible(row["path"]),
                "repo": markup.visible(row["repo"]),
                **{name: row[name] for name in ("task", "language", "split", "template")},
            }
        )
    return rows


def _parts(row: dict[str, Any]) -> list[tuple[str, str]]:
    if row["task"] == "knowledge":
        return [("Text", markup.code(_cut(row["output"]), row["language"]))]
    parts = [(name, _cut(row[name.lower()])) for name in ("Instruction", "Input", "Output")]
    shown = [(name, markup.markdown(text)) for name, text in parts if text.strip()]
    if row["task"] in _DIFFED and (change := change_of(row)):
        shown.append(("Change", markup.diff(*map(_cut, change))))
    return shown


def change_of(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the code before and after: the first code blocks of input and output."""
    before, after = markup.first_block(row["input"]), markup.first_block(row["output"])
    return None if before is None or after is None else (before, after)


def _cut(text: str) -> str:
    if len(text) <= _MOST_CHARACTERS:
        return text
    return f"{text[:_MOST_CHARACTERS]}\n… {len(text) - _MOST_CHARACTERS:,} more characters"
