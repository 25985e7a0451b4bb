"""preferences: a function is asked for; it as the commit left it is chosen, as it was is rejected.

The prompt holds neither, so that what tells the answers apart is the fault alone.
"""

from __future__ import annotations

from corpus.tasks.base import Change, Pair, Task
from corpus.tasks.fix import given_away_by
from corpus.tasks.samples import changed_samples


def _make(change: Change) -> Pair | None:
    row = change.row
    # Both must answer one request: the same parameters, and nothing that only one of them needs.
    if row["kind"] != "fix" or "signature" in row["shapes"] or row["helpers"]:
        return None
    return Pair(
        slots={
            "language": row["language"],
            "name": row["before_name"],
            "path": row["path"],
            "signature": row["signature"],
            "doc": row["doc"] or "",
            "signatures": row["signatures"],
            "complaint": change.message,
            "test_code": row["test_code"] or "",
            "code": row["after"],
        },
        rejected={"code": row["before"]},
        answers=(row["before"], *given_away_by(row["before"], row["after"])),
        evidence="commit",
    )


TASK = Task(
    name="preferences",
    subject=Change,
    slots={
        "language": "the language's name, as a code fence has it",
        "name": "the function's qualified name",
        "path": "the file's path in the repo",
        "signature": "the function's signature",
        "doc": "what its doc says, or nothing",
        "signatures": "signatures of what it calls in its file",
        "complaint": "what the commit's message says was wrong; empty where a test says it",
        "test_code": "the code of a test that came with the commit, or nothing",
        "code": "the function: once as the commit left it, and once as it was before",
    },
    make=_make,
    samples=lambda: changed_samples("fix"),
)
