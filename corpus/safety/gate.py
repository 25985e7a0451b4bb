"""The gate: reads a dataset folder as it would be published, and says what must not be in it."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError

from corpus.errors import SourceError, TunesmithError, UsageError
from corpus.safety.benchmarks import Benchmarks
from corpus.safety.licenses import LicensePolicy
from corpus.safety.policy import Allowed, SafetyPolicy
from corpus.safety.rows import BETWEEN
from corpus.safety.scrub import Scrubber

POLICY = "safety.json"
"""Where a build leaves its policy, in the part of the folder that is not published."""

_SAMPLES = 3
_ROWS = 1_000
# A cell that is an id and nothing else says nothing; beside a path such as `src/token.py` it would
# look like what that speaks of.
_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass
class KindFigures:
    """In how many rows (or files that are no tables) a kind was found; samples show no more."""

    kind: str
    rows: int = 0
    samples: list[str] = field(default_factory=list)


def save_policy(policy: SafetyPolicy, allowed: Sequence[Allowed], work: Path) -> None:
    """Leave a policy for the gate. It may name what must not be published, so it is not either."""
    data = {"policy": policy.model_dump(), "allowed": [entry.model_dump() for entry in allowed]}
    (work / POLICY).write_text(json.dumps(data, indent=2) + "\n", "utf-8")


def load_scrubber(work: Path) -> Scrubber:
    """Return what applies the policy that a build left in ``work``; the defaults if there is none.

    Raises UsageError for one that can't be read.
    """
    path = work / POLICY
    try:
        data = json.loads(path.read_text("utf-8"))
        policy = SafetyPolicy.model_validate(data["policy"])
        allowed = TypeAdapter(list[Allowed]).validate_python(data["allowed"])
    except FileNotFoundError:
        return Scrubber.of(SafetyPolicy())
    except (OSError, ValueError, KeyError, TypeError, ValidationError):
        raise UsageError(f"{path} can't be read: give the policy with --pipeline") from None
    wanted = policy.benchmark != "allow"
    benchmarks = Benchmarks.load(policy.benchmarks) if wanted else Benchmarks.none()
    return Scrubber(policy, allowed, benchmarks)


def check(folder: Path, files: Sequence[Path], scrubber: Scrubber) -> list[KindFigures]:
    """Return what the policy forbids in ``files`` of ``folder``, by kind, the most rows first.

    Every text of every row is read, every other file as text, and every path. Raises SourceError
    for a file that can't be read.
    """
    gate = _Gate(scrubber)
    for path in files:
        name = path.relative_to(folder).as_posix()
        try:
            gate.look_at(name, name.replace("/", "\n"), {})
            for where, row in _rows(path, name):
                gate.look_at(where, *row)
        except (OSError, ValueError) as error:
            raise SourceError(f"{path} can't be read: {' '.join(str(error).split())}") from None
    return sorted(gate.found.values(), key=lambda figures: (-figures.rows, figures.kind))


def refuse(folder: Path, found: Sequence[KindFigures]) -> None:
    """Raise TunesmithError if anything was found."""
    if found:
        counts = ", ".join(f"{figures.kind} in {figures.rows:,}" for figures in found)
        raise TunesmithError(
            f"{folder} holds what its policy forbids (rows: {counts}); build it again, or allow "
            "it in the pipeline file and say why"
        )


def _rows(path: Path, name: str) -> Iterator[tuple[str, tuple[str, dict[str, Any]]]]:
    """Yield the texts of a file row by row, with where they are and the row."""
    if path.suffix != ".parquet":
        yield name, (path.read_bytes().decode("utf-8", "replace"), {})
        return
    number = 0
    for batch in pq.ParquetFile(path).iter_batches(_ROWS):
        for row in batch.to_pylist():
            texts = (text for text in dict.fromkeys(_texts(row)) if not _ID.fullmatch(text))
            yield f"{name}, row {number}", (BETWEEN.decode().join(texts), row)
            number += 1


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


class _Gate:
    """Gathers findings; a text that was looked at is not looked at again."""

    def __init__(self, scrubber: Scrubber) -> None:
        self.found: dict[str, KindFigures] = {}
        self._scrubber = scrubber
        self._licenses = LicensePolicy(scrubber.policy.licenses)
        self._seen: dict[bytes, Counter[str]] = {}
        self._shown: dict[bytes, dict[str, str]] = defaultdict(dict)

    def look_at(self, where: str, text: str, row: dict[str, Any]) -> None:
        """Look at one row, or at a whole file that is no table."""
        content = text.encode("utf-8", "replace")
        digest = blake2b(content, digest_size=16).digest()
        if digest not in self._seen:
            self._seen[digest] = self._kinds(content, self._shown[digest])
        for kind in self._seen[digest]:
            self._note(kind, where, self._shown[digest][kind])
        if row and "license" in row and self._licenses.forbids(row["license"]):
            self._note("license", where, row["license"] or "not known")

    def _kinds(self, content: bytes, shown: dict[str, str]) -> Counter[str]:
        kinds: Counter[str] = Counter()
        for finding in self._scrubber.find(content):
            kinds[finding.kind] += 1
            found = content[finding.start : finding.end].decode("utf-8", "replace")
            shown.setdefault(finding.kind, f"{_veiled(found)} ({finding.rule})")
        for problem in self._scrubber.benchmarks.found_in(content):
            kinds["benchmark"] += 1
            shown.setdefault("benchmark", problem)
        return kinds

    def _note(self, kind: str, where: str, sample: str) -> None:
        figures = self.found.setdefault(kind, KindFigures(kind))
        figures.rows += 1
        if len(figures.samples) < _SAMPLES:
            figures.samples.append(f"{where}: {sample}")


def _veiled(found: str) -> str:
    """Show enough of a finding to look for it, and too little to use it."""
    return f"{found[:2]}… {len(found)} characters" if len(found) > 8 else f"{len(found)} characters"
