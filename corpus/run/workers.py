"""Processes that work for a build, from the first piece of work to the last."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import forkserver, get_context, parent_process
from multiprocessing.connection import wait as wait_for
from multiprocessing.context import ForkServerContext
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


@dataclass
class Workers:
    """At most ``count`` processes, each started when there is work for it, and then kept.

    Templates, queries and rules are loaded once in each. They are started by a fork server, so that
    no thread of this process is copied.
    """

    count: int
    _pool: ProcessPoolExecutor | None = None

    def submit(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Have work done. Raises BrokenProcessPool, now or as the result, if a worker died."""
        self._pool = self._pool or self._start()
        try:
            with _uninterrupted():
                return self._pool.submit(work, *args, **kwargs)
        except (EOFError, OSError) as error:  # what starts the workers was killed itself
            raise BrokenProcessPool(str(error)) from error

    def close(self) -> None:
        """End all processes, when they are done with what they are at."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def prepare(self) -> None:
        """Have the fork server import what workers need, while there is no work for them yet."""
        _context()
        with _uninterrupted():
            forkserver.ensure_running()

    def _start(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self.count, _context(), initializer=_follow_parent)


def _context() -> ForkServerContext:
    """Return how workers are started: by a server that has imported what they need."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["corpus.run.preload"])
    return context


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let Ctrl-C wait: in the middle of a worker's start, it would leave one that nobody ends."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            raise KeyboardInterrupt


def _follow_parent() -> None:
    """End a worker when its parent ends, however that comes."""
    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        wait_for([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
