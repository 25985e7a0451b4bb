"""What a Python needs to be seen in a sandbox, and what it can do there."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from corpus.errors import UsageError

_ASK = """
import importlib.util, json, os, sys
links, path = [], sys.executable
while os.path.islink(path):
    links.append(os.path.dirname(path))
    path = os.path.join(os.path.dirname(path), os.readlink(path))
folders = [sys.prefix, sys.base_prefix, *links, *(p for p in sys.path if os.path.isdir(p))]
has = [name for name in ("pytest", "pytest_cov") if importlib.util.find_spec(name)]
print(json.dumps({"folders": folders, "has": has, "version": sys.version}))
"""


def ask_interpreter(python: str) -> tuple[tuple[str, ...], str]:
    """Return the folders that an interpreter lives in, and its version.

    Raises UsageError for one that can't be run, or that has no pytest with pytest-cov.
    """
    try:
        done = subprocess.run(
            [python, "-c", _ASK], capture_output=True, text=True, check=True, cwd="/", timeout=60,
            # There is none in the sandbox; and what is relative in one would be taken from here.
            env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        )  # fmt: skip
        answer = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        raise UsageError(f"{python} is not a Python that runs") from None
    if missing := {"pytest", "pytest_cov"} - set(answer["has"]):
        names = " and ".join(sorted(name.replace("_", "-") for name in missing))
        raise UsageError(f"{python} has no {names}: install it beside what the repo's tests need")
    folders = sorted(dict.fromkeys(answer["folders"]), key=lambda folder: folder.count("/"))
    kept: list[str] = []
    for folder in folders:
        if not any(Path(folder).is_relative_to(other) for other in kept):
            kept.append(folder)
    return tuple(kept), str(answer["version"])
