"""The commands in the README and the docs do what they say: every one of them is run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = ("README.md", "docs/history.md", "docs/report.md")
TEXT = "\n".join((ROOT / page).read_text("utf-8") for page in PAGES)
BLOCKS = re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL)
COMMANDS = [line.removeprefix("$ ") for block in BLOCKS for line in block.splitlines()]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small repo that has what the README's commands name."""
    folder = tmp_path_factory.mktemp("readme")
    for name in ("corpus/languages/registry.py", "corpus/extract/sections.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((ROOT / name).read_bytes())
    readme = (ROOT / "README.md").read_text("utf-8")
    template = re.search(r"```jinja\n\{# (\S+) #\}\n(.*?)```", readme, re.DOTALL)
    assert template
    (folder / template[1]).parent.mkdir(parents=True)
    (folder / template[1]).write_text(template[2])
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-C", str(folder)]
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "add", "--all"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "first"], check=True)
    return folder


def test_readme_has_commands() -> None:
    assert len(COMMANDS) >= 8


def test_readme_commands(project: Path) -> None:
    """In their order: some look at what an earlier one made."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for command in COMMANDS:
        if command.startswith("make"):
            continue  # sets up an environment of its own: CI does
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=project,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (command, done.returncode, done.stderr) == (command, 0, "")
        assert done.stdout, command


def test_default_pipeline_says_the_defaults() -> None:
    from corpus.config import Pipeline
    from corpus.pipeline_file import load_pipeline

    assert load_pipeline(ROOT / "pipelines" / "default.yaml") == Pipeline()
