"""The command ``forget``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_commands(commands: Any) -> None:
    """Add ``forget``."""
    forget = commands.add_parser(
        "forget", help="take rows out of a dataset folder, and keep them out of later builds"
    )
    forget.add_argument("folder", type=Path, metavar="DIR", help="a dataset folder")
    what = forget.add_mutually_exclusive_group(required=True)
    what.add_argument("--path", metavar="GLOB", help="files (a gitignore pattern)")
    what.add_argument("--author", metavar="WHO", help="the lines that a name or address wrote")
    what.add_argument("--commit", metavar="ID", help="the lines that a commit wrote")
    what.add_argument("--repo", metavar="NAME", help="a repo, as rows name it")
    forget.add_argument(
        "--clone", metavar="WHERE", help="where to look up history (the working directory)"
    )
    forget.set_defaults(run=_forget)


def _forget(options: argparse.Namespace) -> None:
    from corpus.run.take_down import take_down
    from corpus.safety.tombstones import Tombstone

    what = {name: getattr(options, name) for name in ("path", "author", "commit", "repo")}
    gone = take_down(options.folder, Tombstone(**what), options.clone)
    for row in gone:
        print(f"{row.configuration:12}  {row.row_id}  {row.path}:{row.line}")
    print(f"{options.folder}: {len(gone):,} rows went, and later builds leave them out")
