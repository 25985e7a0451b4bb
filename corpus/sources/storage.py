"""A folder in a store that fsspec knows, such as ``s3://bucket/path``: copied, then read."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

from corpus.errors import SourceError, UsageError
from corpus.sources.git import without_secrets

_GIT = {"file", "ftp", "ftps", "git", "git+ssh", "http", "https", "ssh"}
"""The protocols that git clones by."""


def is_stored(where: str) -> bool:
    """Tell whether ``where`` is an address that is not git's, such as ``s3://bucket/path``."""
    protocol, found, _ = where.partition("://")
    return bool(found) and "::" not in protocol and protocol not in _GIT


def open_storage(url: str) -> tuple[Any, str]:
    """Return a file system and the path in it. Raises UsageError where no package knows how."""
    import fsspec  # most repos are not in a store

    try:
        fs, root = fsspec.core.url_to_fs(url)
    except (ImportError, ValueError) as error:  # no such protocol, or its package is not there
        raise UsageError(f"cannot open {without_secrets(url)}: {error}") from None
    return fs, root.rstrip("/")


def copy_stored(url: str, into: Path) -> Path:
    """Copy all files below ``url`` to the folder ``into``.

    Raises UsageError where there are none, SourceError where they can't be had, or where a name
    leads out of the folder.
    """
    fs, root = open_storage(url)
    shown = without_secrets(url)
    try:
        found = {path: path[len(root) :].strip("/") for path in fs.find(root)}
        if out := [name for name in found.values() if ".." in PurePosixPath(name).parts]:
            raise SourceError(f"cannot copy {shown}: {out[0]} leads out of it")
        fs.get([*found], [str(into / name) for name in found.values()])
    except FileNotFoundError:
        found = {}
    except SourceError:
        raise
    except Exception as error:  # every kind of store has its own
        reason = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
        raise SourceError(f"cannot copy {shown}: {reason}") from None
    if not found:
        raise UsageError(f"{shown} does not exist")
    return into
