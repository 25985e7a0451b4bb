"""Tells which row a worker was at when it died, so that one bad file costs one file."""

from __future__ import annotations

import os
import signal
from pathlib import Path

# A file of the largest size that is read takes a parser about a second. The margin keeps a busy
# machine from deciding what is in the corpus.
ROW_SECONDS = 60

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


class Guard:
    """Notes every row before it is worked on, and kills a worker that does not come back from it.

    A parser that crashes or hangs can't be caught from inside its process. The engine finds the
    row in the note of the dead worker, and runs the shard again with that row in ``poisoned``.
    """

    def __init__(
        self,
        note: Path | None = None,
        poisoned: frozenset[int] = frozenset(),
        seconds: int = ROW_SECONDS,
    ) -> None:
        """Without a ``note`` nothing is written and nothing is killed: for work in this process."""
        self.poisoned = poisoned
        self._seconds = seconds
        self._path = note
        self._note = None if note is None else os.open(note, _FLAGS, 0o600)

    def at(self, row: int) -> None:
        """Say that work on a row begins."""
        if self._note is not None:
            os.pwrite(self._note, b"%12d" % row, 0)
            signal.alarm(self._seconds)  # nobody handles SIGALRM: it ends the process

    def rest(self) -> None:
        """Say that no row is worked on: what follows may take its time."""
        if self._note is not None:
            signal.alarm(0)

    def close(self) -> None:
        """Say that the shard is done: without a note it is no suspect."""
        self.rest()
        if self._note is not None and self._path is not None:
            os.close(self._note)
            self._path.unlink(missing_ok=True)


def read_note(note: Path) -> int | None:
    """Return the row that a worker was at; None if it had not begun."""
    text = note.read_bytes() if note.exists() else b""
    return int(text) if text else None
