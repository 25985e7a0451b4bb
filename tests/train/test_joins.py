"""Every way to train and to join the stages, and what each leaves behind."""

from __future__ import annotations

import pytest
import torch
from peft import LoraConfig, PeftConfig, PeftModel, get_peft_model
from safetensors.torch import load_file
from transformers import AutoConfig

from corpus.errors import UsageError
from tests.train.conftest import logits, train_short
from train.models import add_residual, join_adapters, load_model, merge
from train.run import export
from train.stage import stages_done

FULL, QLORA = {"method": "full", "learning_rate": 1e-3}, {"method": "qlora"}
FIRST, SECOND, MIXED = "stages/knowledge", "stages/instruction", "stages/mixed"

JOINS = {
    # settings; the rank if the result is an adapter; the weights (None: the base) and the adapters
    # that it must be, one merged after the other
    "merge": ({}, 12, None, [FIRST, SECOND]),
    "mix": ({"join": "mix"}, 8, None, [MIXED]),
    "continue": ({"join": "continue"}, 8, None, [SECOND]),
    "full, then full": ({"knowledge": FULL, "instruction": FULL}, None, SECOND, []),
    "full, then an adapter": ({"knowledge": FULL}, None, FIRST, [SECOND]),
    "an adapter, then full": ({"instruction": FULL}, None, SECOND, []),
    "full, mixed": ({"join": "mix", "knowledge": FULL}, None, MIXED, []),
    "qlora, then lora": ({"knowledge": QLORA}, 12, None, [FIRST, SECOND]),
    "qlora, trained on": (
        {"join": "continue", "knowledge": QLORA, "instruction": QLORA},
        *(8, None, [SECOND]),
    ),
}


@pytest.mark.parametrize("name", JOINS)
def test_joins(name, small_corpus, base, tmp_path):
    changed, rank, weights, adapters = JOINS[name]
    if "qlora" in name:
        pytest.importorskip("bitsandbytes")
    out = tmp_path / "out"
    train_short(small_corpus, base, out, **changed)
    stages = stages_done(out)
    assert list(stages) == (["mixed"] if "mix" in name else ["knowledge", "instruction"])
    assert all(figures["trained_parameters"] > 0 for figures in stages.values())
    result, before = load_model(str(out)), load_model(str(base))
    made = load_model(str(out / weights if weights else base))
    for adapter in adapters:
        made = PeftModel.from_pretrained(made, out / adapter).merge_and_unload()
    torch.testing.assert_close(logits(result), logits(made), atol=1e-5, rtol=0)
    assert (logits(result) - logits(before)).abs().max() > 1e-3
    if rank:
        config = PeftConfig.from_pretrained(out)
        assert (config.r, config.base_model_name_or_path) == (rank, str(base))
    else:
        assert not (out / "adapter_config.json").exists()
        assert AutoConfig.from_pretrained(out).use_cache
        assert all(p.dtype == torch.float32 for p in result.parameters())


def test_one_stage_and_then_the_other(small_corpus, base, tmp_path):
    """Stage by stage into one folder is as both at once; alone, stage 2 starts at the base."""
    for stage in ("knowledge", "instruction"):
        train_short(small_corpus, base, tmp_path / "a", stage)
    train_short(small_corpus, base, tmp_path / "b")
    train_short(small_corpus, base, tmp_path / "c", "instruction")
    a, b = (load_file(tmp_path / x / "adapter_model.safetensors") for x in "ab")
    assert a.keys() == b.keys()
    assert all(torch.equal(a[key], b[key]) for key in a)
    assert [PeftConfig.from_pretrained(tmp_path / x).r for x in "abc"] == [12, 12, 4]


def test_whole_weights_take_the_place_of_stage_1s_adapter(small_corpus, base, tmp_path):
    changed = {"instruction": FULL}
    train_short(small_corpus, base, tmp_path / "a", "knowledge", **changed)
    assert (tmp_path / "a" / "adapter_config.json").exists()
    train_short(small_corpus, base, tmp_path / "a", "instruction", **changed)
    whole = load_model(str(tmp_path / "a" / SECOND))
    assert torch.equal(logits(load_model(str(tmp_path / "a"))), logits(whole))


@pytest.fixture(scope="module")
def chat(base, tokenizer, tmp_path_factory):
    """Return a "chat model": the base with other weights."""
    folder = tmp_path_factory.mktemp("chat") / "model"
    model = load_model(str(base))
    with torch.no_grad():
        for number, weights in enumerate(model.parameters()):
            generator = torch.Generator().manual_seed(number)
            weights += 0.02 * torch.randn(weights.shape, generator=generator)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def whole(run):
    export(run, run / "whole")
    return load_model(str(run / "whole"))


@pytest.mark.parametrize("method", ["lora", "full"])
def test_the_residual_of_a_chat_model_is_added(method, small_corpus, base, chat, tmp_path):
    stage = {"method": method, "learning_rate": 1e-3}
    for name, residual in (("plain", None), ("with", str(chat))):
        train_short(
            *(small_corpus, base, tmp_path / name, "knowledge"), residual=residual, knowledge=stage
        )
    plain, found = whole(tmp_path / "plain"), whole(tmp_path / "with")
    before, after = load_model(str(base)), load_model(str(chat))
    with torch.no_grad():
        for name, weights in found.named_parameters():
            difference = after.get_parameter(name) - before.get_parameter(name)
            expected = plain.get_parameter(name) + difference
            torch.testing.assert_close(weights, expected, atol=1e-5, rtol=0)
    if method == "lora":
        config = PeftConfig.from_pretrained(tmp_path / "with")
        assert config.base_model_name_or_path == str(chat)


def test_stage_2_goes_on_from_the_residual(small_corpus, base, chat, tmp_path):
    train_short(small_corpus, base, tmp_path / "out", residual=str(chat))
    made = merge(load_model(str(chat)), [tmp_path / "out" / name for name in (FIRST, SECOND)])
    torch.testing.assert_close(
        logits(load_model(str(tmp_path / "out"))), logits(made), atol=1e-5, rtol=0
    )


def test_a_residual_that_does_not_fit(base, chat, small_corpus, tmp_path):
    model = load_model(str(base))
    other = tmp_path / "other"
    config = model.config
    config.intermediate_size = 64
    type(model)(config).save_pretrained(other)
    with pytest.raises(UsageError, match="no chat model"):
        add_residual(model, str(base), str(other))
    with pytest.raises(UsageError, match="none is here"):
        train_short(small_corpus, base, tmp_path / "out", "instruction", residual=str(chat))


def test_whole_modules_in_an_adapter_are_not_lost_silently(base, tmp_path):
    model = load_model(str(base))
    config = LoraConfig(r=2, target_modules="all-linear", modules_to_save=["input_layernorm"])
    get_peft_model(model, config).save_pretrained(tmp_path / "one")
    with pytest.raises(UsageError, match="whole modules"):
        join_adapters(str(base), [tmp_path / "one"], tmp_path / "out")
