"""Packed sequences: whole documents, and no look from one into another."""

from __future__ import annotations

from random import Random

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import LlamaConfig, LlamaForCausalLM, set_seed

from tests.train.conftest import make_model
from train.encode import NO_LOSS, Encoder, Tokens
from train.stage import collate, pack

SIZES = st.lists(st.integers(1, 16), max_size=40)


@settings(max_examples=200, deadline=None)
@given(SIZES)
def test_every_document_is_in_one_sequence_whole(sizes):
    documents = [Tokens([n + 1] * size, [n + 1] * size) for n, size in enumerate(sizes)]
    rows = pack(documents, 16)
    found = {}
    for row in rows:
        assert len(row["input_ids"]) == len(row["labels"]) == sum(row["seq_lengths"]) <= 16
        at = 0
        for size in row["seq_lengths"]:
            ids, labels = row["input_ids"][at : at + size], row["labels"][at : at + size]
            assert labels == [NO_LOSS, *ids[1:]]
            assert found.setdefault(ids[0], ids) is ids
            at += size
    assert found == {n + 1: [n + 1] * size for n, size in enumerate(sizes)}
    # Best-fit decreasing: no two sequences would fit into one.
    used = sorted(len(row["input_ids"]) for row in rows)
    assert len(used) < 2 or used[0] + used[1] > 16


def llama(tokenizer):
    set_seed(1)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=64, intermediate_size=128, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=512,
    )  # fmt: skip
    return LlamaForCausalLM(config)


def documents(tokenizer):
    encoder, random = Encoder(tokenizer), Random(0)
    texts = ["def f(x):\n    return x\n" * n for n in (9, 1, 4, 6, 2)] + ["a", "import os\n"]
    return [d for text in texts for d in encoder.document(text, 128, 0.5, random)]


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
@pytest.mark.parametrize("make", [make_model, llama], ids=["qwen", "llama"])
def test_packed_logits_are_those_of_each_document_alone(make, attention, tokenizer):
    model = make(tokenizer).eval()
    model.set_attn_implementation(attention)
    tokens = documents(tokenizer)
    rows = pack(tokens, 128)
    assert len(rows) > 1
    assert max(len(row["seq_lengths"]) for row in rows) > 2
    batch = collate(rows, 0)
    assert "attention_mask" not in batch
    with torch.no_grad():
        together = model(**{k: v for k, v in batch.items() if k != "labels"}).logits
        compared = 0
        for row, logits in zip(rows, together, strict=True):
            at = 0
            for size in row["seq_lengths"]:
                alone = model(torch.tensor([row["input_ids"][at : at + size]])).logits[0]
                torch.testing.assert_close(logits[at : at + size], alone, atol=1e-5, rtol=0)
                at += size
                compared += size
    assert compared == sum(len(document.ids) for document in tokens)


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
def test_no_token_is_seen_from_another_document(attention, tokenizer):
    """Change one document: not one logit of the others in its sequence may change."""
    model = make_model(tokenizer).eval()
    model.set_attn_implementation(attention)
    row = max(pack(documents(tokenizer), 128), key=lambda row: len(row["seq_lengths"]))
    first = row["seq_lengths"][0]
    other = {**row, "input_ids": [5] * first + row["input_ids"][first:]}
    with torch.no_grad():
        a, b = (
            model(**{k: v for k, v in collate([r], 0).items() if k != "labels"}).logits[0]
            for r in (row, other)
        )
    assert torch.equal(a[first:], b[first:])
    assert not torch.equal(a[:first], b[:first])


def test_the_first_token_of_a_document_carries_no_loss(tokenizer):
    """Else a document would be learnt as what follows the one that is packed before it."""
    rows = pack([Tokens([1, 2, 3], [1, 2, 3]), Tokens([4, 5], [4, 5])], 8)
    batch = collate([*rows, {"input_ids": [6], "labels": [NO_LOSS], "seq_lengths": [1]}], 0)
    assert batch["labels"].tolist() == [[-100, 2, 3, -100, 5], [-100] * 5]
    assert batch["position_ids"].tolist() == [[0, 1, 2, 0, 1], [0] * 5]
    model = make_model(tokenizer)
    alone = [model(torch.tensor([d]), labels=torch.tensor([d])).loss for d in ([1, 2, 3], [4, 5])]
    together = model(**collate(rows, 0)).loss
    torch.testing.assert_close(together, (alone[0] * 2 + alone[1]) / 3)
