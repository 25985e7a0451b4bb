"""The command: parses, calls the library, prints. One module per group of commands."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version

from corpus.cli import (
    build,
    cache,
    check,
    diff,
    forget,
    pipelines,
    plan,
    publish,
    report,
    show,
    tables,
    templates,
    train,
    verify,
)
from corpus.cli.parser import Parser
from corpus.errors import TunesmithError
from corpus.process import spare_pandas

_WITHOUT_ARROW = {"pipelines", "cache", "publish", "check", "train", "evaluate", "export"}
"""Commands that make no table of Arrow, or by means of what imports pandas."""


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command."""
    top = Parser(
        prog="tunesmith",
        description="Turn git repositories into datasets that tune a code model on your code.",
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"tunesmith {version('tunesmith')}")
    commands = top.add_subparsers(
        title="commands", dest="command", required=True, metavar="COMMAND"
    )
    for module in (
        *(build, plan, templates, pipelines, cache),
        *(report, show, diff, tables),
        *(verify, check, publish, forget),
        train,
    ):
        module.add_commands(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. Returns 0, 1 for work that failed, 2 for a request that can't be met."""
    options = parser().parse_args(arguments)
    if options.command not in _WITHOUT_ARROW:
        spare_pandas()
    try:
        options.run(options)
    except TunesmithError as error:
        print(f"tunesmith: error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("tunesmith: interrupted; nothing was written", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 1
    return 0
