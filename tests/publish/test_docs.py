"""The commands in the docs on safety and publishing do what they say; the hub is a test hub."""

from __future__ import annotations

import os

import pytest

from tests.hub import running_hub
from tests.pages import ROOT, commands_of, run_commands
from tests.repos import FILE, make_repo


@pytest.mark.parametrize("name", ["safety", "publishing"])
def test_commands(name, tmp_path):
    commands = commands_of(f"docs/{name}.md")
    assert len(commands) >= 2
    files = ("corpus/languages/registry.py", "corpus/extract/sections.py")
    repo = tmp_path / "repo"
    make_repo(repo, {file.encode(): (FILE, (ROOT / file).read_bytes()) for file in files})
    clean = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    with running_hub() as hub:
        environment = clean | hub.environment() | {"HF_HOME": str(tmp_path / "hf")}
        run_commands(commands, repo, environment)
        if name == "publishing":
            assert list(hub.state.repos["team/shop"].tags) == ["v1", "v2"]
            assert (repo / "published" / "manifest.json").is_file()
