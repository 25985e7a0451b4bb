"""What becomes of texts and conversations, token by token."""

from __future__ import annotations

from itertools import groupby
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from tests.train.conftest import CHATML, FIM
from train.config import TrainingError
from train.encode import NO_LOSS, Encoder

LLAMA = (
    "{{ bos_token }}{% for m in messages %}{{ '<|start_header_id|>' + m['role'] + "
    "'<|end_header_id|>\n\n' + m['content'] | trim + '<|eot_id|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}"
    "{% endif %}"
)
REASONING = (
    "{% for m in messages %}{% set said = m['content'] %}"
    "{% if m['role'] == 'assistant' and not loop.last and '</think>' in said %}"
    "{% set said = said.split('</think>')[1] %}{% endif %}"
    "{{ '<|im_start|>' + m['role'] + '\n' + said + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
CONTROL = (
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|begin_of_text|>", "<|start_header_id|>"),
    *("<|end_header_id|>", "<|eot_id|>", "<think>", "</think>", *FIM),
)


def bytewise(template: str | None = None, *control: str, **options: object) -> Encoder:
    """Return an encoder of one token per byte, so that expectations can be written by hand."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={c: i for i, c in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    control = control or CONTROL
    tokenizer.add_special_tokens([AddedToken(c) for c in control if c not in (*FIM, "<think>")])
    tokenizer.add_tokens([AddedToken(c) for c in control if c in (*FIM, "<think>")])
    options = {"eos_token": control[0], "bos_token": "<|begin_of_text|>", **options}
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **options)
    fast.chat_template = template
    return Encoder(fast)


def marked(encoder: Encoder, ids: list[int], labels: list[int]) -> str:
    """Write ids as text, ``[[`` and ``]]`` around what is learnt; a control id is marked by a §."""
    tokens = list(zip(ids, labels, strict=True))
    assert all(label in (i, NO_LOSS) for i, label in tokens)
    text = ""
    for learnt, part in groupby(tokens, key=lambda token: token[1] != NO_LOSS):
        words = ""
        for is_control, run in groupby((i for i, _ in part), key=encoder.control.__contains__):
            some = list(run)
            control = "".join(f"§{encoder.control[i]}" for i in some) if is_control else ""
            words += control or encoder.tokenizer.decode(some)
        text += f"[[{words}]]" if learnt else words
    return text


def said(*contents: str, system: str | None = None) -> list[dict[str, str]]:
    first = [{"role": "system", "content": system}] if system else []
    roles = ("user", "assistant") * len(contents)
    return first + [{"role": r, "content": c} for r, c in zip(roles, contents, strict=False)]


MASKS = {
    "chatml": (
        CHATML,
        said("hi", "yo", system="be"),
        [
            "§<|im_start|>system\nbe§<|im_end|>\n§<|im_start|>user\nhi§<|im_end|>\n"
            "§<|im_start|>assistant\n[[yo§<|im_end|>]]\n"
        ],
    ),
    "chatml, two turns": (
        CHATML,
        said("a", "b", "c", "d"),
        [
            "§<|im_start|>user\na§<|im_end|>\n§<|im_start|>assistant\n[[b§<|im_end|>]]\n"
            "§<|im_start|>user\nc§<|im_end|>\n§<|im_start|>assistant\n[[d§<|im_end|>]]\n"
        ],
    ),
    "chatml, control words in code": (
        CHATML,
        said("<|im_end|>", "x<|endoftext|><|im_end|>\n<|fim_middle|>"),
        [
            "§<|im_start|>user\n<|im_end|>§<|im_end|>\n§<|im_start|>assistant\n"
            "[[x<|endoftext|><|im_end|>\n<|fim_middle|>§<|im_end|>]]\n"
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
            "§<|start_header_id|>assistant§<|end_header_id|>\n\n[[b§<|eot_id|>]]"
            "§<|start_header_id|>user§<|end_header_id|>\n\nc§<|eot_id|>"
            "§<|start_header_id|>assistant§<|end_header_id|>\n\n[[<|eot_id|>§<|eot_id|>]]"
        ],
    ),
    "reasoning, dropped once more follows": (
        REASONING,
        said("a", "<think>s</think>b", "c", "<think>t</think>d"),
        [
            "§<|im_start|>user\na§<|im_end|>\n"
            "§<|im_start|>assistant\n[[§<think>s§</think>b§<|im_end|>]]\n",
            "§<|im_start|>user\na§<|im_end|>\n§<|im_start|>assistant\nb§<|im_end|>\n"
            "§<|im_start|>user\nc§<|im_end|>\n"
            "§<|im_start|>assistant\n[[§<think>t§</think>d§<|im_end|>]]\n",
        ],
    ),
    "reasoning, none there": (
        REASONING,
        said("<think>a</think>", "b", "c", "d </think>"),
        [
            "§<|im_start|>user\n<think>a</think>§<|im_end|>\n"
            "§<|im_start|>assistant\n[[b§<|im_end|>]]\n"
            "§<|im_start|>user\nc§<|im_end|>\n§<|im_start|>assistant\n[[d </think>§<|im_end|>]]\n"
        ],
    ),
    "the user has the last word": (
        CHATML,
        said("a", "b", "c"),
        ["§<|im_start|>user\na§<|im_end|>\n§<|im_start|>assistant\n[[b§<|im_end|>]]\n"],
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
    messages = said("a", "b", "c", "d")
    encoder = bytewise(with_markers)
    assert encoder.conversation(messages) == bytewise(CHATML).conversation(messages)
    mask = encoder.tokenizer.apply_chat_template(
        messages, return_assistant_tokens_mask=True, return_dict=True
    )["assistant_masks"]
    (turn,) = encoder.conversation(messages)
    assert [label != NO_LOSS for label in turn.labels] == [bool(on) for on in mask]


def test_a_template_that_cannot_be_used_is_named():
    refusing = bytewise(
        CHATML.replace(
            "{% for", "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}"
            "{% endif %}{% for", 1,
        )
    )  # fmt: skip
    with pytest.raises(TrainingError, match="no system"):
        refusing.conversation(said("a", "b", system="be"))
    with pytest.raises(TrainingError, match="unlike the whole"):
        bytewise("{% if add_generation_prompt %}x{% endif %}" + CHATML)


def test_no_template_means_chatml_and_no_new_token():
    encoder = bytewise(None)
    size = len(encoder.tokenizer)
    (turn,) = encoder.conversation(said("a", "b"))
    assert marked(encoder, *turn) == (
        "§<|im_start|>user\na§<|im_end|>\n§<|im_start|>assistant\n[[b§<|im_end|>]]\n"
    )
    assert len(encoder.tokenizer) == size
    assert "<|im_start|>" in encoder.tokenizer.chat_template
    # Without ChatML's tokens its words are spelt, and the end token ends the turn: one that stops.
    spelt = bytewise(None, "<eos>", "<|begin_of_text|>")
    (turn,) = spelt.conversation(said("a", "b"))
    assert marked(spelt, *turn) == (
        "<|im_start|>user\na§<eos>\n<|im_start|>assistant\n[[b§<eos>]]\n"
    )


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


WORDS = st.sampled_from(
    [*CONTROL, "<", "|", ">", "<|", "|>", "<|im_", "end|>", " ", "\n", "x", "é"]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(WORDS, max_size=12).map("".join))
def test_no_text_becomes_control(text):
    encoder = ENCODER
    ids = encoder.text(text)
    assert encoder.control.keys().isdisjoint(ids)
    assert encoder.tokenizer.decode(ids) == text
    (turn,) = encoder.conversation(said(text, f"x{text}"))
    structure = "§<|im_start|>user\n{0}§<|im_end|>\n§<|im_start|>assistant\n[[x{0}§<|im_end|>]]\n"
    assert marked(encoder, *turn) == structure.format(text)
    assert sum(i in encoder.control for i in turn.ids) == 4


ENCODER = bytewise(CHATML)


def test_words_that_overlap_or_come_of_normalising():
    overlapping = bytewise(
        CHATML, "<|im_start|>", "<|im_end|>", "<s>", "s>", "><", "<|begin_of_text|>"
    )
    assert overlapping.control.keys().isdisjoint(overlapping.text("<s><s>s><"))
    normalising = bytewise(CHATML)
    backend = normalising.tokenizer.backend_tokenizer
    backend.normalizer = normalizers.NFKC()
    backend.add_tokens([AddedToken("<tool>", normalized=True)])
    encoder = Encoder(normalising.tokenizer)
    (tool,) = (i for i, word in encoder.control.items() if word == "<tool>")
    lookalike = "\uff1ctool\uff1e"
    assert encoder.tokenizer.encode(lookalike) == [tool]
    assert tool not in encoder.text(lookalike)


def test_runs_of_blanks_among_the_added_tokens_stay_tokens():
    encoder = bytewise(CHATML, *CONTROL, "        ")
    assert len(encoder.text("        x")) == 2


TEXTS = st.text(st.sampled_from("ab \n(é<|"), max_size=300)


@settings(max_examples=100, deadline=None)
@given(TEXTS, st.integers(8, 64), st.floats(0, 1))
def test_no_token_of_a_document_is_lost(text, length, rate):
    """Put back in order, the pieces are the text, in its order; none is too long."""
    pieces = ENCODER.document(text, length, rate, Random(0))
    assert all(len(piece.ids) <= length for piece in pieces)
    assert all(piece.labels == piece.ids for piece in pieces)
    assert "".join(in_order(piece.ids) for piece in pieces) == text


def in_order(ids: list[int]) -> str:
    """Undo fill-in-the-middle."""
    end = ENCODER.end_of_document
    assert (ids[-1], ids.count(end)) == (end, 1)
    parts = [
        list(part) for on, part in groupby(ids[:-1], key=ENCODER.control.__contains__) if not on
    ]
    if ids[0] in ENCODER.fim:
        prefix, suffix, middle = (ids.index(i) for i in ENCODER.fim)
        parts = [ids[prefix + 1 : suffix], ids[middle + 1 : -1], ids[suffix + 1 : middle]]
    tokens = ENCODER.tokenizer.convert_ids_to_tokens([i for part in parts for i in part])
    return ENCODER.tokenizer.backend_tokenizer.decoder.decode(tokens)


def test_fill_in_the_middle_by_hand():
    class Fixed(Random):
        def random(self):
            return 0.3

        def randint(self, a, b):
            assert (a, b) == (0, 6)
            return cuts.pop()

    cuts = [1, 4]
    encoder = bytewise(CHATML)
    (moved,) = encoder.document("abcdef", 99, 0.31, Fixed())
    assert marked(encoder, *moved) == (
        "[[§<|fim_prefix|>a§<|fim_suffix|>ef§<|fim_middle|>bcd§<|endoftext|>]]"
    )
    (plain,) = encoder.document("abcdef", 99, 0.3, Fixed())
    assert marked(encoder, *plain) == "[[abcdef§<|endoftext|>]]"
    without = bytewise(CHATML, *(c for c in CONTROL if c not in FIM))
    (plain,) = without.document("abcdef", 99, 1.0, Fixed())
    assert marked(without, *plain) == "[[abcdef§<|endoftext|>]]"


def test_the_share_of_pieces_that_are_filled_in():
    encoder, random = ENCODER, Random(0)
    found = [encoder.document("x = 1\n" * 5, 64, 0.5, random)[0] for _ in range(400)]
    moved = sum(encoder.fim[0] in tokens.ids for tokens in found)
    assert 160 < moved < 240


def test_long_documents_are_cut_at_line_ends():
    encoder = ENCODER
    text = "".join(f"line {n}\n" for n in range(40))
    pieces = list(encoder.pieces(text, 50))
    assert "".join(pieces) == text
    assert all(piece.endswith("\n") for piece in pieces)
    assert min(map(len, pieces)) > 20


def test_a_start_token_is_kept_where_the_tokenizer_sets_one(tokenizer):
    from tokenizers.processors import TemplateProcessing

    encoder = bytewise(LLAMA)
    start = encoder.tokenizer.bos_token_id
    encoder.tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="<|begin_of_text|> $A", special_tokens=[("<|begin_of_text|>", start)]
    )
    starting = Encoder(encoder.tokenizer)
    (tokens,) = starting.document("x", 10, 0, Random(0))
    assert marked(starting, *tokens) == "[[§<|begin_of_text|>x§<|endoftext|>]]"
    (turn,) = starting.conversation(said("a", "b"))
    assert turn.ids.count(start) == 1
