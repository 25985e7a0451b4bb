"""Which commits are mined: what a commit's message, author and size alone rule out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from corpus.config import History
from corpus.sources.history import Commit

_REVERTS = re.compile(r"This reverts commit ([0-9a-f]{7,40})")
_BOT = re.compile(r"\[bot\]|^(?:dependabot|renovate|greenkeeper|pyup|snyk|github-actions)\b", re.I)
_FORMATTED = re.compile(
    r"^(?:style|format)\b[(:]"
    r"|^(?:re)?format(?:ted|ting)?(?: (?:all|the|code|files?|sources?|with|using)\b.*)?\.?$"
    r"|^(?:run|ran|apply|applied|use|used)\b.* (?:black|prettier|ruff format)\b|^blacken\b"
    r"|\b(?:isort|clang-format|gofmt|gofumpt|goimports|rustfmt|cargo fmt|scalafmt|spotless"
    r"|google-java-format|ktlint|autopep8|yapf)\b"
    r"|^(?:(?:fix|clean ?up|remove|strip|trim|normali[sz]e)\w* )?(?:trailing )?(?:white ?spaces?"
    r"|indentation|line endings|import order)"
    r"(?: (?:issues?|errors?|fix(?:es)?|changes?|only))?\.?$",
    re.I,
)
_RELEASED = re.compile(
    r"^(?:bump(?:ed|ing)? (?:the )?version|version bump|release(?:s|d)?:? v?\d"
    r"|(?:version )?v?\d+\.\d+(?:\.\d+)*$"
    r"|prepare (?:for )?(?:the )?(?:next )?(?:release|development)|\[maven-release-plugin\])",
    re.I,
)
_GENERATED = re.compile(
    r"^(?:re-?generated?|auto-?generated?|update (?:generated|snapshots?))\b", re.I
)


class CommitRules:
    """Judges commits, the newest first: a revert must be seen before what it reverts."""

    def __init__(self, settings: History) -> None:
        self._settings = settings
        self._skipped = {name.casefold() for name in settings.skip_authors}
        self._undone: tuple[str, ...] = ()

    def verdict(self, commit: Commit) -> str | None:
        """Return why a commit is left out, or None."""
        reverted = commit.sha.startswith(self._undone) if self._undone else False
        if targets := _REVERTS.findall(commit.message):
            if not reverted:  # the revert of a revert brings back what was reverted first
                self._undone += tuple(targets)
            return "revert"
        if reverted:
            return "reverted"
        if self._skipped & {commit.author.casefold(), commit.email.casefold()}:
            return "author"
        if _BOT.search(commit.author):
            return "bot"
        subject = commit.subject
        for reason, pattern in (
            ("format_commit", _FORMATTED), ("release", _RELEASED), ("generated", _GENERATED),
        ):  # fmt: skip
            if pattern.search(subject):
                return reason
        return None


class Chains:
    """Which paths are one file under names that it had one after the other."""

    def __init__(self) -> None:
        self._next: dict[str, str] = {}
        self._added: set[str] = set()

    def begin(self, path: str) -> None:
        """Say that a file's first version is known."""
        self._added.add(path)

    def link(self, one: str, other: str) -> None:
        """Say that two paths are the same file's."""
        first, second = sorted((self.of(one), self.of(other)))
        if first != second:
            self._next[second] = first

    def paths(self) -> Iterator[tuple[str, str, bool]]:
        """Yield every path that was added or renamed, its chain, and whether that begins here."""
        begun = {self.of(path) for path in self._added}
        for path in sorted(self._added.union(self._next)):
            chain = self.of(path)
            yield path, chain, chain in begun

    def of(self, path: str) -> str:
        """Return what stands for all paths of a file: the first of them in their order."""
        while (following := self._next.get(path)) is not None:
            path = following
        return path


def trace_files(commits: Iterable[Commit]) -> Chains:
    """Return the chains that the renames of all commits make, and where they begin.

    What a commit without a parent adds may be older: so begins a shallow clone, or an import.
    """
    chains = Chains()
    for commit in commits:
        for change in commit.changed:
            if change.path != change.old_path:
                chains.link(change.old_path, change.path)
            elif commit.parent and not change.old_blob:
                chains.begin(change.path)
    return chains


def judged(commits: Iterable[Commit], settings: History) -> Iterator[tuple[Commit, str | None]]:
    """Yield every commit with the reason why it is left out, or None."""
    rules = CommitRules(settings)
    for commit in commits:
        yield commit, rules.verdict(commit)
