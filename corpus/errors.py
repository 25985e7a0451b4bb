"""The errors a user can meet: each says what is wrong, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class TunesmithError(Exception):
    """The work failed. The command prints the message on one line and exits with 1."""

    exit_code = 1


class UsageError(TunesmithError):
    """The request itself is at fault: a flag, a path, a pipeline file, a template. Exit 2."""

    exit_code = 2


class PipelineError(UsageError):
    """A pipeline file or a ``--set`` that does not say what it must."""


class TemplateError(UsageError):
    """A template that cannot be loaded or rendered."""


class SourceError(TunesmithError):
    """A repo or folder that cannot be read."""


class OutputError(TunesmithError):
    """The dataset folder cannot be written."""


@contextmanager
def in_one_line(what: str) -> Iterator[None]:
    """Turn whatever a library raises (some have a dozen unrelated types) into a UsageError."""
    try:
        yield
    except Exception as error:
        raise UsageError(f"{what}: {' '.join(str(error).split())}") from None
