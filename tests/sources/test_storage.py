"""Repos and folders in what fsspec has in place of a disk."""

from __future__ import annotations

from pathlib import Path

import fsspec
import pytest

from corpus.config import Repo
from corpus.errors import SourceError, UsageError
from corpus.sources import open_sources

CODE = b'def f(value):\n    """Return the value as it is."""\n    return value\n'


@pytest.fixture
def bucket(tmp_path) -> str:
    fsspec.filesystem("memory").pipe(
        {f"/{tmp_path.name}/code/{name}": CODE for name in ("a.py", "sub/deep/b.py")}
    )
    return f"memory://{tmp_path.name}"


def opened(where: str, scratch: Path, **repo: str):
    (source,) = open_sources([Repo(where=where, **repo)], scratch)
    return source


@pytest.mark.parametrize("end", ["/code", "/code/"])
def test_a_folder_is_read_as_one_on_disk(bucket, tmp_path, end):
    source = opened(bucket + end, tmp_path / "clones")
    assert (source.name, source.where) == (f"{tmp_path.name}/code", bucket + end)
    paths = [entry.path for entry in source.entries()]
    assert paths == ["a.py", "sub/deep/b.py"]
    assert [*source.reader.read([(path, None) for path in paths])] == [CODE, CODE]


def test_rows_name_the_address_and_never_the_copy(bucket, tmp_path, build_dataset):
    made = build_dataset(f"{bucket}/code", tmp_path / "out")
    assert {row["repo"] for row in made.rows("functions")} == {f"{tmp_path.name}/code"}
    for content in made.published().values():
        assert b"clones" not in content


def test_a_name_that_leads_out_is_refused(bucket, tmp_path):
    fsspec.filesystem("memory").pipe(f"/{tmp_path.name}/code/x/../../../out.py", CODE)
    with pytest.raises(SourceError, match=r"out\.py leads out of it"):
        opened(f"{bucket}/code", tmp_path / "clones")
    assert not [*tmp_path.rglob("*.py")]


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ("memory://nothing/here", "memory://nothing/here does not exist"),
        ("s4://bucket/code", "cannot open s4://bucket/code: Protocol not known: s4"),
        ("s4://key:secret@bucket/code", "cannot open s4://bucket/code: Protocol not known: s4"),
    ],
)
def test_what_cannot_be_had(where, says, tmp_path):
    with pytest.raises(UsageError, match=f"^{says}$"):
        opened(where, tmp_path)


def test_there_are_no_revisions(bucket, tmp_path):
    with pytest.raises(UsageError, match=r"is no git repo: it has no revisions$"):
        opened(f"{bucket}/code", tmp_path / "clones", revision="HEAD")


def test_what_breaks_off(bucket, tmp_path):
    (tmp_path / "clones" / "clone-0" / "a.py").mkdir(parents=True)
    with pytest.raises(SourceError, match=f"^cannot copy {bucket}/code: Is a directory$"):
        opened(f"{bucket}/code", tmp_path / "clones")
