"""Links, rows and rejects of a repo that is known to the last test."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import Dataset, run_build
from tests.links.shop import FILES, LINKS, REASONS
from tests.repos import FILE, make_repo


def make(path: Path) -> None:
    make_repo(path, {name.encode(): (FILE, text.encode()) for name, text in FILES.items()})


SETTINGS = ["dedup.threshold=1.0", "splits.validation=0.0", "splits.test=0.0"]


@pytest.fixture(scope="session")
def repo(once: Callable[..., Path]) -> Path:
    return once("tested-shop", make)


@pytest.fixture(scope="session")
def built(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return run_build(repo, tmp_path_factory.mktemp("links") / "out", *SETTINGS)


def links(dataset: Dataset) -> pl.DataFrame:
    return pl.read_parquet(dataset.folder / ".tunesmith" / "links.parquet")


def test_links(built):
    sure = links(built).filter(pl.col("confidence") >= 0.95)
    found = {(row["test_name"], row["qualified_name"]) for row in sure.to_dicts()}
    assert found == LINKS


def test_what_runs_through_a_helper_says_so(built):
    (link,) = links(built).filter(pl.col("test_name") == "test_made").filter(
        pl.col("qualified_name") == "total"
    ).to_dicts()  # fmt: skip
    assert "direct" not in link["evidence"]


def test_what_a_fixture_of_a_conftest_calls_is_no_direct_call(built):
    (link,) = links(built).filter(pl.col("test_name") == "test_add").filter(
        pl.col("qualified_name") == "Order.__init__"
    ).to_dicts()  # fmt: skip
    assert "called" in link["evidence"]
    assert "direct" not in link["evidence"]


def test_overloads_are_told_by_their_arguments(built):
    (link,) = links(built).filter(pl.col("qualified_name") == "Till.pay").to_dicts()
    assert link["start_line"] == 4


def test_the_first_is_what_a_test_is_about(built):
    first = links(built).filter(pl.col("rank") == 1)
    about = dict(zip(first["test_name"], first["qualified_name"], strict=True))
    assert about["test_total_of_nothing"] == "total"
    assert about["TestGet"] == "Store.Get"


def test_why_tests_are_left_out(built):
    rejects = [row for row in built.rejects() if row["stage"] == "test"]
    assert {row["detail"]: row["reason"] for row in rejects} == REASONS


def test_test_rows(built):
    rows = {
        row["provenance"]["path"]: row
        for row in built.rows("instructions")
        if row["task"] == "test" and "Order.add" in row["input"] + row["instruction"]
    }
    (row,) = rows.values()
    assert row["output"] == (
        "```python\ndef test_add(order):\n    assert order.add(3).lines == [1, 2, 3]\n```"
    )
    assert "class Order:" in row["input"]
    assert "Available: `order`." in row["input"]
    assert "tests/test_orders.py" in row["instruction"]


def test_outputs_stand_in_the_repo(built, repo):
    rows = [row for row in built.rows("instructions") if row["task"] in ("test", "test_first")]
    assert {row["task"] for row in rows} == {"test", "test_first"}
    for row in rows:
        place = row["provenance"]
        lines = (repo / place["path"]).read_text().split("\n")
        code = [line.strip() for line in lines[place["start_line"] - 1 : place["end_line"]]]
        output = [line.strip() for line in row["output"].split("\n")]
        if place["path"].startswith("tests/") or place["path"].startswith("src/"):
            assert set(code) - {""} <= set(output)


def test_imports_that_a_test_needs_and_no_others(built):
    row = next(row for row in built.rows("instructions")
               if row["task"] == "test" and row["output"].count("def test_bad_rate"))  # fmt: skip
    assert re.findall(r"(?m)^(?:from|import) .*", row["output"]) == [
        "import pytest",
        "import shop",
    ]


def test_together(repo, tmp_path):
    built = run_build(repo, tmp_path / "out", *SETTINGS, "tests.together=true")
    (row,) = [row for row in built.rows("instructions")
              if row["task"] == "test" and "def total" in row["input"]]  # fmt: skip
    assert row["output"].count("def test_") == 3


def test_same_bytes_for_any_number_of_workers(repo, built, tmp_path):
    other = run_build(repo, tmp_path / "out", *SETTINGS, workers=2)
    assert other.published() == built.published()
    assert links(other).equals(links(built))


def test_a_tier_needs_a_verified_dataset(repo, tmp_path):
    from corpus.errors import UsageError

    with pytest.raises(UsageError, match=r"tests\.verified"):
        run_build(repo, tmp_path / "out", "tests.tier=executed")
    with pytest.raises(UsageError, match="is not verified"):
        run_build(repo, tmp_path / "out", f"tests.verified={tmp_path}")


def test_held_out_code_is_not_shown_in_training(repo, tmp_path):
    built = run_build(repo, tmp_path / "out", "splits.validation=0.3", "splits.test=0.3")
    split = {row["provenance"]["path"]: row["split"] for row in built.rows("knowledge")}
    for row in built.rows("instructions"):
        if row["task"] == "test":
            shown = re.search(r"test of (.*?):", row["provenance"]["evidence"])[1]
            assert row["split"] == split[row["provenance"]["path"]]
            assert split[shown] in ("train", row["split"])
