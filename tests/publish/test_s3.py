"""Publishing to S3 and reading there: the real client and a server of its protocol on loopback."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from corpus.config import Repo
from corpus.errors import UsageError
from corpus.publish.publish import publish
from corpus.safety.gate import load_scrubber
from corpus.sources import open_sources

pytest.importorskip("s3fs", reason="pip install s3fs, to publish to S3")
server = pytest.importorskip("moto.server", reason="pip install 'moto[s3,server]', S3 for tests")


@pytest.fixture
def bucket(monkeypatch) -> Iterator[str]:
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    try:
        host, port = running.get_host_and_port()
        for name, value in {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "tester",
            "AWS_SECRET_ACCESS_KEY": "of-tests",
            "AWS_DEFAULT_REGION": "us-east-1",
        }.items():
            monkeypatch.setenv(name, value)
        fsspec.filesystem("s3", skip_instance_cache=True).makedirs("/datasets", exist_ok=True)
        yield "s3://datasets"
    finally:
        running.stop()
        fsspec.filesystem("s3").clear_instance_cache()


def test_round_trip(bucket, shop_dataset, tmp_path):
    folder = Path(shutil.copytree(shop_dataset.folder, tmp_path / "data"))
    work = folder / ".tunesmith"

    def send(target: str) -> list[str]:
        done = publish(folder, target, load_scrubber(work), work)
        return [change.name for change in done.changes]

    target = f"{bucket}/team/shop"
    assert sorted(send(target)) == sorted(shop_dataset.published())
    fs, root = fsspec.core.url_to_fs(target)
    there = {path[len(root) :].lstrip("/"): fs.cat_file(path) for path in fs.find(root)}
    assert there == shop_dataset.published()
    assert send(target) == []


def test_a_bucket_is_read_as_a_folder(bucket, tmp_path):
    fsspec.filesystem("s3").pipe({"datasets/code/a.py": b"A = 1\n", "datasets/code/b/c.py": b""})
    (source,) = open_sources([Repo(where=f"{bucket}/code")], tmp_path)
    assert source.name == "datasets/code"
    assert [(entry.path, entry.size) for entry in source.entries()] == [("a.py", 6), ("b/c.py", 0)]
    with pytest.raises(UsageError, match=r"^s3://nobodys/code does not exist$"):
        open_sources([Repo(where="s3://nobodys/code")], tmp_path)
