"""The parts of a dataset card that say what may be done with the data, and what was done to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from corpus.history.schemas import PUBLISHED_CHANGE
from corpus.report.summary import Summary
from corpus.schemas import EXAMPLE, KNOWLEDGE, PREFERENCE, PUBLISHED_FUNCTION

SCHEMAS = {
    "knowledge": KNOWLEDGE,
    "instructions": EXAMPLE,
    "preferences": PREFERENCE,
    "functions": PUBLISHED_FUNCTION,
    "changes": PUBLISHED_CHANGE,
}
"""The schema of each configuration."""


def license_tag(summary: Summary) -> str:
    """Return the card's ``license``: the hub's name for it, ``other`` for several, or unknown."""
    names = set(summary.licenses)
    if len(names) != 1:
        return "other"
    (name,) = names
    # The hub has a list of its own, and spells SPDX ids in lower case.
    known = ("mit", "apache-2.0", "bsd-2-clause", "bsd-3-clause", "isc", "mpl-2.0", "unlicense")
    return name.lower() if name.lower() in known else "other"


def licenses_section(summary: Summary) -> str:
    """Say under which licences the files are; every row's column ``license`` says its own."""
    rows = "\n".join(f"| {name} | {count:,} |" for name, count in summary.licenses.items())
    return (
        "## Licences\n\nThe licence of a row is that of its file: what the file's header says, or "
        "else the nearest licence file above it. It is in the column `license`.\n\n"
        f"| licence | files |\n| --- | --- |\n{rows}\n"
    )


def safety_section(summary: Summary, policy: Mapping[str, Any]) -> str:
    """Say what was looked for, what became of it, and in how many files it was."""
    dropped: dict[str, int] = {}
    for reject in summary.rejects:
        dropped[reject.reason] = dropped.get(reject.reason, 0) + reject.count
    kinds = [kind for kind, action in policy.items() if isinstance(action, str)]
    rows = "\n".join(
        f"| {kind} | {policy[kind]} | {summary.redactions.get(kind, 0):,} "
        f"| {dropped.get(kind, 0):,} |"
        for kind in kinds
    )
    return (
        "## Safety\n\nEvery text was scanned before anything was made of it. A placeholder such as "
        "`<EMAIL_1>` stands for what was found, the same text under the same name within a file; "
        "`provenance.redactions` says which kinds a row had. Scans find most, not all: tell the "
        "owners of the dataset what they missed.\n\n"
        "| kind | policy | files redacted | left out |\n| --- | --- | --- | --- |\n"
        f"{rows}\n"
    )


def schema_section(configurations: Mapping[str, Any]) -> str:
    """List the columns of every configuration that is there, with their types."""
    parts = ["## Columns\n"]
    for name in configurations:
        rows = "\n".join(f"| `{field.name}` | {_type(field.type)} |" for field in SCHEMAS[name])
        parts.append(f"### {name}\n\n| column | type |\n| --- | --- |\n{rows}\n")
    return "\n".join(parts)


def use_section() -> str:
    """Say what the data is for, and what it is not."""
    return (
        "## What it is for\n\nTraining and evaluating language models on the code of the "
        "repositories above: `knowledge` for the code itself, `instructions` for tasks about it, "
        "`functions` for recipes of one's own. They show how these repositories are written, good "
        "and bad; that a function is in here does not say that it is right or secure. Docs may "
        "be out of date. The licences of the files bind whoever uses the rows.\n"
    )


def _type(type_: pa.DataType) -> str:
    if pa.types.is_struct(type_):
        return "struct of " + ", ".join(f"`{field.name}`" for field in type_)
    if pa.types.is_list(type_):
        return f"list of {_type(type_.value_type)}"
    return str(type_)
