"""The commands ``pipelines list`` and ``pipelines copy``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_commands(commands: Any) -> None:
    """Add ``pipelines list`` and ``pipelines copy``."""
    pipelines = commands.add_parser("pipelines", help="the pipeline files that ship with tunesmith")
    actions = pipelines.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", help="name them").set_defaults(run=_list)
    copy = actions.add_parser("copy", help="put one into a folder of yours, to change")
    copy.add_argument("name", metavar="NAME")
    copy.add_argument("folder", nargs="?", type=Path, default=Path(), metavar="DIR")
    copy.set_defaults(run=_copy)


def _list(_: argparse.Namespace) -> None:
    from corpus.pipeline_file import pipeline_names

    print("\n".join(pipeline_names()))


def _copy(options: argparse.Namespace) -> None:
    from corpus.pipeline_file import copy_pipeline

    print(copy_pipeline(options.name, options.folder))
