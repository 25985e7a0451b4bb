"""Finds what goes with changes: definitions with fixes, tests with refactorings.

Definitions are as they were before the commit; a test calls the function, as it was after it. Which
ones is planned (``corpus.context.plans``); their code and lines are those of the commit or its
parent, and what was not there then is not taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from corpus.config import Context, Files
from corpus.context.records import CONTEXT
from corpus.extract.functions import ParsedFile
from corpus.fingerprint import fingerprint
from corpus.guard import Guard
from corpus.languages import LANGUAGES
from corpus.safety.rows import RowGate
from corpus.schemas import Columns
from corpus.sources.base import Blob, Reader
from corpus.sources.skip import source_text
from corpus.sources.text import UnreadableTextError


@dataclass(frozen=True)
class ChangeContextStage:
    """Reads what is shown with changes from the files of their commits' parents."""

    readers: Mapping[str, Reader]
    files: Files
    context: Context
    gate: RowGate
    name: str = "context of changes"
    inputs: tuple[str, ...] = ("context_plans",)

    @property
    def fingerprint(self) -> str:
        """A hash of the settings."""
        gate = self.gate.scrubber.fingerprint, self.gate.forgotten.fingerprint
        return fingerprint(self.files, self.context, gate)

    def blobs(self, tables: Mapping[str, pa.Table]) -> dict[str, list[Blob]]:
        """Return what it reads for a shard's plans, by repo."""
        found: dict[str, list[Blob]] = {}
        for plan in tables["context_plans"].to_pylist():
            found.setdefault(plan["repo"], []).extend(_blobs(plan))
        return found

    def reading(self, readers: Mapping[str, Reader]) -> ChangeContextStage:
        """Return the same stage with other readers."""
        return replace(self, readers=readers)

    def __call__(self, tables: Mapping[str, pa.Table], guard: Guard) -> Mapping[str, pa.Table]:
        """Return ``change_contexts``, as ``records.CONTEXT``."""
        found = Columns(CONTEXT)
        for number, plan in enumerate(tables["context_plans"].to_pylist()):
            guard.at(number)
            shown = [] if number in guard.poisoned else list(self._shown(plan))
            asked = {snippet["name"] for snippet in shown} & {*plan["asked"]}
            missing = set(plan["missing"]) if len(shown) > len(asked) else set()
            is_test = not plan["asked"]
            if asked or missing or (is_test and shown):
                names = {"asked": sorted(asked | missing), "missing": sorted(missing)}
                found.add(id=plan["id"], shown=shown[:1] if is_test else shown, **names)
        return {"change_contexts": found.table()}

    def _shown(self, plan: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield those of the wanted definitions that the parent has once, and that may be shown."""
        files, seen = self._read(plan), set()  # two of today may have been one then
        for place in plan["places"]:
            for path in place["paths"]:
                snippet = self._snippet(files.get(path), path, place)
                where = {**snippet, "repo": plan["repo"], "commit": plan["revision"]}
                if not snippet or (path, snippet["start_line"]) in seen:
                    continue
                seen.add((path, snippet["start_line"]))
                if not self.gate.fault(where, [snippet["code"], snippet["doc"] or ""]):
                    yield snippet

    def _read(self, plan: Mapping[str, Any]) -> dict[str, ParsedFile]:
        """Return the files of a change's places as they were in its parent, by path."""
        languages = _languages(plan)
        contents = self.readers[plan["repo"]].read(_blobs(plan))
        parsed = {}
        for (path, language), content in zip(languages.items(), contents, strict=True):
            if file := self._parse(content, language):
                parsed[path] = file
        return parsed

    def _parse(self, content: bytes | None, language: str) -> ParsedFile | None:
        try:
            text = source_text(content, LANGUAGES[language], self.files)
        except UnreadableTextError:
            return None
        return ParsedFile(LANGUAGES[language], text)

    def _snippet(
        self, file: ParsedFile | None, path: str, place: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the definition in a file, as ``records.SNIPPET``; empty where it is not there."""
        located = file.located if file else []
        found = [one for one in located if one.qualified_name == place["qualified_name"]]
        function = file.function(found[0]) if file and len(found) == 1 else None
        if function is None or function.end_line - function.start_line >= self.context.max_lines:
            return {}
        if place["calls"] and place["calls"] not in function.calls:
            return {}
        return {
            "name": function.name,
            "path": path,
            "start_line": function.start_line,
            "end_line": function.end_line,
            "language": place["language"],
            "code": function.code,
            "doc": function.doc,
        }


def _languages(plan: Mapping[str, Any]) -> dict[str, str]:
    """Return the languages of the files that a plan names, by path."""
    return {
        path: place["language"]
        for place in plan["places"]
        for path in place["paths"]
        if not re.search(r"\s", path)  # git can't tell the answers for such paths apart
    }


def _blobs(plan: Mapping[str, Any]) -> list[Blob]:
    return [(path, f"{plan['revision']}:{path}") for path in _languages(plan)]
