"""The stage from functions with their tests to rows of ``instructions``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.config import Pipeline
from corpus.guard import Guard
from corpus.languages import LANGUAGES
from corpus.links.imports import bound_names, go_needed, together
from corpus.links.records import MUTATED
from corpus.links.support import Helpers
from corpus.links.view import View, outline
from corpus.rejects import Rejects
from corpus.render.pairs import PairRenderer, compose_fingerprint, reject
from corpus.safety.rows import RowGate
from corpus.tasks.base import Mutated, S, Specified, Tested
from corpus.tasks.registry import tasks_of


@dataclass(frozen=True)
class ComposeTestsStage:
    """Makes pairs of functions and tests, and renders them."""

    pipeline: Pipeline
    gate: RowGate
    name: str = "render tests"

    @property
    def inputs(self) -> tuple[str, ...]:
        """The tables that it reads: those of mutants where something is verified."""
        mutated = ("mutated",) if self.pipeline.tests.verified else ()
        return ("files", "functions", "tested", *mutated)

    @property
    def fingerprint(self) -> str:
        """A hash of the settings and templates."""
        return compose_fingerprint(self.pipeline, self.gate)

    def __call__(self, tables: Mapping[str, pa.Table], guard: Guard) -> Mapping[str, pa.Table]:
        """Return the tables ``test_examples`` and ``test_row_rejects``."""
        rejects = Rejects("test")
        renderer = PairRenderer(self.pipeline, self.gate, rejects)
        texts = _texts(tables["files"])

        @cache
        def seen(repo: str, path: str, language: str) -> View:
            return outline(LANGUAGES[language], texts[repo, path])

        for row in _with_functions(tables["tested"], tables["functions"]):
            around = _context(row, seen(row["repo"], row["path"], row["language"]))
            tests, evidence = tuple(row["tests"]), " ".join(row["evidence"])
            needed = (text for test in tests for text in test["imports"])
            imports = together(needed, row["language"])
            tested = Tested(row, tests, around, evidence, self._helpers(row), imports)
            self._add(renderer, rejects, tested, row["split"])
            self._add(renderer, rejects, Specified(tested), tested.row["split"])
        tasks_of_mutants = tasks_of(Mutated, self.pipeline.tasks)
        mutated = tables.get("mutated", MUTATED.empty_table())
        for row in _with_functions(mutated, tables["functions"]):
            for mutant_task in tasks_of_mutants:
                renderer.add(mutant_task, Mutated(row))
        return {"test_examples": renderer.examples.table(), "test_row_rejects": rejects.table()}

    def _helpers(self, row: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the helpers that a row's tests use and that may be shown where the tests may."""
        splits = ("train", row["tests"][0]["split"])
        helpers = Helpers(row["helpers"], row["modules"])
        used = dict.fromkeys(chain.from_iterable(map(helpers.used_by, row["tests"])))
        found = (helper._asdict() for helper in used if helper.split in splits)
        return [helper for helper in found if not self.gate.forgets(helper)]

    def _add(self, renderer: PairRenderer, rejects: Rejects, subject: S, other: str) -> None:
        """Add a subject's rows if what they show, which is in split ``other``, may be shown."""
        for task in tasks_of(type(subject), self.pipeline.tasks):
            if other in ("train", subject.row["split"]):
                renderer.add(task, subject)
            else:
                reject(rejects, subject, "split_conflict", task.name)


def _with_functions(rows: pa.Table, functions: pa.Table) -> Iterator[dict[str, Any]]:
    """Yield rows, each with the columns of the function that it names."""
    wanted = functions.filter(pc.is_in(functions["function_id"], rows["function_id"]))
    found = {function["function_id"]: function for function in wanted.to_pylist()}
    for row in rows.to_pylist():
        yield found[row["function_id"]] | row


def _texts(files: pa.Table) -> dict[tuple[str, str], str]:
    columns = (files[name].to_pylist() for name in ("repo", "path", "text"))
    return {(repo, path): text for repo, path, text in zip(*columns, strict=True)}


def _context(function: Mapping[str, Any], seen: View) -> str:
    """Return the imports that a function needs, and the heads of the classes around it."""
    imports = _imports(function, seen)
    heads = [
        block.header
        for block in seen.blocks
        if block.kind == "class"
        and block.start_line < function["start_line"]
        and function["end_line"] <= block.end_line
    ]
    parts = together(imports, function["language"]), "\n".join(heads)
    return "\n\n".join(filter(None, parts))


def _imports(function: Mapping[str, Any], seen: View) -> list[str]:
    if function["language"] == "go":
        return [part for text in seen.imports for part in go_needed(text, function["code"])]
    words = set(re.findall(r"[\w$]+", function["code"]))
    return [
        statement
        for statement in seen.imports
        if any(bound.name in words for bound in bound_names(statement, function["language"]))
    ]
