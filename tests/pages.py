"""The commands that stand in the README and the docs: found, and run as a reader would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from corpus.house.terminal import UNBUILT

ROOT = Path(__file__).parent.parent


def commands_of(*pages: str) -> list[str]:
    """Return the commands of pages' console blocks, in their order."""
    text = "\n".join((ROOT / page).read_text("utf-8") for page in pages)
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]


def run_commands(
    commands: Iterable[str], folder: Path, environment: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Run commands in a folder, one after the other; each must end well. Return what they print."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    printed = {}
    for command in commands:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env={**environment, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        # A preview may come before any build, and of a small repo there may be few rows.
        told = re.sub(r"\d+ of \d+ rows: .*\n", "", done.stderr.removeprefix(f"{UNBUILT}\n"))
        assert (done.returncode, told) == (0, ""), f"{command}: {done.returncode}\n{told}"
        assert done.stdout, command
        printed[command] = done.stdout
    return printed
