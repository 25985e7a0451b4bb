"""Rows besides those from docs: what a team's policies say of a function, and what analysers do."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from corpus.config import Pipeline
from corpus.lint.fixes import fixed_functions
from corpus.lint.ruff import ruff_version, rule
from corpus.render.pairs import PairRenderer
from corpus.tasks.audit import audited, load_remedies
from corpus.tasks.base import Change, Documented
from corpus.tasks.policies import load_policies
from corpus.tasks.policy import Request, requests
from corpus.tasks.registry import TASKS, tasks_of
from corpus.tasks.security import Audited


def add_policies(
    renderer: PairRenderer, pipeline: Pipeline, documented: Sequence[Documented]
) -> None:
    """Add requests that are declined, each with its benign twin."""
    for refuse in tasks_of(Request, pipeline.tasks):
        for request in requests(documented, load_policies(pipeline.templates)):
            renderer.add(refuse, request)


def add_findings(
    renderer: PairRenderer, pipeline: Pipeline, functions: pa.Table, files: pa.Table
) -> None:
    """Add what bandit finds in Python functions, and the refactorings that ruff's rules ask for."""
    reviews = tasks_of(Audited, pipeline.tasks)
    rules = pipeline.refactor.ruff if "refactor" in pipeline.tasks else []
    if not reviews and not rules:
        return
    python = functions.filter(pc.equal(functions["language"], "python")).to_pylist()
    texts = dict(zip(*(files[name].to_pylist() for name in ("blob_id", "text")), strict=True))
    for review in reviews:
        for subject in audited(python, texts, load_remedies(pipeline.templates)):
            renderer.add(review, subject)
    if rules:
        for row, code in fixed_functions(python, texts, rules, pipeline.history.max_lines):
            name, reason = rule(code)
            goal = f"Follow ruff's rule `{name}` ({code}). {reason}"
            evidence = f"ruff {ruff_version()} {code}"
            renderer.add(TASKS["refactor"], Change(row, goal, source="ruff", evidence=evidence))
