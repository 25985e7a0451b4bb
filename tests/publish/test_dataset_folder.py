"""The dataset folder as others see it: `datasets`, a chat trainer, the hub."""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256

import pyarrow as pa
import pytest
import yaml

from corpus.config import Pipeline
from corpus.schemas import EXAMPLE, KNOWLEDGE, PUBLISHED_FUNCTION
from tests.repos import git

SCHEMAS = {"knowledge": KNOWLEDGE, "instructions": EXAMPLE, "functions": PUBLISHED_FUNCTION}
SPLITS = ("train", "validation", "test")


@pytest.fixture(scope="module")
def load(tmp_path_factory):
    datasets = pytest.importorskip("datasets")
    cache = tmp_path_factory.mktemp("hf-cache")
    datasets.disable_progress_bars()

    def load(folder, *arguments, **options):
        return datasets.load_dataset(str(folder), *arguments, cache_dir=str(cache), **options)

    return load


@pytest.mark.parametrize("configuration", SCHEMAS)
def test_datasets_reads_every_configuration_and_split(shop_dataset, load, configuration):
    loaded = load(shop_dataset.folder, configuration)
    expected = Counter(row["split"] for row in shop_dataset.rows(configuration))
    assert {split: len(rows) for split, rows in loaded.items()} == expected
    assert set(loaded) == set(SPLITS)
    for split in SPLITS:
        rows = load(shop_dataset.folder, configuration, split=split)
        assert rows.column_names == SCHEMAS[configuration].names
        assert set(rows["split"]) == {split}
    ids = {row[f"{'function' if configuration == 'functions' else 'example'}_id"]
           for split in loaded.values() for row in split}  # fmt: skip
    assert len(ids) == sum(expected.values())


def test_messages_are_what_chat_trainers_read(shop_dataset, load):
    for row in load(shop_dataset.folder, "instructions", split="train"):
        assert [message["role"] for message in row["messages"]] == ["system", "user", "assistant"]
        assert all(message.keys() == {"role", "content"} for message in row["messages"])
        assert all(isinstance(m["content"], str) and m["content"] for m in row["messages"])


def test_a_message_without_words_is_left_out(shop, build_dataset, tmp_path):
    (tmp_path / "t" / "explain").mkdir(parents=True)
    for name in ("brief", "default", "newcomer", "path"):
        (tmp_path / "t" / "explain" / f"{name}.jinja").write_text(
            '{% extends "row.jinja" %}{% block system %}{% endblock %}{% block instruction %}Say.'
            "{% endblock %}{% block output %}{{ summary }}{% endblock %}"
        )
    made = build_dataset(shop, tmp_path / "out", tasks=["explain"], templates=str(tmp_path / "t"))
    rows = made.rows("instructions")
    assert len(rows) > 10
    for row in rows:
        assert row["messages"] == [
            {"role": "user", "content": "Say."},
            {"role": "assistant", "content": row["output"]},
        ]


@pytest.mark.parametrize("configuration", SCHEMAS)
def test_files_have_the_declared_schema(dataset, configuration):
    for table in dataset.tables(configuration):
        assert table.schema.equals(SCHEMAS[configuration], check_metadata=False)
        for field in SCHEMAS[configuration]:
            if not field.nullable:
                assert table[field.name].null_count == 0
    assert SCHEMAS[configuration].metadata.keys() == {b"record", b"version"}


def test_a_message_is_a_role_and_a_content():
    assert EXAMPLE.field("messages").type == pa.list_(
        pa.struct([("role", pa.string()), ("content", pa.string())])
    )


def test_files_are_named_as_datasets_names_them(dataset):
    for configuration in SCHEMAS:
        for split in SPLITS:
            files = sorted((dataset.folder / configuration).glob(f"{split}-*"))
            names = [f"{split}-{i:05d}-of-{len(files):05d}.parquet" for i in range(len(files))]
            assert [file.name for file in files] == names
            assert files


def test_card(shop_dataset, dataset):
    text = (dataset.folder / "README.md").read_text()
    head = yaml.safe_load(text.split("---\n")[1])
    assert [c["config_name"] for c in head["configs"]] == list(SCHEMAS)
    for configuration in head["configs"]:
        for entry in configuration["data_files"]:
            assert list(dataset.folder.glob(entry["path"])), entry
    assert dataset.commit in text
    assert f"| `{dataset.repo.name}`" in text or f"| {dataset.repo.name} |" in text
    for task, count in dataset.summary["examples"].items():
        assert f"| `{task}` | {count:,} |" in text
    for stage, reasons in dataset.summary["rejects"].items():
        for reason, count in reasons.items():
            assert f"| {stage} | {reason} | {count:,} |" in text


def test_manifest(dataset):
    manifest = json.loads((dataset.folder / "manifest.json").read_text())
    published = dataset.published()
    del published["manifest.json"]
    assert manifest["files"] == {
        name: {"bytes": len(content), "sha256": sha256(content).hexdigest()}
        for name, content in published.items()
    }
    figures = {key: value for key, value in dataset.summary.items() if key != "seconds"}
    assert manifest["figures"] == figures
    date = git(dataset.repo, "log", "-1", "--format=%cI").decode().strip()
    assert figures["repos"] == [{"name": dataset.repo.name, "commit": dataset.commit, "date": date}]
    assert manifest["pipeline"]["tasks"] == Pipeline().tasks
    assert manifest["pipeline"]["repos"] == [
        {"name": dataset.repo.name, "revision": dataset.commit}
    ]
    assert {"tunesmith", "tree-sitter", "tree-sitter-python", "pyarrow"} <= manifest[
        "versions"
    ].keys()
    assert "seconds" not in manifest


def test_what_is_not_published_is_hidden(dataset):
    assert {path.name for path in dataset.folder.iterdir()} == {
        "README.md", "manifest.json", "croissant.json", "knowledge", "instructions", "functions",
        "figures", ".tunesmith",
    }  # fmt: skip
    hidden = {path.name for path in (dataset.folder / ".tunesmith").iterdir()}
    assert hidden == {"rejects.parquet", "clusters.parquet", "links.parquet", "safety.json"}


@pytest.mark.parametrize("tasks", [["knowledge"], ["explain"], []])
def test_configurations_without_rows_are_not_named(shop, build_dataset, tmp_path, load, tasks):
    made = build_dataset(shop, tmp_path / "out", tasks=tasks)
    text = (made.folder / "README.md").read_text()
    named = [c["config_name"] for c in yaml.safe_load(text.split("---\n")[1])["configs"]]
    wanted = {"knowledge": ["knowledge"], "explain": ["instructions"]}
    assert named == [*(wanted[task][0] for task in tasks), "functions"]
    for configuration in named:
        assert len(load(made.folder, configuration, split="train")) > 0
    folders = {path.name for path in made.folder.iterdir() if path.is_dir()}
    assert folders == {*named, "figures", ".tunesmith"}


def test_one_file_goes_to_train(tmp_path, build_dataset, load):
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "a.py").write_text(
        'def double(value):\n    """Return the value two times over."""\n    return 2 * value\n'
    )
    made = build_dataset(tmp_path / "one", tmp_path / "out")
    for configuration in SCHEMAS:
        assert set(load(made.folder, configuration)) == {"train"}
