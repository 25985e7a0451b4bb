"""What becomes of texts and documents, token by token: nothing is lost, nothing is control."""

from __future__ import annotations

from itertools import groupby
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, normalizers
from tokenizers.processors import TemplateProcessing

from tests.train.bytewise import CONTROL, LLAMA, bytewise, marked, said
from tests.train.conftest import CHATML, FIM
from train.encode import Encoder

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
    structure = "§<|im_start|>user\n{0}§<|im_end|>\n§<|im_start|>assistant\n[[x{0}§<|im_end|>]]"
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
    (turn,) = encoder.conversation(said(lookalike, f"x{lookalike}"))
    assert tool not in turn.ids


def test_runs_of_blanks_among_the_added_tokens_stay_tokens():
    encoder = bytewise(CHATML, *CONTROL, "        ")
    assert len(encoder.text("        x")) == 2


TEXTS = st.text(st.sampled_from("ab \n(é<|"), max_size=300)


@settings(max_examples=100, deadline=None)
@given(TEXTS, st.integers(8, 64), st.floats(0, 1))
def test_no_token_of_a_document_is_lost(text, length, rate):
    """Put back in order, the pieces are the text, in its order; none is too long."""
    pieces = list(ENCODER.document(text, length, rate, Random(0)))
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
    found = [*(t for _ in range(400) for t in encoder.document("x = 1\n" * 5, 64, 0.5, random))]
    moved = sum(encoder.fim[0] in tokens.ids for tokens in found)
    assert 160 < moved < 240


def test_long_documents_are_cut_at_line_ends():
    encoder = ENCODER
    text = "".join(f"line {n}\n" for n in range(40))
    pieces = list(encoder.pieces(text, 50))
    assert "".join(pieces) == text
    assert all(piece.endswith("\n") for piece in pieces)
    assert min(map(len, pieces)) > 20


def test_a_start_token_is_kept_where_the_tokenizer_sets_one():
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
