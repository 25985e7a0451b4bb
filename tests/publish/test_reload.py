"""A folder that is built again loads as it is now: `datasets` keeps copies by a folder's name."""

from __future__ import annotations

import datasets


def test_a_dataset_in_the_place_of_another_loads_as_itself(
    shop, build_dataset, tmp_path, monkeypatch
):
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "copies")
    found = []
    for number, setting in enumerate(("tasks=[explain]", "tasks=[explain, document]")):
        build_dataset(shop, tmp_path / "data", setting, cache=tmp_path / "cache")
        rows = datasets.load_dataset(str(tmp_path / "data"), "instructions", split="train")
        found.append(set(rows["task"]))
        (tmp_path / "data").rename(tmp_path / f"old{number}")
    assert found == [{"explain"}, {"explain", "document"}]
