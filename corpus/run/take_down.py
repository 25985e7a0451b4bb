"""Take-down as one step: the dataset folder changes whole or not at all."""

from __future__ import annotations

import shutil
from pathlib import Path

from corpus.publish.forget import Gone, forget
from corpus.run.output import WORK, output_folder
from corpus.safety.tombstones import Tombstone


def take_down(folder: Path, tombstone: Tombstone, clone: str | None = None) -> list[Gone]:
    """Rewrite the dataset in ``folder`` without what ``tombstone`` means; return what went.

    Later builds to this folder honour it. ``clone`` is where history is looked up; the default is
    the repo of the working directory. Raises UsageError and SourceError; ``folder`` is then as it
    was.
    """
    with output_folder(folder, overwrite=True) as building:
        if folder.is_dir():
            shutil.copytree(folder, building, dirs_exist_ok=True)
        return forget(building, building / WORK, tombstone, clone)
