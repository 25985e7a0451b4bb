"""What the server that forks workers loads, once for all of them. Not for any other process."""

# ruff: noqa: E402, F401

import os
import signal
import sys

# Ctrl-C reaches every process of the terminal: it is the builder's to handle, which ends the rest.
signal.signal(signal.SIGINT, signal.SIG_IGN)

# One worker for each processor: threads in each of them would be in each other's way.
os.environ["POLARS_MAX_THREADS"] = "1"

from corpus.process import give_back_freed, spare_pandas

spare_pandas()
give_back_freed()

import corpus.extract.stage
import corpus.publish.parquet
import corpus.render.stage
import corpus.run.mine


def _say_nothing(*_: object) -> None:
    """Stand for the traceback of a worker that can't even begin.

    It was forked while its build was killed, and what they were to share is gone. A build that goes
    on sees that a worker is lost, and starts another.
    """


sys.excepthook = _say_nothing
