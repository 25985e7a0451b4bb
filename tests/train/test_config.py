# ruff: noqa: E501 - a row of a table reads better on one line
"""What a training file may say, and how its faults are named."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from corpus.errors import PipelineError
from corpus.pipeline_file import load_settings
from train.config import Stage, Training

ROOT = Path(__file__).parent.parent.parent

FAULTS = {
    "knowlege: {}": "{file}:1: unknown key 'knowlege'; did you mean 'knowledge'?",
    "knowledge:\n  method: lora\n  ranks: 8": "{file}:3: unknown key 'knowledge.ranks'; did you mean 'rank'?",
    "knowledge:\n  method: dora": "{file}:2: knowledge.method: input should be 'lora', 'qlora' or 'full', not 'dora'",
    "instruction:\n  rank: 0": "{file}:2: instruction.rank: input should be greater than 0",
    "instruction:\n  replay: 1": "{file}:2: instruction.replay: input should be less than 1",
    "join: sum": "{file}:1: join: input should be 'merge', 'continue' or 'mix', not 'sum'",
    "fim_rate: often": "{file}:1: fim_rate: input should be a valid number, not 'often'",
    "instruction:\n  method: qlora": "{file}: the file: join: merge would merge an adapter into a 4-bit base",
    "join: continue\nknowledge:\n  method: full": "{file}: the file: join: continue trains one adapter on",
}


@pytest.mark.parametrize("text", FAULTS)
def test_faults(text, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    with pytest.raises(PipelineError) as fault:
        load_settings(Training, file)
    assert str(fault.value).startswith(FAULTS[text].replace("{file}", str(file)))
    assert "\n" not in str(fault.value)


def test_what_is_set_on_the_command_line(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("knowledge:\n  epochs: 3.0\n  rank: 32\n")
    found = load_settings(Training, file, ["knowledge.rank=8", "trainer.report_to=tensorboard"])
    assert (found.knowledge.epochs, found.knowledge.rank) == (3, 8)
    assert found.trainer == {"report_to": "tensorboard"}
    with pytest.raises(
        PipelineError, match=r"^--set seeds: unknown key 'seeds'; did you mean 'seed'\?$"
    ):
        load_settings(Training, None, ["seeds=1"])


def test_the_shipped_file_says_the_defaults_all_of_them():
    path = ROOT / "pipelines" / "two_stage.yaml"
    assert load_settings(Training, path) == Training()
    said = yaml.safe_load(path.read_text())
    assert said.keys() == Training.model_fields.keys()
    for name in ("knowledge", "instruction"):
        assert said[name].keys() == Stage.model_fields.keys()
