"""Writes the generated part of docs/templates.md: every variable with a real value.

``python -m corpus.house.reference docs/templates.md`` brings the file up to date; a test fails
where it is not.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

from corpus.house.catalogue import SLOTS
from corpus.house.samples import sample_pairs
from corpus.render.environment import code

_BEGIN, _END = "<!-- variables: begin -->\n", "<!-- variables: end -->\n"
_LONGEST = 90


def with_variables(text: str) -> str:
    """Return a document with what stands between the two marks written anew."""
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n{variables()}\n{_END}{after}"


def variables() -> str:
    """Return the variables of every task as Markdown: meaning, and a value from a sample."""
    return "\n".join(_section(task) for task in SLOTS)


def _section(task: str) -> str:
    slots = [dict(pair.slots) for pair in sample_pairs(task)]
    lines = [f"#### {task}\n", "| variable | is | for example |", "| --- | --- | --- |"]
    lines += [
        f"| `{name}` | {_cell(meaning)} | {code(_cell(_value(name, slots)))} |"
        for name, meaning in SLOTS[task].items()
    ]
    return "\n".join(lines) + "\n"


def _value(name: str, samples: list[dict[str, Any]]) -> str:
    """Return the first value that is not empty, as Python would write it, cut to a line."""
    said = (sample[name] for sample in samples)
    value = next((value for value in said if value), samples[0][name])
    text = repr(_plain(value))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Mapping):
        return dict(value)
    return value


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    for file in map(Path, sys.argv[1:]):
        file.write_text(with_variables(file.read_text("utf-8")), "utf-8")
