"""What bandit finds in Python code. It reads the code's syntax tree, and runs nothing."""

from __future__ import annotations

import io
import logging
import tokenize
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """A pattern that may be a weakness; not a proof that it can be used.

    ``line`` is in the file (from 1), or in a function's code once it is ``within`` one.
    """

    line: int
    source: str
    rule: str
    cwe: int
    message: str
    remedy: str = ""

    def is_in(self, function: Mapping[str, Any]) -> bool:
        """Tell whether the finding's line is one of a function's."""
        return bool(function["start_line"] <= self.line <= function["end_line"])

    def within(self, function: Mapping[str, Any]) -> Finding:
        """Return the finding with its line counted from the function's first."""
        return replace(self, line=self.line - function["start_line"] + 1)


def bandit_version() -> str:
    """Return the version of bandit, for the provenance of what it finds."""
    return version("bandit")


def findings_in(text: str, path: str) -> list[Finding] | None:
    """Return what bandit finds in a file, by line; None for what this Python can't parse.

    Lines that the team marked ``# nosec`` are left out, as it is by bandit itself; so is what it is
    not sure of (low confidence), and `assert`, which is a matter of style.
    """
    visit = _bandit()
    lines = text.split("\n")
    data = text.encode()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what the mined code does is not this program's fault
            visitor = visit(path, data)
            visitor.process(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found = {
        Finding(
            line=issue.lineno,
            source=lines[issue.lineno - 1].strip(),
            rule=issue.test_id,
            cwe=issue.cwe.id or 0,
            message=issue.text,
        )
        for issue in visitor.tester.results
        if issue.confidence != "LOW"
    }
    return sorted(found, key=lambda finding: (finding.line, finding.rule, finding.message))


@cache
def _bandit() -> Callable[[str, bytes], Any]:
    """Load bandit's tests, once per process; return what makes the visitor of a file."""
    for name in ("bandit", "stevedore"):  # which report formats can't be loaded, and the like
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # how it loads its plugins is deprecated
        from bandit.core.config import BanditConfig
        from bandit.core.meta_ast import BanditMetaAst
        from bandit.core.metrics import Metrics
        from bandit.core.node_visitor import BanditNodeVisitor
        from bandit.core.test_set import BanditTestSet

        tests = BanditTestSet(BanditConfig(), {"exclude": ["B101"]})
    metadata, metrics = BanditMetaAst(), Metrics()
    metrics.begin("code")

    def visit(path: str, data: bytes) -> Any:
        lines = _nosec(data)
        return BanditNodeVisitor(path, io.BytesIO(data), metadata, tests, False, lines, metrics)

    return visit


def _nosec(data: bytes) -> dict[int, set[str]]:
    """Return the lines with a ``# nosec``; the empty set means all rules."""
    found: dict[int, set[str]] = {}
    try:
        for token in tokenize.tokenize(io.BytesIO(data).readline):
            if token.type == tokenize.COMMENT and "nosec" in token.string:
                found[token.start[0]] = set()
    except (tokenize.TokenError, SyntaxError):
        pass
    return found
