"""The command ``publish``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from corpus.cli.check import add_policy, scrubber_of


def add_commands(commands: Any) -> None:
    """Add ``publish``."""
    publish = commands.add_parser(
        "publish", help="check a dataset folder, and publish it if nothing is wrong with it"
    )
    publish.add_argument("folder", type=Path, metavar="DIR", help="a dataset folder")
    publish.add_argument(
        "target", metavar="TARGET", help="ORG/NAME on the hub, ./folder, or s3://bucket/path"
    )
    seen_by = publish.add_mutually_exclusive_group()
    seen_by.add_argument("--private", action="store_true", help="only for members (the default)")
    seen_by.add_argument("--public", action="store_true", help="for everyone")
    publish.add_argument("--dry-run", action="store_true", help="say what would be changed there")
    publish.add_argument(
        "--onto", metavar="REVISION", help="publish over this revision, which others made"
    )
    add_policy(publish)
    publish.set_defaults(run=_publish)


def _publish(options: argparse.Namespace) -> None:
    from corpus.publish.publish import publish
    from corpus.run.output import WORK

    done = publish(
        options.folder,
        options.target,
        scrubber_of(options),
        options.folder / WORK,
        public=options.public,
        dry_run=options.dry_run,
        onto=options.onto,
    )
    for change in done.changes:
        print(f"{change.what:6}  {change.size:>12,}  {change.name}")
    if not done.changes:
        print(f"{options.target}: nothing has changed")
    elif done.revision is None:
        print(f"{options.target}: would be changed so; nothing was sent")
    else:
        print(f"{options.target}: published as {done.revision}")
