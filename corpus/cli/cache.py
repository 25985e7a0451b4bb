"""The command ``cache``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from corpus.cli.parser import byte_count

_ABOUT = """\
Builds keep what they make of every few files, so that the next build does only what changed and a
killed one goes on where it stopped. Nothing in it is needed: what is not there is made again.
"""


def add_commands(commands: Any) -> None:
    """Add ``cache``."""
    cache = commands.add_parser(
        "cache",
        help="see how much builds keep for the next one, and make room",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = cache.add_subparsers(dest="action", required=True, metavar="ACTION")
    info = actions.add_parser("info", help="where it is, how many entries, how many bytes")
    info.set_defaults(run=_info)
    prune = actions.add_parser("prune", help="remove what was of no use for the longest time")
    prune.add_argument(
        "--to", type=byte_count, default=0, metavar="SIZE", help="how much to leave, as 5GB (0)"
    )
    prune.set_defaults(run=_prune)
    for action in (info, prune):
        add_cache_flag(action)


def add_cache_flag(parser: Any) -> None:
    """Add ``--cache``."""
    parser.add_argument(
        "--cache",
        type=Path,
        metavar="DIR",
        help="where builds keep what the next one can use (TUNESMITH_CACHE, or the platform's "
        "folder for caches)",
    )


def _info(options: argparse.Namespace) -> None:
    from corpus.run.cache import Cache, default_root

    cache = Cache(options.cache or default_root())
    entries = sum(1 for _ in cache.entries())
    print(f"{cache.root}: {entries:,} entries, {cache.bytes() / 1e6:,.1f} MB")


def _prune(options: argparse.Namespace) -> None:
    from corpus.run.cache import Cache, default_root

    cache = Cache(options.cache or default_root())
    freed = cache.prune(options.to)
    print(f"{freed / 1e6:,.1f} MB removed, {cache.bytes() / 1e6:,.1f} MB left in {cache.root}")
