"""docs/templates.md: its commands run in their order, and its tables are true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from corpus.house.catalogue import SLOTS
from corpus.house.reference import with_variables
from corpus.render.environment import FILTERS
from corpus.render.header import Shape, _Header
from tests.pages import ROOT, commands_of, run_commands
from tests.repos import FILE, git, make_repo

TEXT = (ROOT / "docs" / "templates.md").read_text("utf-8")
COMMANDS = commands_of("docs/templates.md")
BEFORE = b'''import subprocess


def average(values):
    """Return the arithmetic mean of some values."""
    return sum(values) / len(values)


def archive(folder):
    """Pack a folder into an archive beside it."""
    subprocess.run(f"tar -cf {folder}.tar {folder}", shell=True)


def check_login(user, password):
    """Tell whether a user may come in, by name and password."""
    if not user or not verify(user, password):
        raise ValueError("who is this?")
    return True
'''
AFTER = BEFORE.replace(b"len(values)\n\n", b"max(len(values), 1)\n\n", 1)
TEST = b"""from stats import average


def test_average_of_nothing():
    assert average([]) == 0
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repo whose history holds a fix, and the template of the page."""
    folder = tmp_path_factory.mktemp("docs") / "project"
    make_repo(folder, {b"stats.py": (FILE, BEFORE)})
    (folder / "stats.py").write_bytes(AFTER)
    (folder / "test_stats.py").write_bytes(TEST)
    git(folder, "add", "--all")
    message = "Fix average crashing with a division by zero for an empty list"
    who = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    git(folder, *who, "commit", "--quiet", "--message", message)
    template = re.search(r"```jinja\n(\{#---.*?)```", TEXT, re.DOTALL)
    assert template
    (folder / "house" / "fix").mkdir(parents=True)
    (folder / "house" / "fix" / "ticket.jinja").write_text(template[1])
    return folder


def test_commands(project: Path) -> None:
    assert len(COMMANDS) >= 6
    printed = run_commands(COMMANDS, project)
    shown = next(text for command, text in printed.items() if "preview" in command)
    assert "Ticket for stats.py: " in shown
    assert "max(len(values), 1)" in shown
    import pyarrow.dataset

    rows = pyarrow.dataset.dataset(project / "corpus-guarded" / "instructions").to_table()
    assert "security" in rows["task"].to_pylist()


def test_variables_are_as_the_code_has_them() -> None:
    assert with_variables(TEXT) == TEXT, "python -m corpus.house.reference docs/templates.md"
    for slots in SLOTS.values():
        for name, meaning in slots.items():
            assert f"| `{name}` | {meaning} |" in TEXT


@pytest.mark.parametrize("name", [*_Header.model_fields, *Shape.model_fields])
def test_every_key_is_explained(name: str) -> None:
    assert f"| `{name}` |" in TEXT


@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_is_explained(name: str) -> None:
    assert re.search(rf"\| `{name}(\(\w+\))?` \|", TEXT)
