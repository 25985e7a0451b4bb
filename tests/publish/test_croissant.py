"""The Croissant metadata, by the validator of those who made it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest


def test_croissant_is_valid_and_loads(shop_dataset):
    pytest.importorskip("mlcroissant")
    code = """
import mlcroissant
dataset = mlcroissant.Dataset(jsonld="croissant.json")
assert not dataset.metadata.ctx.issues.errors, dataset.metadata.ctx.issues.report()
print(sum(1 for _ in dataset.records("functions")))
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], cwd=shop_dataset.folder,
        env=os.environ | {"HOME": str(shop_dataset.folder.parent)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == len(shop_dataset.rows("functions"))
    data = json.loads((shop_dataset.folder / "croissant.json").read_text())
    assert [records["name"] for records in data["recordSet"]] == [
        "knowledge", "instructions", "functions",
    ]  # fmt: skip
