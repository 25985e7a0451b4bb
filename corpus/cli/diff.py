"""The command ``diff``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from corpus.cli.parser import positive


def add_commands(commands: Any) -> None:
    """Add ``diff``."""
    diff = commands.add_parser("diff", help="tell what changed between two builds, and why")
    diff.add_argument("old", type=Path, metavar="DIR_A", help="the earlier dataset folder")
    diff.add_argument("new", type=Path, metavar="DIR_B", help="the later one")
    diff.add_argument("-n", type=positive, default=20, metavar="N", help="paths to list (20)")
    diff.set_defaults(run=_diff)


def _diff(options: argparse.Namespace) -> None:
    from rich.console import Console

    from corpus.report.difference import difference
    from corpus.report.terminal import print_difference

    print_difference(difference(options.old, options.new), options.n, Console())
