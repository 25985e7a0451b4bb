"""Tells which row a worker was at when it died, so that one bad file costs one file."""

from __future__ import annotations

import os
import resource
import signal
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self


class Limits(NamedTuple):
    """What work on one row may take: seconds, and bytes of memory in all of its process.

    A file of the largest size that is read takes a parser about a second. The margin keeps a busy
    machine from deciding what is in the corpus. None is as much memory as there is.
    """

    seconds: int = 60
    memory: int | None = None


DEFAULT_LIMITS = Limits()
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


class Guard:
    """Notes every row before it is worked on, and ends a worker that does not come back from it.

    A parser that crashes or hangs can't be caught from inside its process. The engine finds the
    row in the note of the dead worker, and runs the shard again with that row in ``poisoned``.
    Entered for a shard, left when that is done.
    """

    def __init__(
        self,
        note: Path | None = None,
        poisoned: frozenset[int] = frozenset(),
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        """Without a ``note`` nothing is written and nothing is ended: for work in this process."""
        self.poisoned = poisoned
        self._seconds = limits.seconds
        self._path = note
        self._note = None if note is None else os.open(note, _FLAGS, 0o600)
        if note is not None and limits.memory is not None:
            _, most = resource.getrlimit(resource.RLIMIT_DATA)
            bound = limits.memory if most == resource.RLIM_INFINITY else min(limits.memory, most)
            resource.setrlimit(resource.RLIMIT_DATA, (bound, most))

    def __enter__(self) -> Self:
        """Take the guard for a shard."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let go of it. Memory that was not to be had ends the worker, like one that crashes."""
        if isinstance(error, MemoryError) and self._note is not None:
            os._exit(1)
        self._close()

    def at(self, row: int) -> None:
        """Say that work on a row begins."""
        if self._note is not None:
            os.pwrite(self._note, b"%12d" % row, 0)
            signal.alarm(self._seconds)  # nobody handles SIGALRM: it ends the process

    def rest(self) -> None:
        """Say that no row is worked on: what follows may take its time."""
        if self._note is not None:
            signal.alarm(0)

    def _close(self) -> None:
        """Say that the shard is done: without a note it is no suspect."""
        self.rest()
        if self._note is not None and self._path is not None:
            os.close(self._note)
            self._path.unlink(missing_ok=True)


def read_note(note: Path) -> int | None:
    """Return the row that a worker was at; None if it had not begun."""
    text = note.read_bytes() if note.exists() else b""
    return int(text) if text else None
