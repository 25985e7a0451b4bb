"""Publishing to a folder, and to what fsspec has in place of one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import fsspec
import pytest

from corpus.errors import TunesmithError, UsageError
from corpus.publish.publish import Published, publish
from corpus.safety.gate import load_scrubber


@pytest.fixture
def folder(shop_dataset, tmp_path) -> Path:
    return Path(shutil.copytree(shop_dataset.folder, tmp_path / "data"))


@pytest.fixture(params=["folder", "memory"])
def target(request, tmp_path) -> str:
    if request.param == "folder":
        return str(tmp_path / "deep" / "there")
    return f"memory://{tmp_path.name}/there"


def send(folder: Path, target: str, **options) -> Published:
    work = folder / ".tunesmith"
    return publish(folder, target, load_scrubber(work), work, **options)


def there(target: str) -> dict[str, bytes]:
    fs, root = fsspec.core.url_to_fs(target)
    return {path[len(root) :].lstrip("/"): fs.cat_file(path) for path in fs.find(root)}


def change(folder: Path, configuration: str) -> None:
    """Take a configuration away, as a later build may."""
    shutil.rmtree(folder / configuration)
    manifest = json.loads((folder / "manifest.json").read_text())
    files = manifest["files"].items()
    manifest["files"] = {n: f for n, f in files if not n.startswith(configuration)}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_round_trip(folder, target, shop_dataset):
    done = send(folder, target, dry_run=True)
    assert (len(done.changes), done.revision) == (len(shop_dataset.published()), None)
    assert there(target) == {}
    send(folder, target)
    assert there(target) == shop_dataset.published()
    assert send(folder, target).changes == []
    change(folder, "knowledge")
    changes = send(folder, target).changes
    assert {change.what for change in changes if change.name != "manifest.json"} == {"delete"}
    assert not any(name.startswith("knowledge") for name in there(target))


def test_what_others_did_is_not_written_over(folder, target, tmp_path):
    send(folder, target)
    other = Path(shutil.copytree(folder, tmp_path / "other"))
    change(other, "knowledge")
    send(other, target)
    change(folder, "functions")
    before = there(target)
    with pytest.raises(TunesmithError, match="was changed by others") as refused:
        send(folder, target)
    assert there(target) == before
    send(folder, target, onto=str(refused.value).split()[-5])
    assert there(target) != before


def test_a_place_that_holds_something_else(folder, target):
    fs, root = fsspec.core.url_to_fs(target)
    fs.makedirs(root)
    fs.pipe_file(f"{root}/notes.txt", b"mine")
    with pytest.raises(UsageError, match="holds something else"):
        send(folder, target)
    assert there(target) == {"notes.txt": b"mine"}


def test_a_copy_that_broke_off_is_finished(folder, target, monkeypatch, shop_dataset):
    fs, _ = fsspec.core.url_to_fs(target)
    put, sent = type(fs).put_file, []

    def fail(self, path, *arguments, **options):
        if len(sent) == 4:
            raise OSError(28, "No space left on device")
        sent.append(path)
        return put(self, path, *arguments, **options)

    monkeypatch.setattr(type(fs), "put_file", fail)
    with pytest.raises(TunesmithError, match="No space left on device"):
        send(folder, target)
    assert "manifest.json" not in there(target)
    monkeypatch.undo()
    send(folder, target)
    assert there(target) == shop_dataset.published()


def test_no_such_protocol(folder):
    with pytest.raises(UsageError, match="nosuch"):
        send(folder, "nosuch://bucket/x")
