"""A small repo for the command to read, and a place for what it makes."""

from __future__ import annotations

import pytest

from tests.repos import FILE, make_repo

SOURCE = b'def double(value):\n    """Return the value two times over."""\n    return 2 * value\n'


@pytest.fixture
def repo(tmp_path):
    made = tmp_path / "input" / "app"
    make_repo(made, {b"a.py": (FILE, SOURCE), b"notes.txt": (FILE, b"x\n")})
    return made


@pytest.fixture
def out(tmp_path):
    return tmp_path / "output" / "data"
