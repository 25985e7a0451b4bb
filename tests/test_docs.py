"""The commands in the README and the docs do what they say: every one of them is run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.pages import ROOT, commands_of, run_commands
from tests.repos import FILE, git, make_repo

BUILD = "tunesmith build --repo . --out corpus-out"
STATS = b'''def average(values):
    """Return the arithmetic mean of some values."""
    return sum(values) / len(values)
'''


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small repo that has what the README's commands name."""
    folder = tmp_path / "project"
    names = ("corpus/languages/registry.py", "corpus/extract/sections.py")
    files = {name.encode(): (FILE, (ROOT / name).read_bytes()) for name in names}
    make_repo(folder, {**files, b"stats.py": (FILE, STATS)})
    (folder / "stats.py").write_bytes(STATS.replace(b"len(values)", b"max(len(values), 1)"))
    who = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    message = "Fix average crashing with a division by zero for an empty list"
    git(folder, *who, "commit", "--quiet", "--all", "--message", message)
    readme = (ROOT / "README.md").read_text("utf-8")
    template = re.search(r"as\s+`(\S+\.jinja)`:\n\n```jinja\n(.*?)```", readme, re.DOTALL)
    assert template
    (folder / template[1]).parent.mkdir(parents=True)
    (folder / template[1]).write_text(template[2])
    return folder


def test_readme(project: Path) -> None:
    """In their order: some look at what an earlier one made."""
    # `make` sets up an environment of its own: CI does.
    commands = [command for command in commands_of("README.md") if not command.startswith("make")]
    assert BUILD in commands
    printed = run_commands(commands, project)
    preview = next(text for command, text in printed.items() if "preview" in command)
    assert "Fix average the way our team does" in preview.replace("`", "")
    assert "max(len(values), 1)" in preview
    # The quoted row, of one template: which one a build takes depends on the commit's id.
    command = "tunesmith templates preview fix/report --repo ."
    shown = run_commands([command], project)[command].rstrip()
    _, _, instruction, given, output = re.split(
        r"^(?:system|instruction|input|output)\n", shown, flags=re.M
    )
    quoted = re.sub("^> ?", "", (ROOT / "README.md").read_text("utf-8"), flags=re.MULTILINE)
    assert f"**instruction**: {' '.join(instruction.split())} **input**" in " ".join(quoted.split())
    assert f"**input**\n\n{given}\n**output**\n\n{output}\n" in quoted


@pytest.mark.parametrize("page", ["docs/history.md", "docs/report.md", "docs/scale.md"])
def test_pages(page: str, project: Path) -> None:
    """What they look at is what the README's first command makes."""
    commands = commands_of(page)
    assert commands
    run_commands([BUILD, *commands], project)


def test_default_pipeline_says_the_defaults() -> None:
    from corpus.config import Pipeline
    from corpus.pipeline_file import load_pipeline

    assert load_pipeline(ROOT / "pipelines" / "default.yaml") == Pipeline()
