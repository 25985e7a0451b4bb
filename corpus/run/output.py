"""The output folder appears whole or not at all."""

from __future__ import annotations

import glob
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from corpus.errors import OutputError, UsageError

WORK = ".tunesmith"
"""The part of a dataset folder that is never published."""


@contextmanager
def output_folder(out: Path, *, overwrite: bool) -> Iterator[Path]:
    """Yield a folder to build in, beside ``out``; rename it to ``out`` if all goes well.

    Raises UsageError if ``out`` exists and is not a dataset to be overwritten, OutputError if it
    can't be written.
    """
    out = out.parent / out.name if not out.is_symlink() else out.resolve()
    building = out.parent / f".{out.name}.building-{os.getpid()}"
    missing = [folder for folder in (out.parent, *out.parent.parents) if not folder.exists()]
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        _sweep(out)
        _check(out, overwrite)
        (building / WORK).mkdir(parents=True)
    except OSError as error:
        raise OutputError(f"cannot write to {out.parent}: {error.strerror}") from None
    try:
        yield building
        _swap(building, out)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"cannot write {out}: {reason}. Nothing was changed there") from error
    finally:
        shutil.rmtree(building, ignore_errors=True)
        with suppress(OSError):  # what was made for a build that failed is empty now
            for folder in missing:
                folder.rmdir()


def _check(out: Path, overwrite: bool) -> None:
    if not out.exists() and not out.is_symlink():
        return
    if not overwrite:
        raise UsageError(f"{out} exists: name another --out, or replace it with --overwrite")
    if not out.is_dir() or (any(out.iterdir()) and not _is_ours(out)):
        raise UsageError(f"{out} is not a dataset folder of tunesmith's, so it is not overwritten")


def _is_ours(out: Path) -> bool:
    """Tell whether a folder's manifest.json is tunesmith's: others have one too."""
    try:
        manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and "tunesmith" in manifest.get("versions", {})


def _swap(building: Path, out: Path) -> None:
    old = out.parent / f".{out.name}.old-{os.getpid()}"
    if out.exists():
        out.rename(old)
    try:
        building.rename(out)
    except OSError:
        if old.exists():
            old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _sweep(out: Path) -> None:
    """Clear away what killed builds of this folder left behind; put back what they had moved."""
    for left in sorted(out.parent.glob(f".{glob.escape(out.name)}.*-*")):
        kind, _, pid = left.name[len(out.name) + 2 :].rpartition("-")
        if kind not in ("building", "old") or not pid.isdigit() or _is_running(int(pid)):
            continue
        if kind == "old" and not out.exists():
            left.rename(out)
        else:
            shutil.rmtree(left, ignore_errors=True)


def _is_running(pid: int) -> bool:
    if pid == os.getpid():
        return False  # left by an earlier process of this id, as in a container
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
