"""A run of both stages, from end to end: killed, resumed, exported, reloaded."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from statistics import fmean

import pytest
import torch
from peft import AutoPeftModelForCausalLM, PeftConfig, PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig, Trainer

import train.models
import train.run
import train.stage
from corpus.errors import UsageError
from tests.train.conftest import SHORT, logits, settings, train_short
from train.models import load_model
from train.run import Run, export
from train.stage import stages_done

TEXT = "def size(self):\n    return len(self._items)\n"


@pytest.fixture(scope="module")
def stacked(trained, base):
    """Return the model as stage 2 trained it: its adapter on the base with stage 1 merged."""
    model = load_model(str(base))
    for stage in ("knowledge", "instruction"):
        folder = trained / "stages" / stage
        model = PeftModel.from_pretrained(model, folder).merge_and_unload()
    return model


def test_the_result_is_one_adapter_on_the_base(trained, base, stacked, tokenizer):
    config = PeftConfig.from_pretrained(trained)
    assert config.base_model_name_or_path == str(base)
    assert config.r == 8 + 4
    ids = tokenizer(TEXT)["input_ids"]
    found = logits(AutoPeftModelForCausalLM.from_pretrained(trained), ids)
    torch.testing.assert_close(found, logits(stacked, ids), atol=1e-4, rtol=0)
    apart = (logits(load_model(str(base)), ids) - found).abs().max()
    assert apart > 0.01  # it learnt something that could be lost


def test_the_export_is_whole_weights(trained, stacked, tokenizer, tmp_path):
    export(trained, tmp_path / "merged")
    model, ids = AutoModelForCausalLM.from_pretrained(tmp_path / "merged"), tokenizer(TEXT)
    assert next(model.parameters()).dtype == torch.float32
    found, expected = (logits(one, ids["input_ids"]) for one in (model, stacked))
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)
    assert AutoTokenizer.from_pretrained(tmp_path / "merged").chat_template


def test_each_stage_learns_what_it_should(trained):
    figures = stages_done(trained)
    assert list(figures) == ["knowledge", "instruction"]
    for stage in figures.values():
        losses = [loss for _, loss in stage["losses"]]
        assert fmean(losses[len(losses) // 2 :]) < fmean(losses[: len(losses) // 4])
        assert len(losses) == stage["steps"] > 4
        assert stage["replayed"] > 0
    assert figures["knowledge"]["rows"] > 0
    assert figures["instruction"]["loss_tokens"] < figures["instruction"]["tokens"] / 2


def test_what_stands_in_the_folder(trained, base, corpus_folder):
    assert (trained / "loss.png").read_bytes()[:4] == b"\x89PNG"
    card = (trained / "README.md").read_text()
    run = json.loads((trained / "run.json").read_text())
    assert run["manifest_sha256"] in card
    assert str(base) in card
    samples = json.loads((trained / "samples.json").read_text())
    assert samples.keys() == {"explain", "document", "implement"}
    assert all(f"## Sample: {task}" in card for task in samples)
    for stage in ("knowledge", "instruction"):
        folder = trained / "stages" / stage
        assert json.loads((folder / "trainer_state.json").read_text())["global_step"] > 0
        assert not list(folder.glob("checkpoint-*"))
    assert "<|im_start|>" in AutoTokenizer.from_pretrained(trained).chat_template
    ends = GenerationConfig.from_pretrained(trained).eos_token_id
    assert len(ends) == 2


def weights(folder: Path) -> dict[str, dict[str, torch.Tensor]]:
    files = sorted(folder.rglob("*.safetensors"))
    return {file.relative_to(folder).as_posix(): load_file(file) for file in files}


KILLS = [  # killed at the n-th call, each a run of its own over what the ones before left
    (Trainer, "training_step", 3),  # before anything was saved
    (Trainer, "training_step", 7),  # between two saves
    (Trainer, "_save_rng_state", 1),  # while saving: a torn checkpoint is the newest
    (train.stage, "finish_stage", 1),  # trained, not written
    (train.run, "_start", 1),  # between the stages
    (Trainer, "_save_rng_state", 2),
    (Trainer, "training_step", 2),
    (train.models, "join_adapters", 1),  # all trained, no result yet
    (train.run, "write_card", 1),
]


def test_a_killed_run_goes_on_and_ends_with_the_same_weights(
    trained, base, corpus_folder, tmp_path
):
    run = Run(settings(), str(corpus_folder), str(base), tmp_path / "out")
    for where, name, call in KILLS:
        killed(run, where, name, call)
    train.run.train(run)
    expected, found = weights(trained), weights(run.out)
    assert found.keys() == expected.keys()
    for file, tensors in expected.items():
        assert tensors.keys() == found[file].keys()
        assert all(torch.equal(tensors[key], found[file][key]) for key in tensors), file
    assert stages_done(run.out) == stages_done(trained)
    assert (run.out / "README.md").exists()


def killed(run, where, name, call):
    """Do the run in a process of its own, which kills itself at a call."""
    child = os.fork()
    if child == 0:
        try:
            _die_at(where, name, call)
            train.run.train(run)
        finally:
            os._exit(1)  # not killed: below, that is a fault
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), (name, call, status)
    assert os.WTERMSIG(status) == signal.SIGKILL


def test_a_kill_once_the_second_of_two_runs_is_trained(small_corpus, base, tmp_path):
    """The result of the first run is there, and must not be taken for the second's."""
    train_short(small_corpus, base, tmp_path / "out", "knowledge")
    second = Run(settings(**SHORT), str(small_corpus), str(base), tmp_path / "out", "instruction")
    killed(second, train.models, "join_adapters", 1)
    assert PeftConfig.from_pretrained(second.out).r == 8
    train.run.train(second)
    assert PeftConfig.from_pretrained(second.out).r == 8 + 4


def _die_at(where, name, call):
    real, calls = getattr(where, name), iter(range(call))

    def dying(*args, **kwargs):
        if next(calls) == call - 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **kwargs)

    setattr(where, name, dying)


def test_a_finished_run_is_left_as_it_is(trained, base, corpus_folder):
    before = {path: path.stat().st_mtime_ns for path in trained.rglob("*")}
    train.run.train(Run(settings(), str(corpus_folder), str(base), trained))
    assert {path: path.stat().st_mtime_ns for path in trained.rglob("*")} == before


def test_a_folder_of_another_run_is_refused(trained, base, corpus_folder, tmp_path):
    with pytest.raises(UsageError, match="other settings: name another --out"):
        train.run.train(Run(settings(seed=1), str(corpus_folder), str(base), trained))
    with pytest.raises(UsageError, match="other base"):
        train.run.train(Run(settings(), str(corpus_folder), "other/model", trained))
    (tmp_path / "note").touch()
    with pytest.raises(UsageError, match="is not empty"):
        train.run.train(Run(settings(), str(corpus_folder), str(base), tmp_path))


FAULTS = {
    "no model": (lambda base, data: (data, "nowhere/to-be-found"), "no tokenizer in nowhere"),
    "no dataset": (
        lambda base, data: ("nowhere/to-be-found", base),
        "no knowledge rows in nowhere",
    ),
    "a model for data": (lambda base, data: (base, base), "no knowledge rows in"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_cannot_be_used_is_said_in_one_line(name, base, corpus_folder, tmp_path):
    make, message = FAULTS[name]
    data, model = make(str(base), str(corpus_folder))
    with pytest.raises(UsageError, match=message) as fault:
        train.run.train(Run(settings(), data, model, tmp_path / "out"))
    assert "\n" not in str(fault.value)


def test_a_trainer_argument_that_does_not_exist(base, corpus_folder, tmp_path):
    run = Run(settings(trainer={"lerning_rate": 1}), str(corpus_folder), str(base), tmp_path / "o")
    with pytest.raises(UsageError, match=r"trainer: .*argument 'lerning_rate'"):
        train.run.train(run)
    assert not run.out.exists()


def test_a_folder_in_which_nothing_was_trained_is_free(base, corpus_folder, tmp_path):
    """What failed before its first stage can be asked for again, put right."""
    for data, message in (("nowhere/at-all", "no knowledge rows"), ("no/where", "no knowledge")):
        with pytest.raises(UsageError, match=message):
            train.run.train(Run(settings(), data, str(base), tmp_path / "out"))
