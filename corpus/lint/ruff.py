"""Ruff as an analyser: what its rules find in texts, its safe fixes, and what it says of a rule.

It reads copies in a folder of its own, under no configuration but what is asked for here, and runs
nothing of what it reads.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

from corpus.errors import TunesmithError, UsageError

# Rules that write newer syntax than the mined code may use stay quiet.
_TARGET = "py39"
_PART = re.compile(r"^## (.+?)\n(.*?)(?=^## |\Z)", re.M | re.S)
_LINK = re.compile(r"\[([^\]]+)\](?:\[[^\]]*\]|\([^)]*\))?")


class Edit(NamedTuple):
    """A replacement from one place to another, each a line and a column, counted from 1."""

    start: tuple[int, int]
    end: tuple[int, int]
    content: str


class Fix(NamedTuple):
    """What one safe fix changes, and the rule that asks for it."""

    rule: str
    edits: tuple[Edit, ...]


class Rule(NamedTuple):
    """A rule's name, and why what it finds is bad, in ruff's own words."""

    name: str
    reason: str


def ruff_version() -> str:
    """Return the version of ruff. Raises UsageError where it is not installed."""
    try:
        return version("ruff")
    except PackageNotFoundError:
        raise UsageError("refactor.ruff needs ruff: pip install 'tunesmith[lint]'") from None


def check_rules(rules: Sequence[str]) -> None:
    """Raise UsageError for rules that ruff does not know, or where there is no ruff."""
    ruff_version()
    done = _run("check", *_options(rules), "-", text="")
    if done.returncode not in (0, 1):
        raise UsageError(f"refactor.ruff: {_said(done.stderr)}")


def safe_fixes(texts: Sequence[str], rules: Sequence[str]) -> list[list[Fix]]:
    """Return the safe fixes for each of some Python files. Raises TunesmithError if ruff fails."""
    found: list[list[Fix]] = [[] for _ in texts]
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(texts):
            Path(folder, f"{number}.py").write_bytes(text.encode())
        done = _run("check", *_options(rules), "--no-respect-gitignore", ".", folder=folder)
    if done.returncode not in (0, 1):
        raise TunesmithError(f"ruff failed: {_said(done.stderr)}")
    for finding in json.loads(done.stdout):
        fix = finding["fix"]
        if fix and fix["applicability"] == "safe" and finding["code"]:
            edits = tuple(map(_edit, fix["edits"]))
            found[int(Path(finding["filename"]).stem)].append(Fix(finding["code"], edits))
    return found


@cache
def rule(code: str) -> Rule:
    """Return what ruff says of a rule."""
    told: Mapping[str, Any] = json.loads(_run("rule", code, "--output-format", "json").stdout)
    parts = {title: _first_paragraph(text) for title, text in _PART.findall(told["explanation"])}
    reason = parts.get("Why is this bad?") or parts.get("What it does") or told["summary"]
    return Rule(told["name"], reason)


def _options(rules: Sequence[str]) -> Iterator[str]:
    yield from ("--isolated", "--no-cache", "--output-format=json", f"--target-version={_TARGET}")
    yield f"--select={','.join(rules)}"


def _run(
    *arguments: str, text: str | None = None, folder: str | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-m", "ruff", *arguments],
        input=text, cwd=folder, env={}, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip


def _edit(edit: Mapping[str, Any]) -> Edit:
    start, end = edit["location"], edit["end_location"]
    return Edit((start["row"], start["column"]), (end["row"], end["column"]), edit["content"] or "")


def _first_paragraph(text: str) -> str:
    return _LINK.sub(r"\1", " ".join(text.strip().split("\n\n")[0].split()))


def _said(message: str) -> str:
    return " ".join(message.split())[:300]
