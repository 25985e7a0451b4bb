"""What is shown with a function, as the templates see it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from corpus.extract.sections import parse_sections
from corpus.languages import LANGUAGES

_SENTENCE = re.compile(r".{10,200}?[.!?](?= [A-Z]|$)")

SLOTS = {
    "context": "definitions from the repo, or nothing: each with name, path, start_line, end_line, "
    "language and code; what the function calls, and near misses",
    "asked": "the names that the function calls and that the repo defines once",
    "used": "those of them in `context`: each with name, path, line and summary (its doc's "
    "first sentence, or nothing)",
    "missing": "those of them that are not in `context`",
}
"""The variables of a task whose rows can carry context."""


def context_slots(context: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the slots of ``SLOTS`` for a row of ``context.records.CONTEXT``."""
    if context is None:
        return {"context": [], "asked": [], "used": [], "missing": []}
    used = [
        {
            "name": snippet["name"],
            "path": snippet["path"],
            "line": snippet["start_line"],
            "summary": _summary(snippet),
        }
        for snippet in sorted(context["shown"], key=lambda snippet: snippet["name"])
        if snippet["name"] in context["asked"]
    ]
    return {
        "context": context["shown"],
        "asked": context["asked"],
        "used": used,
        "missing": context["missing"],
    }


def _summary(snippet: Mapping[str, Any]) -> str:
    """Return the first sentence of a doc, which may go on beyond its first line."""
    if not snippet["doc"]:
        return ""
    sections = parse_sections(snippet["doc"], LANGUAGES[snippet["language"]])
    prose = " ".join(f"{sections.summary} {sections.description}".split())
    sentence = _SENTENCE.match(prose)
    return sentence[0] if sentence else " ".join(sections.summary.split())
