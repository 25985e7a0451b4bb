"""What tests of running need on the machine. It may be missing on a laptop, not in CI."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest


@pytest.fixture(scope="session")
def node() -> str:
    """Return a node that writes junit XML."""
    path = shutil.which("node")
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True) if path \
        else None  # fmt: skip
    lack = None
    if said is None or int(re.findall(r"\d+", said.stdout)[0]) < 20:
        lack = "needs node from version 20 up"
    elif shutil.which("bwrap") is None:
        lack = "needs bubblewrap (Debian: bubblewrap)"
    if lack and os.environ.get("CI") == "true":
        pytest.fail(lack)
    if lack:
        pytest.skip(lack)
    return str(path)
