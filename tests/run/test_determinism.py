from __future__ import annotations

import os
import shutil

import pytest

from corpus.publish import parquet
from tests.repos import git


@pytest.fixture
def small_files(monkeypatch):
    monkeypatch.setattr(parquet, "_GROUP_BYTES", 300_000)


@pytest.mark.usefixtures("small_files")
def test_workers_change_nothing(stdlib, build_dataset, tmp_path):
    one = build_dataset(stdlib, tmp_path / "a" / "data", workers=1)
    two = build_dataset(stdlib, tmp_path / "b" / "data", workers=2)
    assert len(one.tables("knowledge")) > 3
    assert _differences(one.published(), two.published()) == []
    assert one.rejects() == two.rejects()


def test_place_time_and_name_of_the_output_change_nothing(
    shop_dataset, shop, build_dataset, tmp_path, monkeypatch
):
    """The same commit at another path, built into a folder of another name, in another place."""
    clone = tmp_path / "elsewhere" / shop.name
    clone.parent.mkdir()
    git(tmp_path, "clone", "--quiet", str(shop), str(clone))
    (clone / "dirt.py").write_text("def dirt(): ...\n")
    monkeypatch.chdir(clone)
    for name, value in (("TZ", "Asia/Tokyo"), ("LC_ALL", "C"), ("HOME", str(tmp_path))):
        monkeypatch.setenv(name, value)
    made = build_dataset(".", tmp_path / "another name")
    assert _differences(made.published(), shop_dataset.published()) == []


def test_names_that_shards_have_do_not_reach_the_rows(shop, shop_dataset, build_dataset, tmp_path):
    bare = tmp_path / f"{shop.name}.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(shop), str(bare))
    made = build_dataset(bare, tmp_path / "data")
    assert _differences(made.published(), shop_dataset.published()) == []


def test_a_plain_folder_reads_the_same_wherever_it_lies(shop, build_dataset, tmp_path):
    published = []
    for number in range(2):
        copy = tmp_path / str(number) / "shop"
        shutil.copytree(shop / "py", copy, symlinks=True)
        for path in sorted(copy.rglob("*"), reverse=bool(number)):
            os.utime(path, (number, number), follow_symlinks=False)
        published.append(build_dataset(copy, tmp_path / f"out{number}").published())
    assert _differences(*published) == []


def test_no_path_of_this_machine_is_published(shop_dataset, tmp_path_factory):
    root = str(tmp_path_factory.getbasetemp()).encode()
    for name, content in shop_dataset.published().items():
        assert root not in content, name
    for configuration in ("functions", "knowledge", "instructions"):
        assert root.decode() not in str(shop_dataset.rows(configuration))


def test_a_seed_of_the_hash_changes_nothing(shop_dataset, shop, process, tmp_path):
    out = tmp_path / "data"
    done = process(
        "build", "--repo", shop, "--out", out, "--workers", "2", "--quiet",
        env={**os.environ, "PYTHONHASHSEED": "7"},
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    made = type(shop_dataset)(out, shop, {})
    assert _differences(made.published(), shop_dataset.published()) == []


def _differences(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
