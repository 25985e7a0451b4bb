"""What is linked anew when a repo changes: the tests whose calls may mean something else now."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.links.link import LinkStage
from tests.conftest import Dataset, run_build
from tests.repos import FILE, commit, git, make_repo

_ORDERS = """\
def total(order):
    return sum(order)


class Order:
    def close(self):
        return 1
"""
_TEST = """\
from orders import Order, total


def test_total_{0}():
    assert total([{0}]) == {0}


def test_close_{0}():
    order = Order()
    assert order.close() == {0}
"""
_FILES = 48  # of tests: several shards


def _files(orders: str = _ORDERS, more: str = "") -> dict[bytes, tuple[str, bytes]]:
    """Return a repo of one module and tests of it in several shards."""
    texts = {"src/orders.py": orders, "src/other.py": "def nothing():\n    return None\n" + more}
    for number in range(_FILES):
        texts[f"tests/of{number}/test_orders_{number}.py"] = _TEST.format(number)
    return {name.encode(): (FILE, text.encode()) for name, text in texts.items()}


@pytest.fixture
def linked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the shards that are linked, each as its number of test units."""
    counted: list[int] = []
    run = LinkStage.__call__

    def counting(self, tables, guard):
        counted.append(tables["test_units"].num_rows)
        return run(self, tables, guard)

    monkeypatch.setattr(LinkStage, "__call__", counting)
    return counted


def _build(repo: Path, tmp_path: Path, cache: str) -> Dataset:
    return run_build(repo, tmp_path / "out" / cache / git(repo, "rev-parse", "HEAD").decode()[:9],
                     cache=tmp_path / cache)  # fmt: skip


@pytest.mark.parametrize(
    ("orders", "more", "is_linked"),
    [
        (_ORDERS.replace("sum(order)", "0 + sum(order)"), "", False),
        ("import os\n\n\n" + _ORDERS, "", False),
        (_ORDERS + "\n\ndef uncalled():\n    return 2\n", "", False),
        (_ORDERS.replace("(order)", "(order, rate)"), "", True),
        (_ORDERS, "\n\nclass Order:\n    def close(self):\n        return 2\n", True),
    ],
)
def test_only_what_calls_may_mean_counts(tmp_path, linked, orders, more, is_linked):
    repo = tmp_path / "repo"
    make_repo(repo, _files())
    _build(repo, tmp_path, "cache")
    assert len(linked) > 1
    assert sum(linked) == 2 * _FILES
    linked.clear()
    commit(repo, _files(orders, more))
    warm = _build(repo, tmp_path, "cache")
    assert bool(linked) == is_linked
    cold = _build(repo, tmp_path, "other-cache")
    assert warm.published() == cold.published()
    links = [d.folder / ".tunesmith" / "links.parquet" for d in (warm, cold)]
    assert links[0].read_bytes() == links[1].read_bytes()
