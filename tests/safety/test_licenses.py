# ruff: noqa: E501 - a row of a table reads better on one line
"""Licences: of headers, of files, of folders, and what a policy makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.errors import UsageError
from corpus.safety.licenses import LicensePolicy, identify, license_of_header, nearest
from corpus.safety.policy import Licenses
from tests.safety.test_build import MIT

HEADERS = [
    ("# SPDX-License-Identifier: MIT\nx = 1\n", "MIT"),
    ("/* SPDX-License-Identifier: GPL-2.0-only WITH Classpath-exception-2.0 */", "GPL-2.0-only WITH Classpath-exception-2.0"),
    ("// SPDX-License-Identifier: (Apache-2.0 OR MIT)\n", "Apache-2.0 OR MIT"),
    ("/*\n * Licensed under the Apache License, Version 2.0 (the\n * \"License\"); you may not", "Apache-2.0"),
    ("# This Source Code Form is subject to the terms of the Mozilla Public\n# License, v. 2.0.", "MPL-2.0"),
    (" * it under the terms of the GNU General Public License as published by\n * the Free Software Foundation; either version 2 of the License, or\n * (at your option) any later version.", "GPL-2.0-or-later"),
    ("# under the terms of the GNU Lesser General Public License version 2.1 as published", "LGPL-2.1-only"),
    ("".join(f"// {line}\n" for line in MIT.splitlines()), "MIT"),
    ("# released under the MIT License, see LICENSE\n", "MIT"),
    ('license = "see the file"\n', None),
    ("def license_of(path):\n    return None\n", None),
]  # fmt: skip


@pytest.mark.parametrize(("header", "license_"), HEADERS)
def test_headers(header, license_):
    assert license_of_header(header.encode()) == license_


def test_a_text_is_told_by_what_it_says():
    assert identify(MIT.encode()) == "MIT"
    assert identify(b"All rights reserved. Ask us.\n") is None


def test_the_nearest_licence_counts():
    licenses = {"": "MIT", "lib": "Apache-2.0", "lib/theirs": None}
    assert nearest("a.py", licenses) == nearest("src/deep/a.py", licenses) == "MIT"
    assert nearest("lib/a.py", licenses) == "Apache-2.0"
    assert nearest("lib/theirs/a.py", licenses) is None
    assert nearest("a.py", {}) is None


@pytest.mark.parametrize(
    ("allow", "deny", "forbidden"),
    [
        ([], [], []),
        ([], ["GPL-3.0-only"], ["GPL-3.0-only", "MIT AND GPL-3.0-only"]),
        (["MIT"], [], ["GPL-3.0-only", "MIT AND GPL-3.0-only", None]),
        (["MIT", "GPL-3.0-only"], [], [None]),
        (["MIT OR GPL-3.0-only"], [], ["MIT", "GPL-3.0-only", "MIT AND GPL-3.0-only", None]),
    ],
)
def test_policies(allow, deny, forbidden):
    policy = LicensePolicy(Licenses(allow=allow, deny=deny))
    all_ = ["MIT", "GPL-3.0-only", "MIT OR GPL-3.0-only", "MIT AND GPL-3.0-only", None]
    assert [license_ for license_ in all_ if policy.forbids(license_)] == forbidden


def test_what_is_no_expression():
    with pytest.raises(UsageError, match=r"safety\.licenses\.deny: 'Ours-1' is no SPDX expression"):
        LicensePolicy(Licenses(deny=["Ours-1"]))


def test_folders(tmp_path, build_dataset):
    """A file's own licence goes before its folder's, a folder's before those above it."""
    repo: Path = tmp_path / "repo"
    texts = {
        "LICENSE": MIT,
        "a.py": "def a(x):\n    return x + 1\n",
        "own/b.py": "# SPDX-License-Identifier: Apache-2.0\ndef b(x):\n    return x + 2\n",
        "odd/COPYING": "Ask us first.\n",
        "odd/c.py": "def c(x):\n    return x + 3\n",
    }
    for name, text in texts.items():
        (repo / name).parent.mkdir(parents=True, exist_ok=True)
        (repo / name).write_text(text)
    made = build_dataset(repo, tmp_path / "out")
    found = {row["path"]: row["license"] for row in made.rows("functions")}
    assert found == {"a.py": "MIT", "own/b.py": "Apache-2.0", "odd/c.py": None}
    assert made.summary["licenses"] == {"Apache-2.0": 1, "MIT": 1, "not known": 1}
    assert "| not known | 1 |" in (made.folder / "README.md").read_text()
