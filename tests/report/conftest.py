from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpus.report.page import write_report
from tests.report import chromium


@pytest.fixture(scope="session")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[chromium.Page]:
    """Return a tab of a real browser. It may be missing on a laptop, not in CI."""
    if chromium.find() is None:
        assert not os.environ.get("CI"), "no chromium: .ci/run installs it"
        pytest.skip("no chromium: apt-get install chromium")
    with chromium.browser(tmp_path_factory.mktemp("chromium")) as page:
        yield page


@pytest.fixture
def altered(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that copies a dataset folder with other ``instructions``."""

    def alter(folder: Path, change: Callable[[pa.Table], pa.Table]) -> Path:
        copy = shutil.copytree(folder, tmp_path / "altered")
        files = sorted((copy / "instructions").glob("*.parquet"))
        rows = change(pa.concat_tables(pq.read_table(file) for file in files))
        for file in files[1:]:
            file.unlink()
        pq.write_table(rows, files[0])
        return copy

    return alter


@pytest.fixture(scope="session")
def written(tmp_path_factory):
    """Return a function that writes the report of a dataset once."""
    folder = tmp_path_factory.mktemp("reports")

    def write(dataset):
        path = folder / f"{dataset.folder.name}.html"
        return path if path.exists() else write_report(dataset.folder, path)

    return write


@pytest.fixture
def shop_page(tab, written, shop_dataset):
    tab.open(written(shop_dataset))
    return tab
