"""A published dataset read back."""

from __future__ import annotations

import pytest
from datasets import Dataset, load_dataset

from corpus.errors import UsageError
from corpus.publish.read import HELD_OUT, read_manifest, read_rows


def write(folder, *texts):
    (folder / "knowledge").mkdir(parents=True, exist_ok=True)
    rows = Dataset.from_list([{"text": text} for text in texts])
    rows.to_parquet(folder / "knowledge" / "train-0.parquet")
    files = "data_files: [{split: train, path: knowledge/*.parquet}]"
    (folder / "README.md").write_text(
        f"---\nconfigs:\n- {{config_name: knowledge, {files}}}\n---\n"
    )
    return str(folder)


def test_a_folder_made_anew_is_read_anew(tmp_path):
    """The library would give what another folder of this name once held."""
    for texts in (["a", "b"], ["c"]):
        source = write(tmp_path / "x", *texts)
        assert [r["text"] for r in read_rows(source, "knowledge")] == texts
        load_dataset(source, "knowledge")  # as a user may, which keeps a copy
        other = write(tmp_path / texts[0] / "x", *texts)
        assert [r["text"] for r in read_rows(other, "knowledge")] == texts


def test_what_is_not_there(tmp_path):
    source = write(tmp_path / "x", "a")
    with pytest.raises(UsageError, match="has no knowledge rows in validation or test"):
        read_rows(source, "knowledge", HELD_OUT)
    with pytest.raises(UsageError, match="no instructions rows in") as fault:
        read_rows(source, "instructions")
    assert "\n" not in str(fault.value)
    assert read_manifest(source) == ({}, None)
