"""Gathers rendered rows into tables: ``instructions``, and ``preferences`` for two answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from corpus.ids import content_id
from corpus.render.templates import Rendered, Template
from corpus.schemas import EXAMPLE, PREFERENCE, Columns
from corpus.tasks.base import Pair

_FLAT = pa.schema([field for field in EXAMPLE if field.name != "messages"])
_MESSAGE = EXAMPLE.field("messages").type.value_type


class Examples:
    """Examples, row by row; the chat messages are kept flat, which costs a tenth of nested rows."""

    def __init__(self) -> None:
        self._rows = Columns(_FLAT)
        self._roles: list[str] = []
        self._contents: list[str] = []
        self._offsets = [0]

    def add(
        self,
        task: str,
        source: str,
        row: Mapping[str, Any],
        pair: Pair,
        pair_id: str,
        template: Template,
        rendered: Rendered,
    ) -> None:
        """Add what ``template`` made of ``pair``, whose subject's record is ``row``."""
        self._rows.add(
            task=task,
            source=source,
            system=rendered.system,
            instruction=rendered.instruction,
            input=rendered.input,
            output=rendered.output,
            **_origin(row, pair, pair_id, template),
        )
        self._say("system", rendered.system)
        self._say("user", f"{rendered.instruction}\n\n{rendered.input}".strip())
        self._say("assistant", rendered.output)
        self._offsets.append(len(self._roles))

    def _say(self, role: str, content: str) -> None:
        if content:
            self._roles.append(role)
            self._contents.append(content)

    def table(self) -> pa.Table:
        """Return the rows as ``schemas.EXAMPLE``."""
        texts = [pa.array(self._roles, pa.string()), pa.array(self._contents, pa.string())]
        said = pa.StructArray.from_arrays(texts, fields=list(_MESSAGE))
        messages = pa.ListArray.from_arrays(pa.array(self._offsets, pa.int32()), said)
        rows = self._rows.table().append_column("messages", messages)
        return rows.select(EXAMPLE.names).cast(EXAMPLE)


class Preferences:
    """Prompts with two answers, row by row."""

    def __init__(self) -> None:
        self._rows = Columns(PREFERENCE)

    def add(
        self,
        source: str,
        row: Mapping[str, Any],
        pair: Pair,
        pair_id: str,
        template: Template,
        better: Rendered,
        worse: Rendered,
    ) -> None:
        """Add what ``template`` made of ``pair``, twice, whose subject's record is ``row``."""
        request = f"{better.instruction}\n\n{better.input}".strip()
        said = [("system", better.system), ("user", request)]
        self._rows.add(
            source=source,
            prompt=[{"role": role, "content": text} for role, text in said if text],
            chosen=[{"role": "assistant", "content": better.output}],
            rejected=[{"role": "assistant", "content": worse.output}],
            **_origin(row, pair, pair_id, template),
        )

    def table(self) -> pa.Table:
        """Return the rows as ``schemas.PREFERENCE``."""
        return self._rows.table()


def _origin(row: Mapping[str, Any], pair: Pair, pair_id: str, template: Template) -> dict[str, Any]:
    """Return the columns that say what a row is, and where it is from."""
    return {
        "example_id": content_id(pair_id, template.digest),
        "pair_id": pair_id,
        "template": template.name,
        "template_digest": template.digest,
        "split": row["split"],
        "language": row["language"],
        "license": row["license"],
        "provenance": provenance(row, row["start_line"], row["end_line"], pair.evidence),
    }


def provenance(row: Mapping[str, Any], start: int, end: int, evidence: str) -> dict[str, Any]:
    """Return where a row is from, as ``schemas.PROVENANCE``.

    A change has a commit; what is as it is at the commit that is read gets it when it is written.
    """
    return {
        "repo": row["repo"],
        "commit": row.get("commit"),
        "path": row["path"],
        "start_line": start,
        "end_line": end,
        "evidence": evidence,
        "redactions": row["redactions"],
    }
