"""Fixes as a choice between two answers."""

from __future__ import annotations

import json

import pytest
from datasets import load_dataset

from corpus.publish.trainers import export_data
from tests.history.story import make_story


@pytest.fixture(scope="module")
def built(build_dataset, tmp_path_factory):
    folder = tmp_path_factory.mktemp("preferred")
    commits = make_story(folder / "repo")
    tasks = "tasks=['knowledge', 'fix', 'preferences']"
    return build_dataset(folder / "repo", folder / "data", tasks), commits


def test_rows_load_as_a_trainer_reads_them(built, tmp_path):
    dataset, commits = built
    rows = load_dataset(str(dataset.folder), "preferences", cache_dir=str(tmp_path))
    row = next(r for s in rows.values() for r in s if r["provenance"]["commit"] == commits["fix"])
    assert [message["role"] for message in row["prompt"]] == ["system", "user"]
    asked = row["prompt"][1]["content"]
    assert "wrong total of an order with empty lines" in asked
    assert "def total(lines, rate):" in asked
    assert "def test_lines_without_items_are_passed_over" in asked
    assert "for number, price in lines" not in asked
    ((better,), (worse,)) = row["chosen"], row["rejected"]
    assert better["role"] == worse["role"] == "assistant"
    assert better["content"].replace("number <= 0", "number < 0") == worse["content"]
    assert better["content"] != worse["content"]


def test_rows_are_those_of_fixes_and_in_their_split(built):
    dataset, commits = built
    rows = {r["provenance"]["commit"]: r for r in dataset.rows("preferences")}
    changes = {r["commit"]: r["split"] for r in dataset.rows("changes")}
    assert rows.keys() == {commits["fix"], commits["crash"]}
    assert all(row["split"] == changes[commit] for commit, row in rows.items())
    assert {row["source"] for row in rows.values()} == {"history"}
    assert dataset.summary["examples"]["preferences"] == 2


def test_card_and_manifest_know_them(built):
    published = built[0].published()
    assert b"config_name: preferences" in published["README.md"]
    files = json.loads(published["manifest.json"])["files"]
    assert [name for name in files if name.startswith("preferences/")]
    assert b'"preferences/*.parquet"' in published["croissant.json"]


ANSWER = {"role", "content"}


@pytest.mark.parametrize(
    ("trainer", "columns"),
    [
        ("trl", {"prompt", "chosen", "rejected"}),
        ("axolotl", {"messages", "chosen", "rejected"}),
        ("llama-factory", {"messages", "chosen", "rejected"}),
        ("sharegpt", {"conversations", "chosen", "rejected"}),
        ("alpaca", {"system", "instruction", "input", "chosen", "rejected"}),
    ],
)
def test_every_trainer_gets_its_form(built, tmp_path, trainer, columns):
    made = export_data(str(built[0].folder), trainer, tmp_path)
    files = [path for path in made if path.name.startswith("preferences-")]
    rows = [json.loads(line) for path in files for line in path.read_text().splitlines()]
    assert len(rows) == 2
    for row in rows:
        assert row.keys() == columns
        answers = [row["chosen"], row["rejected"]]
        answers = [a[0] if isinstance(a, list) else a for a in answers]
        texts = [a if isinstance(a, str) else a.get("content", a.get("value")) for a in answers]
        assert all(text.startswith("```python\n") for text in texts)
        assert texts[0] != texts[1]
    if trainer == "llama-factory":
        info = json.loads((tmp_path / "dataset_info.json").read_text())
        assert all(info[path.stem.replace("-", "_")]["ranking"] is True for path in files)


def test_they_are_made_when_asked_for(built, build_dataset, tmp_path):
    assert not (build_dataset(built[0].repo, tmp_path / "data").folder / "preferences").exists()
