"""Keeps a user's template from running away: in time, in memory, in the size of a number."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

SECONDS = 3.0
"""Processor time that a template may take for a row. An honest one takes a thousandth of it."""

_TRIAL_BYTES = 512 << 20
_LONGEST = 1_000_000


class TooMuchError(BaseException):
    """A template ran too long. Not an Exception: Jinja swallows those while it folds constants."""


@contextmanager
def time_limit(seconds: float = SECONDS) -> Iterator[None]:
    """Raise TooMuchError in the block once it has used so much processor time.

    It counts the time of this process, so that a busy machine does not decide; and it leaves
    SIGALRM to ``guard``. Signals reach the main thread alone: elsewhere there is no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGVTALRM, _stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _stop(_: int, __: FrameType | None) -> None:
    raise TooMuchError(f"it runs longer than {SECONDS:g} seconds for one row")


@contextmanager
def memory_limit() -> Iterator[None]:
    """Let the block take so much more memory and then raise MemoryError; on Linux only."""
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    except (ImportError, OSError):
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = pages * resource.getpagesize() + _TRIAL_BYTES
    if soft != resource.RLIM_INFINITY:
        limit = min(limit, soft)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def small_product(left: Any, right: Any) -> Any:
    """Multiply, where the result is of a sane size. Raises OverflowError.

    A product of long integers, or a text a billion times over, is one step of the interpreter: no
    time limit can end it.
    """
    for text, times in ((left, right), (right, left)):
        if isinstance(text, str | list | tuple) and isinstance(times, int):
            if len(text) * times > _LONGEST:
                raise OverflowError(f"a text or list of {len(text) * times:,} is too long")
        elif isinstance(text, int) and abs(text) > 1 << 63:
            raise OverflowError("a number of more than 64 bits is too large")
    return left * right
