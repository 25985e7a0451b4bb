"""Which tokens of a conversation carry loss, token by token, for three kinds of chat template."""

from __future__ import annotations

from random import Random

import pytest

from corpus.errors import UsageError
from tests.train.bytewise import LLAMA, REASONING, bytewise, marked, said
from tests.train.conftest import CHATML
from train.encode import NO_LOSS


def reasoned(messages: list[dict[str, str]], *thoughts: str) -> list[dict[str, str]]:
    """Give the assistant's turns their reasoning."""
    left = iter(thoughts)
    return [
        {**m, "reasoning_content": next(left)} if m["role"] == "assistant" else m for m in messages
    ]


MASKS = {
    "chatml": (
        CHATML,
        said("hi", "yo", system="be"),
        [
            "§<|im_start|>system\nbe§<|im_end|>\n§<|im_start|>user\nhi§<|im_end|>\n"
            "§<|im_start|>assistant\n[[yo§<|im_end|>]]"
        ],
    ),
    "chatml, two turns": (
        CHATML,
        said("a", "b", "c", "d"),
        [
            "§<|im_start|>user\na§<|im_end|>\n§<|im_start|>assistant\n[[b§<|im_end|>]]",
            "§<|im_start|>user\na§<|im_end|>\n§<|im_start|>assistant\nb§<|im_end|>\n"
            "§<|im_start|>user\nc§<|im_end|>\n§<|im_start|>assistant\n[[d§<|im_end|>]]",
        ],
    ),
    "chatml, control words in code": (
        CHATML,
        said("<|im_end|>", "x<|endoftext|><|im_end|>\n<|fim_middle|>"),
        [
            "§<|im_start|>user\n<|im_end|>§<|im_end|>\n§<|im_start|>assistant\n"
            "[[x<|endoftext|><|im_end|>\n<|fim_middle|>§<|im_end|>]]"
        ],
    ),
    "llama": (
        LLAMA,
        said("hi", " yo ", system="be"),
        [
            "§<|begin_of_text|>§<|start_header_id|>system§<|end_header_id|>\n\nbe§<|eot_id|>"
            "§<|start_header_id|>user§<|end_header_id|>\n\nhi§<|eot_id|>"
            "§<|start_header_id|>assistant§<|end_header_id|>\n\n[[yo§<|eot_id|>]]"
        ],
    ),
    "llama, two turns": (
        LLAMA,
        said("a", "b", "c", "<|eot_id|>"),
        [
            "§<|begin_of_text|>§<|start_header_id|>user§<|end_header_id|>\n\na§<|eot_id|>"
            "§<|start_header_id|>assistant§<|end_header_id|>\n\n[[b§<|eot_id|>]]",
            "§<|begin_of_text|>§<|start_header_id|>user§<|end_header_id|>\n\na§<|eot_id|>"
            "§<|start_header_id|>assistant§<|end_header_id|>\n\nb§<|eot_id|>"
            "§<|start_header_id|>user§<|end_header_id|>\n\nc§<|eot_id|>"
            "§<|start_header_id|>assistant§<|end_header_id|>\n\n[[<|eot_id|>§<|eot_id|>]]",
        ],
    ),
    "reasoning, dropped once more follows": (
        REASONING,
        reasoned(said("a", "b", "c", "d"), "s<|im_end|>", "t"),
        [
            "§<|im_start|>user\na§<|im_end|>\n§<|im_start|>assistant\n"
            "[[§<think>s<|im_end|>§</think>b§<|im_end|>]]",
            "§<|im_start|>user\na§<|im_end|>\n§<|im_start|>assistant\nb§<|im_end|>\n"
            "§<|im_start|>user\nc§<|im_end|>\n"
            "§<|im_start|>assistant\n[[§<think>t§</think>d§<|im_end|>]]",
        ],
    ),
    "reasoning, none there but its words in texts": (
        REASONING,
        said("<think>a</think>", "b </think> c"),
        [
            "§<|im_start|>user\n<think>a</think>§<|im_end|>\n"
            "§<|im_start|>assistant\n[[b </think> c§<|im_end|>]]"
        ],
    ),
    "the user has the last word": (
        CHATML,
        said("a", "b", "c"),
        ["§<|im_start|>user\na§<|im_end|>\n§<|im_start|>assistant\n[[b§<|im_end|>]]"],
    ),
    "nobody answers": (CHATML, said("a"), []),
}


@pytest.mark.parametrize("name", MASKS)
def test_masks(name):
    template, messages, expected = MASKS[name]
    encoder = bytewise(template)
    assert [marked(encoder, *turn) for turn in encoder.conversation(messages)] == expected


@pytest.mark.parametrize("template", [CHATML, LLAMA, REASONING])
def test_a_prompt_is_how_a_conversation_begins(template):
    encoder = bytewise(template)
    messages = said("what of <|im_end|>?", "this", system="be")
    (turn,) = encoder.conversation(messages)
    prompt = encoder.prompt(messages[:-1])
    assert turn.ids[: len(prompt)] == prompt
    assert [i != NO_LOSS for i in turn.labels].index(True) == len(prompt)


def test_a_template_may_hold_generation_markers_or_not():
    """The mask does not rest on them."""
    head, tail = CHATML.split(
        "{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}"
    )
    with_markers = (
        f"{head}{{{{ '<|im_start|>' + m['role'] + '\n' }}}}{{% if m['role'] == 'assistant' %}}"
        "{% generation %}{{ m['content'] + '<|im_end|>' }}{% endgeneration %}{% else %}"
        f"{{{{ m['content'] + '<|im_end|>' }}}}{{% endif %}}{{{{ '\n' }}}}{tail}"
    )
    messages = said("a", "b", system="be")
    encoder = bytewise(with_markers)
    assert encoder.conversation(messages) == bytewise(CHATML).conversation(messages)
    mask = encoder.tokenizer.apply_chat_template(
        messages, return_assistant_tokens_mask=True, return_dict=True
    )["assistant_masks"]
    (turn,) = encoder.conversation(messages)
    # The blank that a template sets after the end is left out.
    assert [int(label != NO_LOSS) for label in turn.labels] + [0] == mask


def test_a_template_that_cannot_be_used_is_named():
    refusing = bytewise(
        CHATML.replace(
            "{% for", "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}"
            "{% endif %}{% for", 1,
        )
    )  # fmt: skip
    with pytest.raises(UsageError, match="no system"):
        refusing.conversation(said("a", "b", system="be"))
    with pytest.raises(UsageError, match="unlike the whole"):
        bytewise("{% if add_generation_prompt %}x{% endif %}" + CHATML)


def test_no_template_means_chatml_and_no_new_token():
    encoder = bytewise(None)
    size = len(encoder.tokenizer)
    (turn,) = encoder.conversation(said("a", "b"))
    assert marked(encoder, *turn) == (
        "§<|im_start|>user\na§<|im_end|>\n§<|im_start|>assistant\n[[b§<|im_end|>]]"
    )
    assert len(encoder.tokenizer) == size
    assert "<|im_start|>" in encoder.tokenizer.chat_template
    # Without ChatML's tokens its words are spelt, and the end token ends the turn: one that stops.
    spelt = bytewise(None, "<eos>", "<|begin_of_text|>")
    (turn,) = spelt.conversation(said("a", "b"))
    assert marked(spelt, *turn) == "<|im_start|>user\na§<eos>\n<|im_start|>assistant\n[[b§<eos>]]"


ENDS = {
    # the end of a document, the end of a turn
    "ChatML": (CHATML, {}, "<|endoftext|>", "<|im_end|>"),
    "a chat model, whose end token ends the turn": (
        *(CHATML, {"eos_token": "<|im_end|>"}),
        *("<|endoftext|>", "<|im_end|>"),
    ),
    "Llama": (LLAMA, {"eos_token": "<|eot_id|>"}, "<|endoftext|>", "<|eot_id|>"),
}


@pytest.mark.parametrize("name", ENDS)
def test_the_end_of_a_document_is_not_the_end_of_a_turn(name):
    template, options, document, turn = ENDS[name]
    encoder = bytewise(template, **options)
    assert encoder.control[encoder.end_of_document] == document
    assert encoder.control[encoder.end_of_turn] == turn
    (tokens,) = encoder.document("x", 10, 0, Random(0))
    assert marked(encoder, *tokens) == f"[[x§{document}]]"
