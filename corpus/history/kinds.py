"""What a change is for, told by its commit's message, by its tests, and by its shape."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from corpus.history.message import CLOSES
from corpus.history.said import Said, said

KINDS = ("fix", "refactor", "feature", "performance", "security", "docs", "other")


class Kind(NamedTuple):
    """A kind, how sure it is (0 to 1), and what says so."""

    name: str
    confidence: float
    evidence: list[str]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a whole commit says: its message, and what it did outside the function at hand."""

    subject: str
    body: str
    functions: int
    tests_touched: bool
    tests_added: bool
    expectations_changed: bool
    tested_by: bool
    example: bool


def _words(*patterns: str) -> re.Pattern[str]:
    # "fix-up" and "un-broken" are words of their own, so a hyphen ends no word.
    return re.compile(rf"(?<![\w-])(?:{'|'.join(patterns)})(?![\w-])", re.I)


_CONVENTIONAL = re.compile(r"^(\w+)(?:\([^)]*\))?!?:\s")
_TYPES = {"fix": "fix", "bugfix": "fix", "hotfix": "fix", "feat": "feature", "feature": "feature",
          "refactor": "refactor", "refac": "refactor", "perf": "performance", "docs": "docs",
          "doc": "docs", "security": "security", "chore": "other", "style": "other",
          "test": "other", "tests": "other", "ci": "other", "build": "other", "lint": "other",
          "types": "other", "typing": "other"}  # fmt: skip
_FIX = _words(
    "fix", "fixes", "fixed", "fixing", "bug", "bugs", "bugfix", "bugfixes", "hotfix", "regression",
    "regressions", "crash", "crashes", "crashing", "broken", "breaks", "incorrect", "incorrectly",
    "wrong", "wrongly", "faulty", "leak", "leaks", "deadlock", "race condition", "data race", "npe",
    "nullpointerexception", "segfault", "infinite loop", "infinite recursion", "stack overflow",
    "off-by-one", "off by one", "memory leak", "corruption", "misbehav\\w+", "fails when",
    "not working", "doesn't work", "does not work", "correctly",
)  # fmt: skip
_STRONG_FIX = _words(
    "bug", "bugs", "bugfix", "hotfix", "regression", "crash", "crashes", "crashing", "incorrect",
    "incorrectly", "wrong", "wrongly", "leak", "leaks", "deadlock", "race condition", "data race",
    "npe", "nullpointerexception", "panic", "panics", "segfault", "infinite loop", "off-by-one",
    "infinite recursion", "stack overflow", "broken",
)  # fmt: skip
_NO_FIX = _words(
    "typos?", "docs?", "documentation", "docstrings?", "comments?", "readme", "changelog",
    "javadoc", "lint\\w*", "flake8", "pylint", "mypy", "pyright", "clippy", "vet", "checkstyle",
    "sonar\\w*", "type hints?", "typing", "type annotations?", "annotations?", "formatting",
    "style", "styles", "spelling", "grammar", "compil\\w+", "build", "builds", "ci", "travis",
    "appveyor", "warnings?", "deprecat\\w+", "tests?", "testing", "test suite", "test cases?",
    "flaky", "imports?", "merge", "conflicts?", "examples?", "benchmarks?", "wording",
    "nit(?:pick)?s?", "errorprone", "error prone", "static analysis", "code smells?",
    "nullability", "nullaway", "review comments?", "fixup", "small fixes", "minor fixes",
    "various fixes", "polish\\w*", "rename\\w*", "renaming", "naming", "visibility", "signature",
    "clean ?up", "cleanups?", "clean-up", "cosmetic", "todo", "fixmes?", "staticcheck",
    "golangci\\S*", "linter",
)  # fmt: skip
_REFACTOR = _words(
    "refactor\\w*", "dead code", "pyupgrade", "code style", "f-strings?", "boilerplate",
    "readability", "code duplication", "duplicated? code", "list comprehensions?", "early returns?",
    "guard clauses?", "diamond operator", "try-with-resources", "pattern matching for instanceof",
)  # fmt: skip
# Verbs that are nouns of a trade elsewhere: "extract the archive", "after the cleanup".
_TIDY = re.compile(
    r"(?:[\w./-]+: )?(?:(?:minor|small|some|more|slight\w*|code|further|internal|big|general"
    r"|various|a|bit of|little|few|and|comment|doc) )*"
    r"(?:clean(?:s|ed|ing)?[- ]?ups?|tid(?:y|ied)|polish\w*|simplif\w+|extract(?:s|ed)?"
    r"|inlin(?:e|es|ed)|renam(?:e|es|ed|ing)|restructur\w+|reorgani[sz]\w+|de-?duplicat\w+|moderni[sz]\w+"
    r"|consolidat\w+|factor(?:s|ed)? out|streamlin\w+|pull(?:s|ed)? out|hoist\w*)\b",
    re.I,
)
_DEAD = re.compile(
    r"\b(?:remov|drop|delet|eliminat|get rid|clean|prun)\w*\b.*\b(?:unused|redundant|unnecessary"
    r"|unneeded|superfluous|dead|obsolete|useless|pointless|duplicate)\b",
    re.I,
)
_FEATURE = _words(
    "add", "adds", "added", "adding", "support", "supports", "supported", "implement", "implements",
    "implemented", "introduce", "introduces", "introduced", "new", "allow", "allows", "allowed",
    "enable", "enables", "feature", "features", "option", "make it possible", "provide", "expose",
    "improve", "improves", "improved", "enhance\\w*", "initial",
)  # fmt: skip
_PERFORMANCE = _words(
    "perf", "performance", "faster", "speed", "speeds?[- ]up", "optimi[sz]\\w*", "slow",
    "allocations?", "throughput", "latency", "benchmark\\w*", "memory usage", "cach(?:e|es|ed|ing)",
    "avoid (?:copying|allocating|boxing|creating)", "efficient", "efficiently", "efficiency",
)  # fmt: skip
_SECURITY = _words(
    "cve-\\d+-\\d+", "security", "vulnerabilit(?:y|ies)", "xss", "csrf", "sql injection",
    "injection", "path traversal", "sanitize\\w*", "dos attack", "denial of service", "redos",
)  # fmt: skip
_DOCS = _words(
    "docs?", "documentation", "docstrings?", "javadoc", "readme", "changelog", "comments?"
)

_SPELLING = _words(
    "typos?", "spelling", "grammar", "wording", "(?:re)?format\\w*", "styles?", "lint\\w*", "markup"
)


def classify(commit: Circumstances, shapes: Sequence[str], share: float) -> Kind:
    """Return the kind of a change. A fix needs two signals, a refactor none against it."""
    subject = said(commit.subject)
    conventional = _CONVENTIONAL.match(commit.subject)
    typed = _TYPES.get(conventional[1].lower()) if conventional else None
    for shape in ("only_types", "only_logging", "stub"):
        if shape in shapes:
            return Kind("other", 0.9, [f"shape: {shape}"])
    if found := subject.search(_SECURITY):
        return Kind("security", 0.7, [f"subject: {found[0].lower()}"])
    scores = [_fix(commit, typed, shapes, share), _refactor(commit, typed, shapes, share)]
    best = max(scores, key=lambda kind: kind.confidence)
    if best.confidence > 0:
        return best
    return _by_words(subject, typed)


def classify_doc(subject: str, share: float) -> Kind:
    """Return the kind of a change to a doc alone; ``share`` of the code had changed before."""
    score = _Score("docs")
    score.add(0.4, True, "only the doc changed")
    score.add(0.4, share > 0, "the code had changed since the doc was written")
    score.add(-0.4, _SPELLING.search(subject), "subject")
    return score.kind()


# What a change to another function asks of those that call it, or are like it in name.
_FOLLOWING = {"call", "argument", "parameter", "signature", "rename", "only_renames",
              "only_removals", "only_additions", "raised", "only_text"}  # fmt: skip


class _Score:
    """Adds up what speaks for a kind and against it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._sum = 0.0
        self._evidence: list[str] = []

    def add(self, weight: float, holds: object, evidence: str) -> None:
        if holds:
            self._sum += weight
            word = f": {holds[0].lower()}" if isinstance(holds, re.Match) else ""
            self._evidence.append(f"{'' if weight > 0 else 'against: '}{evidence}{word}")

    def kind(self) -> Kind:
        return Kind(self._name, round(min(max(self._sum, 0.0), 1.0), 2), self._evidence)


def _fix(commit: Circumstances, typed: str | None, shapes: Sequence[str], share: float) -> Kind:
    # "Fix #12: allow …" says no more than that a tracker has it.
    subject = said(CLOSES.sub("", _CONVENTIONAL.sub("", commit.subject)))
    score = _Score("fix")
    word = subject.search(_FIX)
    closes = said(f"{commit.subject}\n{commit.body}").search(CLOSES)
    fixes = closes is not None and closes[0].lower().startswith("fix")
    if not (word or typed == "fix" or closes) or typed not in (None, "fix"):
        return Kind("fix", 0.0, [])
    score.add(0.45, word or typed == "fix", "subject")
    # Features close issues too, in the same words.
    told = said(CLOSES.sub("", commit.body)).search(_FIX)
    score.add(0.25 if told else 0.1, fixes and not word, "fixes an issue")
    score.add(0.15, typed == "fix", "type of the commit")
    score.add(0.1, subject.search(_STRONG_FIX), "subject")
    score.add(0.1, closes, "closes an issue")
    score.add(0.15, commit.tests_touched, "tests changed with it")
    score.add(0.15, commit.tested_by, "a changed test calls it")
    score.add(0.1, commit.functions == 1, "the only function changed")
    score.add(-0.1, commit.functions > 4, "many functions changed")
    alone = commit.functions > 2 and not commit.tested_by
    score.add(-0.15, alone, "one of several functions changed, and no test calls it")
    score.add(0.05, share <= 0.3, "a small change")
    score.add(-0.15, share > 0.7, "mostly rewritten")
    score.add(-0.4, subject.search(_NO_FIX), "subject")
    score.add(-0.2, subject.search(_FEATURE), "subject")
    score.add(-0.3, subject.search(_REFACTOR) or (not word and subject.search(_DEAD)), "subject")
    score.add(-0.2, "only_text" in shapes, "only words of a text changed")
    score.add(-0.4, "only_renames" in shapes, "only names changed")
    score.add(-0.1, "signature" in shapes, "the parameters changed")
    score.add(-0.3, commit.example, "an example")
    score.add(-0.3, subject.search(_PERFORMANCE), "subject")
    follows = commit.functions > 1 and set(shapes) <= _FOLLOWING
    score.add(-0.25, follows, "the change follows another one")
    return score.kind()


def _refactor(
    commit: Circumstances, typed: str | None, shapes: Sequence[str], share: float
) -> Kind:
    subject = said(_CONVENTIONAL.sub("", commit.subject))
    score = _Score("refactor")
    word = subject.search(_REFACTOR) or _TIDY.match(subject.text) or subject.search(_DEAD)
    renames = "only_renames" in shapes
    if not (word or typed == "refactor" or renames) or typed not in (None, "refactor", "other"):
        return Kind("refactor", 0.0, [])
    score.add(0.5, word or typed == "refactor", "subject")
    score.add(0.15, typed == "refactor", "type of the commit")
    score.add(0.5 if word else 0.7, renames, "only names changed")
    score.add(0.2, "moved" in shapes, "code moved into a function")
    score.add(0.1, not commit.tests_touched, "no test changed")
    score.add(0.05, "signature" not in shapes, "the same parameters")
    score.add(-0.3, commit.expectations_changed, "a test expects something else")
    score.add(-0.2, commit.tests_added, "a test added")
    score.add(-0.5, subject.search(_FIX), "subject")
    score.add(-0.2, subject.search(_FEATURE), "subject")
    score.add(-0.1, said(commit.body).search(_FIX) or said(commit.body).search(_FEATURE), "body")
    score.add(-0.3, "only_additions" in shapes, "code added alone")
    score.add(-0.3, "only_removals" in shapes and not subject.search(_DEAD), "code removed alone")
    score.add(-0.2, subject.search(_PERFORMANCE), "subject")
    score.add(-0.2, "signature" in shapes, "the parameters changed")
    score.add(-0.25, _adds_behaviour(shapes), "a check, a call or an exception added or removed")
    score.add(-0.15, "only_text" in shapes, "only words of a text changed")
    score.add(-0.25, "raised" in shapes, "what is thrown changed")
    score.add(-0.25, "number" in shapes, "a number changed")
    score.add(-0.15, share > 0.7, "mostly rewritten")
    return score.kind()


def _adds_behaviour(shapes: Iterable[str]) -> bool:
    telling = {"added_check", "added_null_check", "added_raise", "removed_raise", "added_try",
               "removed_check", "removed_null_check", "removed_try", "handler", "wrapped",
    }  # fmt: skip
    return bool(telling & set(shapes))


def _by_words(subject: Said, typed: str | None) -> Kind:
    if typed:
        return Kind(typed, 0.7, ["type of the commit"])
    for name, pattern in (("performance", _PERFORMANCE), ("docs", _DOCS), ("feature", _FEATURE)):
        if found := subject.search(pattern):
            return Kind(name, 0.6, [f"subject: {found[0].lower()}"])
    return Kind("other", 0.5, [])
