"""Every way to train and to join the stages, and what must not go wrong silently on any of them."""

from __future__ import annotations

import json
import os

import pytest
import torch
from datasets import Dataset
from peft import LoraConfig, PeftConfig, PeftModel, get_peft_model
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModelForCausalLM, TrainingArguments

import train
from tests.train.conftest import make_model, settings
from train.config import Stage, TrainingError
from train.encode import NO_LOSS, Encoder
from train.models import (
    add_adapter,
    add_residual,
    join_adapters,
    load_encoder,
    load_model,
    load_result,
    merge,
)
from train.pack import stage_sequences
from train.run import Run
from train.run import train as train_run
from train.stage import arguments, stages_done, train_stage

IDS = torch.tensor([[5, 6, 7, 8, 9, 300, 400]])


def logits(model):
    with torch.no_grad():
        return model.eval()(IDS).logits


@pytest.fixture(scope="module")
def small_corpus(corpus_folder, tmp_path_factory):
    """Return a dataset folder of a few short rows: every stage is a handful of steps."""
    folder = tmp_path_factory.mktemp("small") / "data"
    texts = [f"def f{n}(x):\n    return x + {n}\n" * 3 for n in range(12)]
    rows = [
        {
            "task": "explain",
            "messages": [
                {"role": "user", "content": f"What does f{n} do?"},
                {"role": "assistant", "content": f"It adds {n}."},
            ],
        }
        for n in range(12)
    ]
    for name, data in (("knowledge", [{"text": t} for t in texts]), ("instructions", rows)):
        (folder / name).mkdir(parents=True)
        Dataset.from_list(data).to_parquet(folder / name / "train-00000-of-00001.parquet")
    names = ("knowledge", "instructions")
    head = "".join(
        f"- config_name: {n}\n  data_files:\n  - split: train\n    path: {n}/*.parquet\n"
        for n in names
    )
    (folder / "README.md").write_text(f"---\nconfigs:\n{head}---\n")
    return folder


SHORT = {
    "sequence_length": 128,
    "trainer": {"logging_steps": 1, "max_steps": 2, "disable_tqdm": True},
}
FULL, QLORA = {"method": "full", "learning_rate": 1e-3}, {"method": "qlora"}


def run(corpus, base, out, **changed):
    made = Run(settings(**{**SHORT, **changed}), str(corpus), str(base), out)
    train_run(made)
    return made


JOINS = {
    # settings, is the result an adapter, its rank
    "mix": ({"join": "mix"}, True, 8),
    "continue": ({"join": "continue"}, True, 8),
    "full, then full": ({"knowledge": FULL, "instruction": FULL}, False, None),
    "full, then an adapter": ({"knowledge": FULL}, False, None),
    "an adapter, then full": ({"instruction": FULL}, False, None),
    "full, mixed": ({"join": "mix", "knowledge": FULL}, False, None),
    "qlora, then lora": ({"knowledge": QLORA}, True, 12),
    "qlora, trained on": ({"join": "continue", "knowledge": QLORA, "instruction": QLORA}, True, 8),
}


@pytest.mark.parametrize("name", JOINS)
def test_joins(name, small_corpus, base, tmp_path):
    changed, is_adapter, rank = JOINS[name]
    if "qlora" in name:
        pytest.importorskip("bitsandbytes")
    out = tmp_path / "out"
    run(small_corpus, base, out, **changed)
    stages = stages_done(out)
    assert list(stages) == (["mixed"] if "mix" in name else ["knowledge", "instruction"])
    assert all(figures["trained_parameters"] > 0 for figures in stages.values())
    assert (out / "adapter_config.json").exists() == is_adapter
    result, before = load_result(out), logits(load_model(str(base)))
    assert (logits(result) - before).abs().max() > 1e-3
    if is_adapter:
        config = PeftConfig.from_pretrained(out)
        assert (config.r, config.base_model_name_or_path) == (rank, str(base))
    else:
        assert AutoConfig.from_pretrained(out).use_cache
        assert all(p.dtype == torch.float32 for p in result.parameters())


def test_one_stage_and_then_the_other(small_corpus, base, tmp_path):
    """Stage by stage into one folder is as both at once; alone, stage 2 starts at the base."""
    for asked in ("knowledge", "instruction"):
        train_run(Run(settings(**SHORT), str(small_corpus), str(base), tmp_path / "a", asked))
    run(small_corpus, base, tmp_path / "b")
    alone = Run(settings(**SHORT), str(small_corpus), str(base), tmp_path / "c", "instruction")
    train_run(alone)
    a, b, c = (load_file(tmp_path / x / "adapter_model.safetensors") for x in "abc")
    assert all(torch.equal(a[key], b[key]) for key in a)
    ranks = [PeftConfig.from_pretrained(tmp_path / x).r for x in "abc"]
    assert ranks == [12, 12, 4]
    del c


@pytest.fixture(scope="module")
def chat(base, tmp_path_factory):
    """Return a "chat model": the base with other weights."""
    folder = tmp_path_factory.mktemp("chat") / "model"
    encoder = load_encoder(str(base))
    model = load_model(str(base))
    with torch.no_grad():
        for number, weights in enumerate(model.parameters()):
            generator = torch.Generator().manual_seed(number)
            weights += 0.02 * torch.randn(weights.shape, generator=generator)
    model.save_pretrained(folder)
    encoder.tokenizer.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("method", ["lora", "full"])
def test_the_residual_of_a_chat_model_is_added(method, small_corpus, base, chat, tmp_path):
    stage = {"method": method, "learning_rate": 1e-3}
    made = Run(
        settings(**SHORT, residual=str(chat), knowledge=stage),
        *(str(small_corpus), str(base), tmp_path / "out", "knowledge"),
    )
    train_run(made)
    plain = Run(
        settings(**SHORT, knowledge=stage),
        str(small_corpus),
        str(base),
        tmp_path / "p",
        "knowledge",
    )
    train_run(plain)
    tuned, before, after = load_result(plain.out), load_model(str(base)), load_model(str(chat))
    tuned = merge(tuned) if isinstance(tuned, PeftModel) else tuned
    expected = dict(tuned.named_parameters())
    found = load_result(made.out)
    found = merge(found) if isinstance(found, PeftModel) else found
    with torch.no_grad():
        for name, weights in found.named_parameters():
            difference = after.get_parameter(name) - before.get_parameter(name)
            torch.testing.assert_close(weights, expected[name] + difference, atol=1e-5, rtol=0)
    if method == "lora":
        assert PeftConfig.from_pretrained(made.out).base_model_name_or_path == str(chat)


def test_a_residual_that_does_not_fit(base, chat, small_corpus, tmp_path):
    model = load_model(str(base))
    other = tmp_path / "other"
    config = model.config
    config.intermediate_size = 64
    type(model)(config).save_pretrained(other)
    with pytest.raises(TrainingError, match="no chat model"):
        add_residual(model, str(base), str(other))
    alone = settings(**SHORT, residual=str(chat))
    with pytest.raises(TrainingError, match="none is here"):
        train_run(Run(alone, str(small_corpus), str(base), tmp_path / "out", "instruction"))


def test_a_conversation_too_long_is_left_out_and_counted(small_corpus, tokenizer):
    """A cut answer would teach a model never to stop."""
    encoder = Encoder(tokenizer)
    changed = settings(sequence_length=64, instruction={"replay": 0.0})
    rows, counts = stage_sequences(str(small_corpus), "instruction", encoder, changed)
    sizes = sorted(size for row in rows for size in row["seq_lengths"])
    assert (counts.rows, counts.too_long) == (12, 0)
    limit = sizes[-1] - 1
    short = changed.model_copy(update={"sequence_length": limit})
    rows, counts = stage_sequences(str(small_corpus), "instruction", encoder, short)
    assert counts.too_long == sum(size > limit for size in sizes) > 0
    assert sorted(s for row in rows for s in row["seq_lengths"]) == [s for s in sizes if s <= limit]
    for row in rows:  # every conversation that is left ends its turn, with loss
        assert encoder.end_of_turn in row["labels"]
    tiny = changed.model_copy(update={"sequence_length": 16})
    with pytest.raises(TrainingError, match=r"no row of .* fits into 16 tokens"):
        stage_sequences(str(small_corpus), "instruction", encoder, tiny)


def test_no_token_of_a_file_is_lost(small_corpus, tokenizer):
    """All but the control tokens are the files' own, however they are cut and packed."""
    encoder = Encoder(tokenizer)
    plain = settings(sequence_length=64, fim_rate=0.0, knowledge={"replay": 0.0})
    rows, counts = stage_sequences(str(small_corpus), "knowledge", encoder, plain)
    text = "".join(
        encoder.tokenizer.decode([i for i in row["input_ids"] if i not in encoder.control])
        for row in rows
    )
    files = [f"def f{n}(x):\n    return x + {n}\n" * 3 for n in range(12)]
    assert sorted(text.split("\n")) == sorted("".join(files).split("\n"))
    assert counts.tokens == sum(len(row["input_ids"]) for row in rows)


def test_replay_is_the_share_it_says(small_corpus, tokenizer):
    changed = settings(sequence_length=64, instruction={"replay": 0.25})
    rows, counts = stage_sequences(str(small_corpus), "instruction", Encoder(tokenizer), changed)
    assert counts.replayed == round((len(rows) - counts.replayed) / 3) > 0
    again, _ = stage_sequences(str(small_corpus), "instruction", Encoder(tokenizer), changed)
    assert rows == again


def test_the_end_is_learnt_where_it_is_the_pad_token_too(small_corpus, tokenizer):
    """A collator that masks every pad id would never teach it."""
    assert tokenizer.pad_token_id == tokenizer.eos_token_id
    encoder = Encoder(tokenizer)
    rows, _ = stage_sequences(str(small_corpus), "knowledge", encoder, settings(fim_rate=0.0))
    ends = sum(row["labels"].count(encoder.end_of_document) for row in rows)
    assert ends == 12


def test_16_bits_are_for_devices_that_have_them(tmp_path):
    found = arguments(settings(), "knowledge", tmp_path)
    has_them = torch.cuda.is_available() and torch.cuda.is_bf16_supported()
    assert (found.bf16, found.fp16) == (has_them, False)


def test_the_cache_is_on_in_what_is_saved(small_corpus, base, tmp_path):
    """The Trainer turns it off, and would save it so."""
    out = tmp_path / "out"
    run(small_corpus, base, out, join="mix", knowledge=FULL)
    for folder in (out, out / "stages" / "mixed"):
        assert json.loads((folder / "config.json").read_text()).get("use_cache", True)


def test_no_embedding_is_saved_in_an_adapter(trained):
    keys = load_file(trained / "adapter_model.safetensors").keys()
    assert keys
    assert not [key for key in keys if "embed" in key or "lm_head" in key]
    layers = {key.split(".")[-3] for key in keys}
    assert layers == {f"{name}_proj" for name in ("q", "k", "v", "o", "gate", "up", "down")}


def test_nothing_is_merged_into_4_bits(base, tmp_path):
    pytest.importorskip("bitsandbytes")
    model = add_adapter(load_model(str(base), "qlora"), Stage(rank=4, replay=0.0), 0)
    with pytest.raises(TrainingError, match="full-precision"):
        merge(model)


def test_an_adapter_starts_the_same_for_the_same_seed(base):
    def first_values(seed):
        torch.rand(3)  # whatever was drawn before must not matter
        model = add_adapter(load_model(str(base)), Stage(rank=4, replay=0.0), seed)
        return torch.cat([p.flatten() for p in model.parameters() if p.requires_grad])

    torch.manual_seed(9)
    a, b, c = first_values(1), first_values(1), first_values(2)
    assert torch.equal(a, b)
    assert not torch.equal(a, c)


def test_an_adapter_that_is_trained_on_is_trained(small_corpus, base, tmp_path):
    """Loaded without a word, peft's adapters are frozen, and training them is no error."""
    run(small_corpus, base, tmp_path / "out", join="continue")
    first, second = (
        load_file(tmp_path / "out" / "stages" / stage / "adapter_model.safetensors")
        for stage in ("knowledge", "instruction")
    )
    assert first.keys() == second.keys()
    assert all(not torch.equal(first[key], second[key]) for key in first)


def test_full_tuning_loads_32_bits_whatever_was_saved(base, tokenizer, tmp_path):
    make_model(tokenizer).to(torch.bfloat16).save_pretrained(tmp_path / "half")
    saved = AutoModelForCausalLM.from_pretrained(tmp_path / "half")
    assert saved.dtype == torch.bfloat16  # what transformers does by itself
    assert load_model(str(tmp_path / "half"), "full").dtype == torch.float32


def test_activation_checkpointing_is_what_transformers_calls_it(small_corpus, base, tmp_path):
    """It was gradient_checkpointing up to transformers 4; it changes the memory, not the model."""
    assert "activation_checkpointing" in TrainingArguments.__dataclass_fields__
    steps = {**SHORT["trainer"], "activation_checkpointing": True}
    run(small_corpus, base, tmp_path / "a", join="mix")
    run(small_corpus, base, tmp_path / "b", join="mix", trainer=steps)
    a, b = (load_file(tmp_path / x / "adapter_model.safetensors") for x in "ab")
    assert all(torch.allclose(a[key], b[key], atol=1e-5) for key in a)


def test_threads_wait_without_spinning():
    assert train.__name__
    for name in ("OMP_WAIT_POLICY", "KMP_BLOCKTIME", "TOKENIZERS_PARALLELISM"):
        assert os.environ[name] in ("PASSIVE", "0", "false")


def test_whole_modules_in_an_adapter_are_not_lost_silently(base, tmp_path):
    model = load_model(str(base))
    config = LoraConfig(r=2, target_modules="all-linear", modules_to_save=["input_layernorm"])
    get_peft_model(model, config).save_pretrained(tmp_path / "one")
    with pytest.raises(TrainingError, match="whole modules"):
        join_adapters(str(base), [tmp_path / "one"], tmp_path / "out")


def test_only_one_adapter_is_on_a_model_in_training(small_corpus, base, tokenizer, tmp_path):
    """A resume takes the first of several only, and says nothing."""
    changed = settings(**SHORT)
    rows, _ = stage_sequences(str(small_corpus), "knowledge", Encoder(tokenizer), changed)
    model = add_adapter(load_model(str(base)), changed.knowledge, 0)
    trainer = train_stage(changed, "knowledge", model, rows, Encoder(tokenizer), tmp_path)
    assert list(trainer.model.peft_config) == ["default"]
    assert NO_LOSS == -100
