"""The command ``show``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from corpus.cli.parser import positive


def add_commands(commands: Any) -> None:
    """Add ``show``."""
    show = commands.add_parser("show", help="print rows of a dataset, or all about one")
    show.add_argument("folder", type=Path, metavar="DIR", help="a dataset folder")
    show.add_argument("--task", metavar="NAME", help="rows of this task only")
    show.add_argument("--language", metavar="NAME", help="rows in this language only")
    show.add_argument("--path", metavar="GLOB", help="rows from these files only, as 'src/*'")
    show.add_argument("-n", type=positive, default=3, metavar="N", help="how many (3)")
    show.add_argument("--id", metavar="ID", help="this row, and how it came about")
    show.set_defaults(run=_show)


def _show(options: argparse.Namespace) -> None:
    from corpus.report.listing import print_rows
    from corpus.report.show import lineage, rows

    if options.id is not None:
        shown = lineage(options.folder, options.id)
    else:
        wanted = {name: getattr(options, name) for name in ("task", "language", "path")}
        shown = rows(options.folder, options.n, **wanted)
    print_rows(shown)
