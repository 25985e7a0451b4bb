"""Publishing in one step with the check: what goes out is what was looked at."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import TunesmithError, UsageError
from corpus.publish.changes import PUBLISHED, Change, Plan, local_files
from corpus.publish.hub import Hub
from corpus.publish.storage import Storage
from corpus.safety.gate import check, refuse
from corpus.safety.scrub import Scrubber

_HUB_ID = re.compile(r"[\w][\w.-]*/[\w][\w.-]*")


@dataclass(frozen=True)
class Published:
    """What changed, and the revision that came of it; None where nothing was sent."""

    changes: Sequence[Change]
    revision: str | None


def publish(
    folder: Path,
    target: str,
    scrubber: Scrubber,
    work: Path,
    *,
    public: bool = False,
    dry_run: bool = False,
    onto: str | None = None,
) -> Published:
    """Check ``folder``, and publish it to ``target`` if the policy forbids nothing in it.

    ``target`` is ``ORG/NAME`` on the hub, an address such as ``s3://bucket/path``, or a folder
    (``./there``, ``/there``). What was changed there by others is not written over, unless ``onto``
    names that revision. ``work`` keeps what was published to where. Raises UsageError for a request
    that can't be met, TunesmithError for what the policy forbids or for work that failed.
    """
    place = _place(target)
    files = local_files(folder)
    refuse(folder, check(folder, [file.path for file in files.values()], scrubber))
    plan = place.plan(files, public=public)
    memory = _Memory(work / PUBLISHED)
    if plan.changes:
        _must_be_ours(target, plan, memory.revision(target), onto)
    if dry_run:
        return Published(plan.changes, None)
    name = json.loads(files["manifest.json"].path.read_text("utf-8"))["figures"]["repos"]
    message = "tunesmith: " + ", ".join(_origin(repo) for repo in name)
    revision = place.publish(files, plan, public=public, message=message[:200])
    memory.keep(target, revision)
    return Published(plan.changes, revision)


def _place(target: str) -> Hub | Storage:
    if "://" in target or target.startswith((".", "/", "~")):
        return Storage(str(Path(target).expanduser()) if "://" not in target else target)
    if not _HUB_ID.fullmatch(target):
        raise UsageError(f"{target!r} is no place: write ORG/NAME, ./folder or s3://bucket/path")
    return Hub(target)


def _must_be_ours(target: str, plan: Plan, known: str | None, onto: str | None) -> None:
    """Raise TunesmithError where publishing would write over what others did."""
    if plan.head is None or onto == plan.head or (plan.is_empty and known is None):
        return
    ours = {known} if known else set(plan.tags.values())
    if plan.head not in ours:
        raise TunesmithError(
            f"{target} was changed by others since it was last published: look at {plan.head}, "
            f"then say --onto {plan.head} to publish over it"
        )


def _origin(repo: dict[str, str | None]) -> str:
    return f"{repo['name']} at {(repo['commit'] or 'no commit')[:12]}"


class _Memory:
    """The revisions that this folder published."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def _all(self) -> dict[str, str]:
        try:
            known = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}

    def revision(self, target: str) -> str | None:
        """Return the revision last published to ``target``."""
        return self._all().get(target)

    def keep(self, target: str, revision: str) -> None:
        """Remember a revision. A folder that can't be written to is none the worse for it."""
        known = self._all() | {target: revision}
        try:
            self._path.parent.mkdir(exist_ok=True)
            self._path.write_text(json.dumps(known, indent=2) + "\n", "utf-8")
        except OSError:
            return
