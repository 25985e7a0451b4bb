"""The command ``report``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_commands(commands: Any) -> None:
    """Add ``report``."""
    report = commands.add_parser(
        "report", help="write one page that shows what a build found, left out and made"
    )
    report.add_argument("folder", type=Path, metavar="DIR", help="a dataset folder")
    report.add_argument(
        "--out", type=Path, metavar="FILE", help="where to write it (DIR/report.html)"
    )
    report.set_defaults(run=_report)


def _report(options: argparse.Namespace) -> None:
    from corpus.report.page import write_report

    print(write_report(options.folder, options.out))
