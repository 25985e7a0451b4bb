"""What goes wrong silently with the libraries' defaults, each reproduced before it was met.

Others are held where they belong: control words in test_encode, masks and ends of turns in
test_masks, packing in test_pack, what a resume does in test_run.
"""

from __future__ import annotations

import json
import os

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, TrainingArguments

import train
from corpus.errors import UsageError
from tests.train.conftest import FILES, SHORT, make_model, settings, train_short
from train.config import Stage
from train.encode import Encoder
from train.models import add_adapter, load_model
from train.stage import arguments, stage_sequences, train_stage

SEVEN_LAYERS = {f"{name}_proj" for name in ("q", "k", "v", "o", "gate", "up", "down")}


def test_no_token_of_a_file_is_lost(small_corpus, tokenizer):
    """All but the control tokens are the files' own, however they are cut and packed."""
    encoder = Encoder(tokenizer)
    plain = settings(sequence_length=64, fim_rate=0.0, knowledge={"replay": 0.0})
    rows, counts = stage_sequences(str(small_corpus), "knowledge", encoder, plain)
    text = "".join(
        encoder.tokenizer.decode([i for i in row["input_ids"] if i not in encoder.control])
        for row in rows
    )
    assert sorted(text.split("\n")) == sorted("".join(FILES).split("\n"))
    assert counts["tokens"] == sum(len(row["input_ids"]) for row in rows)


def test_a_conversation_too_long_is_left_out_and_counted(small_corpus, tokenizer):
    """A cut answer would teach a model never to stop."""
    encoder = Encoder(tokenizer)
    changed = settings(sequence_length=64, instruction={"replay": 0.0})
    rows, counts = stage_sequences(str(small_corpus), "instruction", encoder, changed)
    sizes = sorted(size for row in rows for size in row["seq_lengths"])
    assert (counts["rows"], counts["too_long"]) == (12, 0)
    limit = sizes[-1] - 1
    short = changed.model_copy(update={"sequence_length": limit})
    rows, counts = stage_sequences(str(small_corpus), "instruction", encoder, short)
    assert counts["too_long"] == sum(size > limit for size in sizes) > 0
    assert sorted(s for row in rows for s in row["seq_lengths"]) == [s for s in sizes if s <= limit]
    for row in rows:  # every conversation that is left ends its turn, with loss
        assert row["labels"].count(encoder.end_of_turn) == len(row["seq_lengths"])
    tiny = changed.model_copy(update={"sequence_length": 16})
    with pytest.raises(UsageError, match=r"no row of .* fits into 16 tokens"):
        stage_sequences(str(small_corpus), "instruction", encoder, tiny)


def test_replay_is_the_share_it_says(small_corpus, tokenizer):
    changed = settings(sequence_length=64, instruction={"replay": 0.25})
    rows, counts = stage_sequences(str(small_corpus), "instruction", Encoder(tokenizer), changed)
    assert counts["replayed"] == round((len(rows) - counts["replayed"]) / 3) > 0
    again, _ = stage_sequences(str(small_corpus), "instruction", Encoder(tokenizer), changed)
    assert rows == again


def test_the_end_is_learnt_where_it_is_the_pad_token_too(small_corpus, tokenizer):
    """A collator that masks every pad id would never teach it."""
    assert tokenizer.pad_token_id == tokenizer.eos_token_id
    encoder = Encoder(tokenizer)
    rows, _ = stage_sequences(str(small_corpus), "knowledge", encoder, settings(fim_rate=0.0))
    ends = sum(row["labels"].count(encoder.end_of_document) for row in rows)
    assert ends == len(FILES)


def test_16_bits_are_for_devices_that_have_them(tmp_path):
    found = arguments(settings(), "knowledge", tmp_path)
    has_them = torch.cuda.is_available() and torch.cuda.is_bf16_supported()
    assert (found.bf16, found.fp16) == (has_them, False)


def test_adapters_learn_ten_times_as_fast_as_all_weights(tmp_path):
    full, told = {"method": "full", "learning_rate": None}, {"learning_rate": 0.3}
    for stage, rate in (({"learning_rate": None}, 2e-4), (full, 2e-5), (told, 0.3)):
        found = arguments(settings(knowledge=stage), "knowledge", tmp_path)
        assert found.learning_rate == pytest.approx(rate)


def test_the_cache_is_on_in_what_is_saved(small_corpus, base, tmp_path):
    """The Trainer turns it off, and would save it so."""
    out = tmp_path / "out"
    train_short(small_corpus, base, out, join="mix", knowledge={"method": "full"})
    for folder in (out, out / "stages" / "mixed"):
        assert json.loads((folder / "config.json").read_text()).get("use_cache", True)


def test_no_embedding_is_saved_in_an_adapter(trained):
    keys = load_file(trained / "adapter_model.safetensors").keys()
    assert {key.split(".")[-3] for key in keys} == SEVEN_LAYERS


def test_nothing_is_merged_into_4_bits():
    """Their rounding moves the logits by as much as an adapter does."""
    for first in ("lora", "qlora"):
        with pytest.raises(ValueError, match="an adapter into a 4-bit base"):
            settings(knowledge={"method": first}, instruction={"method": "qlora"})
    settings(knowledge={"method": "full"}, instruction={"method": "qlora"})  # merges none


def test_flash_attention_gets_one_row(tmp_path):
    """In several it sees none of where documents end."""
    one, two = ({"batch_size": n} for n in (1, 2))
    arguments(settings(attention="flash_attention_2", knowledge=one), "knowledge", tmp_path)
    with pytest.raises(UsageError, match="one row only: batch_size: 1"):
        arguments(settings(attention="flash_attention_2", knowledge=two), "knowledge", tmp_path)


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
    train_short(small_corpus, base, tmp_path / "out", join="continue")
    first, second = (
        load_file(tmp_path / "out" / "stages" / stage / "adapter_model.safetensors")
        for stage in ("knowledge", "instruction")
    )
    assert first.keys() == second.keys()
    assert all(not torch.equal(first[key], second[key]) for key in first)


def test_full_tuning_loads_32_bits_whatever_was_saved(tokenizer, tmp_path):
    make_model(tokenizer).to(torch.bfloat16).save_pretrained(tmp_path / "half")
    saved = AutoModelForCausalLM.from_pretrained(tmp_path / "half")
    assert saved.dtype == torch.bfloat16  # what transformers does by itself
    assert load_model(str(tmp_path / "half"), "full").dtype == torch.float32


def test_activation_checkpointing_is_what_transformers_calls_it(small_corpus, base, tmp_path):
    """It was gradient_checkpointing up to transformers 4; it changes the memory, not the model."""
    assert "activation_checkpointing" in TrainingArguments.__dataclass_fields__
    steps = {**SHORT["trainer"], "activation_checkpointing": True}
    train_short(small_corpus, base, tmp_path / "a", join="mix")
    train_short(small_corpus, base, tmp_path / "b", join="mix", trainer=steps)
    a, b = (load_file(tmp_path / x / "adapter_model.safetensors") for x in "ab")
    assert all(torch.allclose(a[key], b[key], atol=1e-5) for key in a)


def test_threads_wait_without_spinning():
    assert train.__name__
    names = ("OMP_WAIT_POLICY", "KMP_BLOCKTIME", "TOKENIZERS_PARALLELISM")
    assert [os.environ[name] for name in names] == ["PASSIVE", "0", "false"]


def test_only_one_adapter_is_on_a_model_in_training(small_corpus, base, tokenizer, tmp_path):
    """A resume takes the first of several only, and says nothing."""
    changed = settings(**SHORT)
    rows, _ = stage_sequences(str(small_corpus), "knowledge", Encoder(tokenizer), changed)
    model = add_adapter(load_model(str(base)), changed.knowledge, 0)
    trainer = train_stage(changed, "knowledge", model, rows, Encoder(tokenizer), tmp_path)
    assert list(trainer.model.peft_config) == ["default"]
