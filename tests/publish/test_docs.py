"""The commands in the docs on safety and publishing do what they say; the hub is a test hub."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hub import running_hub
from tests.sources.shop_repo import FILE, make_repo

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("name", ["safety", "publishing"])
def test_commands(name, tmp_path):
    text = (ROOT / "docs" / f"{name}.md").read_text("utf-8")
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    commands = [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]
    assert len(commands) >= 2
    files = ("corpus/languages/registry.py", "corpus/extract/sections.py")
    repo = tmp_path / "repo"
    make_repo(repo, {file.encode(): (FILE, (ROOT / file).read_bytes()) for file in files})
    clean = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    with running_hub() as hub:
        environment = clean | hub.environment() | {
            "HF_HOME": str(tmp_path / "hf"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }  # fmt: skip
        for command in commands:
            done = subprocess.run(
                ["bash", "-c", command], cwd=repo, env=environment,
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert (command, done.returncode, done.stderr) == (command, 0, "")
            assert done.stdout, command
        if name == "publishing":
            assert list(hub.state.repos["team/shop"].tags) == ["v1", "v2"]
            assert (repo / "published" / "manifest.json").is_file()
