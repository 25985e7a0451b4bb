"""What the commands share: a parser whose errors are one line, and two kinds of value."""

from __future__ import annotations

import argparse
import difflib
import re
from pathlib import Path
from typing import Any, NoReturn

SEVERAL: dict[str, Any] = {"nargs": "+", "action": "extend"}
"""For a flag that takes several values, after it or by being repeated."""

_CHOICE = re.compile(r"invalid choice: '(.+)' \(choose from (.+)\)")


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, with the nearest right word."""

    def error(self, message: str) -> NoReturn:
        """End the command with exit status 2."""
        unknown = message.removeprefix("unrecognized arguments: ").split()[0]
        known = list(self._option_string_actions)
        if choice := _CHOICE.search(message):
            unknown, known = choice[1], choice[2].replace("'", "").split(", ")
        close = difflib.get_close_matches(unknown, known, 1)
        if choice and close:
            message = message[: choice.start(2) - len(" (choose from ")]
        hint = f" (did you mean {close[0]}?)" if close else ""
        self.exit(2, f"tunesmith: error: {message}{hint}; see {self.prog} --help\n")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Refuse what is unknown here, where it is known which command was meant."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown


def add_settings(command: argparse.ArgumentParser, example: str) -> None:
    """Add what a command with a settings file takes: the file, and changes of single keys."""
    command.add_argument(
        "pipeline",
        nargs="?",
        type=Path,
        metavar="PIPELINE.yaml",
        help="settings file; flags override it",
    )
    command.add_argument(
        "--set",
        **SEVERAL,
        default=[],
        metavar="KEY=VALUE",
        help=f"change one setting of the pipeline file, for example {example}",
    )


def positive(text: str) -> int:
    """Read a number from 1 up."""
    number = int(text) if text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 up")
    return number


_UNITS = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


def byte_count(text: str) -> int:
    """Read a number of bytes, as 500MB or 1.5 GB."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?) ?([KMGT]B)?", text.strip(), re.IGNORECASE)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 500MB or 1.5GB")
    return int(float(match[1]) * _UNITS[(match[2] or "").upper()])


def words(values: list[str] | None) -> list[str]:
    """Part values at their commas."""
    return [word for value in values or [] for word in value.split(",") if word]
