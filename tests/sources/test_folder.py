from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import pytest

FUNCTION = 'def f(value):\n    """Return the value as it is."""\n    return value\n'


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "plain"
    (made / "sub").mkdir(parents=True)
    (made / "a.py").write_text(FUNCTION)
    (made / "sub" / "b.py").write_text(FUNCTION.replace("f(", "g("))
    (made / ".hg").mkdir()
    (made / ".hg" / "hidden.py").write_text("X = 1\n")
    return made


def _reasons(dataset) -> dict[str, str]:
    return {
        row["path"]: row["reason"]
        for row in dataset.rejects()
        if row["stage"] in ("paths", "files")
    }


def test_plain_folder(folder, build_dataset, tmp_path):
    made = build_dataset(folder, tmp_path / "out")
    rows = made.rows("functions")
    assert {(row["repo"], row["commit"], row["path"]) for row in rows} == {
        ("plain", None, "a.py"), ("plain", None, "sub/b.py"),
    }  # fmt: skip
    assert _reasons(made) == {}


def test_special_files_are_named_and_never_opened(folder, build_dataset, tmp_path):
    os.mkfifo(folder / "pipe.py")
    (folder / "link.py").symlink_to("a.py")
    (folder / "loop").symlink_to(".")
    (folder / "gone.py").symlink_to("nowhere.py")
    made = build_dataset(folder, tmp_path / "out")
    assert _reasons(made) == {
        "pipe.py": "special", "link.py": "symlink", "loop": "symlink", "gone.py": "symlink",
    }  # fmt: skip


@pytest.fixture
def nobody(folder):
    """Give the folder to somebody whom modes bind, and be them for a while: root reads all."""
    with tempfile.TemporaryDirectory() as made:
        shutil.copytree(folder, f"{made}/plain")
        if os.geteuid():
            yield Path(made)
            return
        for path in (made, *Path(made).rglob("*")):
            os.chown(path, 65534, 65534)
        os.seteuid(65534)
        try:
            yield Path(made)
        finally:
            os.seteuid(0)


def test_unreadable_file(nobody, build_dataset):
    (nobody / "plain" / "a.py").chmod(0)
    assert _reasons(build_dataset(nobody / "plain", nobody / "out")) == {"a.py": "unreadable"}


def test_unreadable_folder_is_not_passed_over_in_silence(nobody, build_dataset):
    (nobody / "plain" / "sub").chmod(0)
    made = build_dataset(nobody / "plain", nobody / "out")
    assert _reasons(made) == {"sub": "unreadable"}


def test_file_that_vanishes_between_listing_and_reading(
    folder, build_dataset, tmp_path, monkeypatch
):
    from corpus.run import build as module

    planned = module.plan

    def plan(*arguments):
        made = planned(*arguments)
        (folder / "a.py").unlink()
        return made

    monkeypatch.setattr(module, "plan", plan)
    made = build_dataset(folder, tmp_path / "out")
    assert _reasons(made) == {"a.py": "unreadable"}
    assert Counter(row["path"] for row in made.rows("functions")) == {"sub/b.py": 1}


def test_path_that_is_not_text(folder, build_dataset, tmp_path):
    for name in (b"bad\xff.py", b"bad\xfe.py"):
        with open(os.path.join(os.fsencode(folder), name), "w") as file:  # noqa: PTH118, PTH123
            file.write(FUNCTION)
    made = build_dataset(folder, tmp_path / "out")
    rejects = [r for r in made.rejects() if r["stage"] in ("paths", "files")]
    assert [(r["path"], r["reason"]) for r in rejects] == [("bad\ufffd.py", "path_encoding")] * 2


def test_the_output_folder_is_not_read(folder, build_dataset, tmp_path):
    """A dataset inside the folder that it is made of does not show in the next one."""
    made = build_dataset(folder, folder / "out")
    again = build_dataset(folder, folder / "out2")
    assert again.summary["paths"] == made.summary["paths"] == 2


def test_empty_folder_name(build_dataset, tmp_path, folder, monkeypatch):
    monkeypatch.chdir(folder)
    made = build_dataset(".", tmp_path / "out")
    assert {row["repo"] for row in made.rows("functions")} == {"plain"}
