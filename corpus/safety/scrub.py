"""The one entry for text that may reach a row: what is in it, and the text without it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from typing import Any, NamedTuple

from corpus.fingerprint import fingerprint
from corpus.languages import Language
from corpus.safety import (
    calls,
    characters,
    codes,
    commands,
    credentials,
    drawn,
    escapes,
    formats,
    logins,
    manifests,
    personal,
    private_keys,
    public,
    spoken,
)
from corpus.safety.anchors import Anchored, Anchors
from corpus.safety.benchmarks import Benchmarks
from corpus.safety.findings import Finding, without_overlaps
from corpus.safety.policy import Allowed, Kind, SafetyPolicy, load_allowed
from corpus.safety.public import without_public
from corpus.safety.redact import Placeholders, redact
from corpus.safety.secrets import find_secrets

_FINDERS: tuple[tuple[Kind, Any], ...] = (
    ("secret", find_secrets),
    ("email", personal.find_emails),
    ("ip", personal.find_ips),
    ("phone", personal.find_phones),
    ("name", personal.find_names),
    ("control_token", characters.find_control_tokens),
    ("hidden_character", characters.find_hidden_characters),
)
_ANCHORED = (
    calls,
    characters,
    codes,
    commands,
    credentials,
    drawn,
    escapes,
    formats,
    logins,
    manifests,
    personal,
    private_keys,
    public,
    spoken,
)
# A shorter secret, elsewhere in the text, may be a word.
_SHORTEST_REPEATED = 8
_BASE64 = re.compile(rb"[A-Za-z0-9+/]")
# What stood beside a secret, and was told by nothing else, may be told once that is gone.
_MOST_SCANS = 3


class Redaction(NamedTuple):
    """A placeholder that stands in a text: on which line (from 1), and for what."""

    line: int
    kind: Kind


class Scrubbed(NamedTuple):
    """A text as the policy lets it go on, or the reason why it does not.

    ``text`` has as many lines as before. ``reason`` is a kind of finding, ``license``,
    ``benchmark`` or ``redaction_breaks_code``; ``detail`` never holds what was found.
    """

    text: bytes
    redactions: Sequence[Redaction] = ()
    reason: str | None = None
    detail: str | None = None


class Scrubber:
    """Applies a policy to texts. Picklable, and the same for the same text wherever it runs."""

    def __init__(
        self, policy: SafetyPolicy, allowed: Sequence[Allowed], benchmarks: Benchmarks
    ) -> None:
        self.policy = policy
        self.allowed = list(allowed)
        self.benchmarks = benchmarks

    @classmethod
    def of(cls, policy: SafetyPolicy) -> Scrubber:
        """Read the files that a policy names. Raises UsageError for one that can't be read."""
        wanted = policy.benchmark != "allow"
        benchmarks = Benchmarks.load(policy.benchmarks) if wanted else Benchmarks.none()
        return cls(policy, load_allowed(policy.allowed), benchmarks)

    def __reduce__(self) -> tuple[Any, ...]:
        return Scrubber, (self.policy, self.allowed, self.benchmarks)

    @property
    def fingerprint(self) -> str:
        """A hash of all that its verdicts hang on: of files that are named, the content."""
        elsewhere = {"licenses", "forgotten", "allowed", "benchmarks"}
        policy = self.policy.model_dump(exclude=elsewhere)
        return fingerprint(policy, self.allowed, self.benchmarks.fingerprint)

    def find(self, text: bytes) -> list[Finding]:
        """Return what the policy does not allow in ``text``, in order, without overlaps."""
        found = without_overlaps(f for f in self._find(text) if not self._is_allowed(text, f))
        if not any(finding.kind == "secret" for finding in found):
            return found
        repeated = without_public(_anchors().find(text), _repeated(text, found))
        return without_overlaps([*found, *repeated])

    def scrub(
        self,
        text: bytes,
        language: Language | None = None,
        placeholders: Placeholders | None = None,
    ) -> Scrubbed:
        """Return ``text`` with placeholders for what the policy redacts, or why it is dropped.

        ``text`` is UTF-8. ``language`` says that it is a source file, which must still parse; None
        is prose: a commit message, a test's output. Give the texts of one row the same
        ``placeholders``.
        """
        if problems := self.benchmarks.found_in(text):
            return Scrubbed(text, reason="benchmark", detail=", ".join(problems[:3]))
        placeholders = placeholders or Placeholders()
        scrubbed, redactions = text, list[Redaction]()
        for _ in range(_MOST_SCANS):
            findings = self.find(scrubbed)
            if not findings:
                break
            for finding in findings:
                if self.policy.action(finding.kind) == "drop":
                    line = text.count(b"\n", 0, finding.start) + 1
                    detail = f"{finding.rule} on line {line}"
                    return Scrubbed(text, reason=finding.kind, detail=detail)
            redacted = redact(scrubbed, findings, placeholders, language)
            if redacted is None:
                return Scrubbed(text, reason="redaction_breaks_code")
            redactions += _lines(scrubbed, findings)
            scrubbed = redacted
        return Scrubbed(scrubbed, sorted(redactions) or ())

    @cached_property
    def _hosts(self) -> re.Pattern[bytes] | None:
        return personal.host_pattern(self.policy.internal_hosts)

    def _find(self, text: bytes) -> Iterator[Finding]:
        anchored = _anchors().find(text)
        yield from self._find_as_written(anchored)
        if anchored.has(escapes.ANCHORS):
            read = escapes.Unescaped(text)
            yield from read.as_written(self._find_as_written(_anchors().find(read.text)))

    def _find_as_written(self, anchored: Anchored) -> Iterator[Finding]:
        for kind, finder in _FINDERS:
            if self.policy.action(kind) != "allow":
                yield from finder(anchored)
        if self._hosts is not None and self.policy.host != "allow":
            for match in self._hosts.finditer(anchored.text):
                yield Finding(match.start(), match.end(), "host", "internal_hosts")

    def _is_allowed(self, text: bytes, finding: Finding) -> bool:
        found = text[finding.start : finding.end].decode("utf-8", "replace")
        return any(entry.matches(found) for entry in self.allowed)


@cache
def _anchors() -> Anchors:
    return Anchors(anchor for module in _ANCHORED for anchor in module.ANCHORS)


def _repeated(text: bytes, findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the other places where a secret stands that was told by its context in one."""
    secrets = {(text[f.start : f.end], f.rule) for f in findings if f.kind == "secret"}
    for secret, rule in secrets:
        at = text.find(secret) if len(secret) >= _SHORTEST_REPEATED else -1
        while at >= 0:
            end = at + len(secret)
            # The lines of a private key hold the public one, too, which is wrapped otherwise.
            is_part = _BASE64.match(text, end) or (at and _BASE64.match(text, at - 1))
            if rule != "private_key" or not is_part:
                yield Finding(at, end, "secret", "repeated")
            at = text.find(secret, end)


def _lines(text: bytes, findings: Sequence[Finding]) -> list[Redaction]:
    redactions, line, at = [], 1, 0
    for finding in findings:
        line += text.count(b"\n", at, finding.start)
        at = finding.start
        redactions.append(Redaction(line, finding.kind))
    return redactions
