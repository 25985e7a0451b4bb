"""A build on a cluster of two nodes: the same bytes, also when a worker or a node is lost."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.conftest import Dataset

RAY = "engine=ray", "ray_address=auto"


TASKS = {"tasks": ["knowledge", "explain", "test"]}


@pytest.mark.usefixtures("ray_cluster")
def test_the_same_bytes_as_on_this_machine(shop, shop_dataset, tmp_path, build_dataset) -> None:
    made = build_dataset(shop, tmp_path / "out", *RAY)
    expected = shop_dataset.published()
    assert made.published() == expected
    again = build_dataset(shop, tmp_path / "again", cache=tmp_path / ".out.cache")
    assert again.published() == expected, "what one engine made is not what the other looks for"


@pytest.fixture(scope="module")
def local(stdlib: Path, tmp_path_factory: pytest.TempPathFactory, build_dataset) -> Dataset:
    return build_dataset(stdlib, tmp_path_factory.mktemp("local") / "out", **TASKS)


def _during(work: Callable[[], Any], trouble: Callable[[], None]) -> Any:
    """Return what ``work`` does while there is trouble, over and over."""
    done = threading.Event()

    def make_trouble() -> None:
        while not done.wait(1.0):
            trouble()

    thread = threading.Thread(target=make_trouble)
    thread.start()
    try:
        return work()
    finally:
        done.set()
        thread.join()


def _busy_workers() -> Iterator[psutil.Process]:
    for process in psutil.process_iter(["cmdline"]):
        if "ray::_run_shard" in " ".join(process.info["cmdline"] or ()):
            yield process


@pytest.mark.usefixtures("ray_cluster")
def test_workers_that_are_killed(stdlib, local, tmp_path, build_dataset) -> None:
    killed = []

    def kill() -> None:
        for process in list(_busy_workers())[:1]:
            if len(killed) < 3:
                os.kill(process.pid, signal.SIGKILL)
                killed.append(process.pid)

    made = _during(lambda: build_dataset(stdlib, tmp_path / "ray", *RAY, **TASKS), kill)
    assert killed
    assert made.published() == local.published()
    assert made.rejects() == local.rejects()


def test_a_node_that_is_lost(stdlib, local, tmp_path, build_dataset, ray_cluster) -> None:
    lost = []
    node = ray_cluster.add_node(num_cpus=1)
    ray_cluster.wait_for_nodes()

    def lose() -> None:
        if not lost and list(_busy_workers()):
            time.sleep(1)
            ray_cluster.remove_node(node, allow_graceful=False)
            lost.append(node)

    made = _during(lambda: build_dataset(stdlib, tmp_path / "ray", *RAY, **TASKS), lose)
    assert lost
    assert made.published() == local.published()
