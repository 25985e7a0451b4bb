"""The commands around training: what they print, write and refuse."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
import yaml
from datasets import load_dataset
from huggingface_hub import constants

from corpus.cli import main
from corpus.publish.read import read_splits
from tests.train.conftest import settings
from train.models import load_encoder
from train.run import Run, plan
from train.stage import stages_done


@pytest.fixture
def flags(base, corpus_folder, tmp_path):
    return ["--data", str(corpus_folder), "--model", str(base), "--out", str(tmp_path / "out")]


def test_the_plan_is_what_is_then_trained(trained, base, corpus_folder):
    made = plan(Run(settings(), str(corpus_folder), str(base), trained / "not-made"))
    for name, figures in stages_done(trained).items():
        assert {key: made[name][key] for key in figures if key != "losses"} == {
            key: value for key, value in figures.items() if key != "losses"
        }
    assert not (trained / "not-made").exists()


def test_dry_run(flags, tmp_path, capsys):
    assert main(["train", *flags, "--dry-run", "--set", "sequence_length=512"]) == 0
    shown = capsys.readouterr().out
    for word in ("knowledge", "instruction", "tokens", "steps", "trained parameters", "memory"):
        assert word in shown
    assert not (tmp_path / "out").exists()


def test_preview_shows_what_carries_loss_in_colour(flags, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    parts = {}
    for stage in ("knowledge", "instruction"):
        short = [
            "--stage",
            stage,
            "--set",
            "sequence_length=512",
            "fim_rate=0",
            f"{stage}.replay=0",
        ]
        assert main(["train", *flags, "--preview", "1", *short]) == 0
        shown = capsys.readouterr().out
        styles = {"learnt": r"1;32", "rest": "2"}
        parts[stage] = {
            name: "".join(re.findall(rf"\x1b\[{style}m([^\x1b]*)", shown))
            for name, style in styles.items()
        }
    learnt, rest = parts["instruction"].values()
    assert "<|im_start|>assistant" in rest
    assert "<|im_start|>" not in learnt
    assert learnt.count("<|im_end|>") == rest.count("<|im_start|>assistant") > 0
    learnt, rest = parts["knowledge"].values()
    assert len(rest) < len(learnt) / 20  # the first token of every document
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--set", "knowledge.ranks=3"], "unknown key 'knowledge.ranks'; did you mean 'rank'?"),
        (["--set", "trainer.epochs=3"], "unexpected keyword argument 'epochs'"),
        (["--set", "sequence_length=16"], "fits into 16 tokens"),
        (["--model", "nowhere/at-all"], "no tokenizer in nowhere/at-all"),
        (["--model", "./absent"], "no model in ./absent: there is no such folder"),
        (["--data", "nowhere/at-all"], "no knowledge rows in nowhere/at-all"),
    ],
)
def test_faults_are_one_line(flags, more, message, capsys):
    assert main(["train", *flags, *more]) == 2
    said = capsys.readouterr().err
    assert said.startswith("tunesmith: error: ")
    assert message in said
    assert said.count("\n") == 1


def test_a_hub_out_of_reach_is_tried_once(flags, capsys, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:1")
    assert main(["train", *flags, "--model", "nope"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("tunesmith: error: no tokenizer in nope: ")
    assert said.count("\n") == 1
    assert constants.HF_HUB_OFFLINE


def test_without_the_extra_it_says_what_to_install(flags):
    hidden = "import sys; sys.modules['torch'] = None; from corpus.cli import main"
    code = f"{hidden}; sys.exit(main({['train', *flags]}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'tunesmith[train]'" in done.stderr
    assert done.stderr.count("\n") == 1


def test_export_says_how_to_make_a_gguf(trained, tmp_path, capsys):
    assert main(["export", str(trained), "--out", str(tmp_path / "whole")]) == 0
    assert "convert_hf_to_gguf.py" in capsys.readouterr().out
    assert (tmp_path / "whole" / "model.safetensors").exists()


ROWS = {
    "axolotl": {"messages"},
    "llama-factory": {"messages"},
    "trl": {"messages"},
    "alpaca": {"system", "instruction", "input", "output"},
    "sharegpt": {"conversations"},
}


@pytest.mark.parametrize("trainer", ROWS)
def test_export_data(trainer, corpus_folder, tmp_path, capsys):
    out = tmp_path / "data"
    assert main(["export-data", str(corpus_folder), "--for", trainer, "--out", str(out)]) == 0
    printed = capsys.readouterr().out.split()
    assert {str(path) for path in out.iterdir()} == set(printed)
    for configuration, columns in (("knowledge", {"text"}), ("instructions", ROWS[trainer])):
        source = read_splits(str(corpus_folder), configuration)
        for split, rows in ((split, list(rows)) for split, rows in source.items()):
            lines = (out / f"{configuration}-{split}.jsonl").read_text("utf-8").split("\n")[:-1]
            assert len(lines) == len(rows)
            written = [json.loads(line) for line in lines]
            assert all(row.keys() == columns for row in written)
            if configuration == "instructions":
                expected = [row["output"] for row in rows]
                assert [_answer(trainer, row) for row in written] == expected


def _answer(trainer, row):
    if trainer == "alpaca":
        return row["output"]
    if trainer == "sharegpt":
        assert row["conversations"][-1]["from"] == "gpt"
        return row["conversations"][-1]["value"]
    return row["messages"][-1]["content"]


def test_what_stands_beside_the_rows(corpus_folder, tmp_path):
    for trainer in ("llama-factory", "axolotl"):
        out = tmp_path / trainer
        assert main(["export-data", str(corpus_folder), "--for", trainer, "--out", str(out)]) == 0
    info = json.loads((tmp_path / "llama-factory" / "dataset_info.json").read_text())
    assert info["instructions_train"]["formatting"] == "sharegpt"
    assert info["knowledge_train"] == {
        "file_name": "knowledge-train.jsonl",
        "columns": {"prompt": "text"},
    }
    assert all(
        (tmp_path / "llama-factory" / entry["file_name"]).exists() for entry in info.values()
    )
    named = yaml.safe_load((tmp_path / "axolotl" / "datasets.yaml").read_text())["datasets"]
    assert [entry["type"] for entry in named] == ["completion", "chat_template"]


def test_export_data_of_nothing(tmp_path, capsys):
    assert main(["export-data", str(tmp_path), "--for", "trl", "--out", str(tmp_path / "o")]) == 2
    assert capsys.readouterr().err.startswith("tunesmith: error: no knowledge rows in")


@pytest.mark.filterwarnings("ignore:.gradient_checkpointing. is deprecated")  # TRL 1.16 asks
def test_trl_trains_on_what_is_exported(corpus_folder, base, tmp_path):
    """TRL reads both kinds of rows as they are."""
    import trl

    out = tmp_path / "data"
    assert main(["export-data", str(corpus_folder), "--for", "trl", "--out", str(out)]) == 0
    for name in ("knowledge", "instructions"):
        rows = load_dataset("json", data_files=str(out / f"{name}-train.jsonl"), split="train")
        arguments = trl.SFTConfig(
            str(tmp_path / name), max_steps=1, report_to="none", bf16=False, use_cpu=True,
            per_device_train_batch_size=1, max_length=64, disable_tqdm=True, save_strategy="no",
        )  # fmt: skip
        trainer = trl.SFTTrainer(
            str(base), args=arguments, train_dataset=rows.select(range(4)),
            processing_class=load_encoder(str(base)).tokenizer,
        )  # fmt: skip
        trainer.train()
        assert trainer.state.global_step == 1
