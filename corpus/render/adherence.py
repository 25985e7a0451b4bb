"""Whether a model's answers keep to what the dataset's own do: shape, verdict, code that parses.

Like ``shape``, this needs nothing of what makes datasets, so that whoever evaluates can use it.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from corpus.render.shape import violation

_FENCED = re.compile(r"^(`{3,})[^\n`]*\n(.*?)^\1[ \t]*$", re.DOTALL | re.MULTILINE)
_JUDGED = ("policy", "security")  # tasks whose answers refuse or don't, find something or don't

Row = Mapping[str, Any]


class Adherence:
    """Checks answers to some rows against the shapes that ``manifest.json`` declares for them."""

    def __init__(self, rows: Sequence[Row], shapes: Mapping[str, Any]) -> None:
        self._shapes = shapes
        # How refusals, findings and all-clears open. What a doc is the evidence of is no verdict:
        # it answers the benign twin of a request that is refused.
        self._verdicts = {
            _opening(_reference(row))
            for row in rows
            if row["task"] in _JUDGED and row["provenance"]["evidence"] != "doc"
        }

    def of(self, row: Row, answer: str) -> Iterator[tuple[str, bool]]:
        """Yield what can be said of the answer to a row, and whether it holds.

        What is said depends on the row alone, so that it is said of every model's answers.
        """
        task, reference = row["task"], _reference(row)
        if shape := self._shapes.get(row.get("template", ""), self._shapes.get(task)):
            yield f"shape of {task}", violation(answer, shape) is None
        if task in _JUDGED:
            given, due = ({_opening(text)} & self._verdicts for text in (answer, reference))
            yield f"verdict of {task}", given == due
        if row.get("language") == "python" and _FENCED.search(reference):
            blocks = [code for _, code in _FENCED.findall(answer)]
            yield "code parses", bool(blocks) and all(map(_parses, blocks))


def _reference(row: Row) -> str:
    return str(row["messages"][-1]["content"])


def _opening(text: str) -> tuple[str, ...]:
    return tuple(text.split()[:2])


def _parses(code: str) -> bool:
    try:
        ast.parse(textwrap.dedent(code))
    except (SyntaxError, ValueError):
        return False
    return True
