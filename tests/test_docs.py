"""The commands in the README and the docs do what they say: every one of them is run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.pages import ROOT, commands_of, run_commands
from tests.repos import FILE, git, make_repo

COMMANDS = commands_of("README.md", "docs/history.md", "docs/report.md", "docs/scale.md")
STATS = b'''def average(values):
    """Return the arithmetic mean of some values."""
    return sum(values) / len(values)
'''


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small repo that has what the README's commands name."""
    folder = tmp_path_factory.mktemp("readme") / "project"
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


def test_readme_has_commands() -> None:
    assert len(COMMANDS) >= 8


def test_readme_commands(project: Path) -> None:
    """In their order: some look at what an earlier one made."""
    # `make` sets up an environment of its own: CI does.
    printed = run_commands((c for c in COMMANDS if not c.startswith("make")), project)
    preview = next(text for command, text in printed.items() if "preview" in command)
    assert "Mend average the way our team does" in preview.replace("`", "")
    assert "max(len(values), 1)" in preview


def test_default_pipeline_says_the_defaults() -> None:
    from corpus.config import Pipeline
    from corpus.pipeline_file import load_pipeline

    assert load_pipeline(ROOT / "pipelines" / "default.yaml") == Pipeline()
