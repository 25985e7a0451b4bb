"""The verdicts of dedup, held against brute force on real functions and on made-up texts."""

from __future__ import annotations

import math
import re
import sysconfig
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.dedup.cluster import cluster
from corpus.dedup.minhash import signatures
from corpus.dedup.parameters import DedupParameters
from corpus.dedup.shingles import Shingles
from corpus.dedup.sign import sign
from corpus.extract.functions import extract
from corpus.languages import LANGUAGES
from tests.dedup.brute_force import similar_pairs

PARAMETERS = DedupParameters()
WORDS = [f"w{number}" for number in range(40)]


def verdicts(texts: list[str], rank: list[int] | None = None, **settings_: float) -> list[dict]:
    parameters = DedupParameters(**settings_)
    ids = pa.array([f"{number:06d}" for number in range(len(texts))])
    ranks = np.array(range(len(texts)) if rank is None else rank, dtype=np.int64)
    signed = sign(pa.array(texts, pa.string()), parameters)
    return cluster(ids, ranks, signed, parameters).to_pylist()


def shingles(texts: list[str]) -> list[frozenset[int]]:
    return [frozenset(row) for row in sign(pa.array(texts), PARAMETERS)["shingles"].to_pylist()]


def similarity(one: frozenset[int], other: frozenset[int]) -> float:
    return len(one & other) / len(one | other)


# ---------------------------------------------------------------- a table of cases

LONG = "def f ( a , b ) : return a + b * a - b + c * d / e - g"
CASES = {
    "different": (["a b c d e f", "u v w x y z"], ["kept", "kept"]),
    "equal": ([LONG, LONG], ["kept", "exact_duplicate"]),
    "equal but for white space": ([LONG, LONG.replace(" ", "\n\t ")], ["kept", "exact_duplicate"]),
    "one word more": ([LONG, LONG + " ; more"], ["kept", "near_duplicate"]),
    "other punctuation": ([LONG, LONG.replace("*", "/")], ["kept", "near_duplicate"]),
    "short, other punctuation": (["a + b", "a - b"], ["kept", "kept"]),
    "short and equal": (["a b", "a b"], ["kept", "exact_duplicate"]),
    "short and different": (["a b", "a c", "b a"], ["kept"] * 3),
    "short in long": (["a b c", "a b c d e f"], ["kept", "kept"]),
    "nothing in them": (["", " \n", ""], ["kept"] * 3),
    "words, not letters": (["int a = b + c ;", "inta = b + c ;"], ["kept", "kept"]),
}


@pytest.mark.parametrize("case", CASES)
def test_cases(case: str) -> None:
    texts, expected = CASES[case]
    assert [row["reason"] or "kept" for row in verdicts(texts)] == expected


def test_the_best_rank_survives() -> None:
    rows = verdicts([LONG, LONG + " more", LONG], rank=[2, 1, 0])
    assert [row["kept"] for row in rows] == [False, False, True]
    assert {row["survivor_id"] for row in rows} == {"000002"}
    assert {row["cluster_id"] for row in rows} == {"000002"}


def test_no_chains() -> None:
    """a ~ b ~ c, but a and c are apart: b goes for a, and c stays."""
    words = [f"x{number}" for number in range(60)]
    a, b, c = words[:50], words[5:55], words[10:60]
    texts = [" ".join(text) for text in (a, b, c)]
    sets = shingles(texts)
    assert similarity(sets[0], sets[1]) >= 0.7 > similarity(sets[0], sets[2])
    rows = verdicts(texts)
    assert [row["kept"] for row in rows] == [True, False, True]
    assert len({row["cluster_id"] for row in rows}) == 1


def test_renamed_code_is_equal_when_names_are_normalised() -> None:
    texts = ["total = price * count + tax ( price )", "sum = cost * n + vat ( cost )"]
    assert [row["kept"] for row in verdicts(texts)] == [True, True]
    assert [row["kept"] for row in verdicts(texts, normalise_identifiers=True)] == [True, False]


# ---------------------------------------------------------------- against brute force


@pytest.fixture(scope="module")
def functions() -> list[str]:
    """Functions of the standard library, test/ included: some ten thousand."""
    found = []
    stdlib = Path(sysconfig.get_path("stdlib"))
    for path in sorted([*stdlib.glob("*.py"), *stdlib.glob("test/test_[a-e]*.py")]):
        source = path.read_bytes()
        found += [f.code_without_doc for f in extract(LANGUAGES["python"], source)]
    return found


def test_every_removal_is_right_and_hardly_any_is_missed(functions: list[str]) -> None:
    assert len(functions) > 10_000
    rows, sets = verdicts(functions), shingles(functions)
    number = {row["id"]: place for place, row in enumerate(rows)}
    for place, row in enumerate(rows):
        survivor = number[row["survivor_id"]]
        assert rows[survivor]["kept"]
        if not row["kept"] and sets[place]:
            true = similarity(sets[place], sets[survivor])
            assert true >= PARAMETERS.threshold
            assert row["similarity"] == pytest.approx(true)
    removed = sum(not row["kept"] for row in rows)
    kept = [sorted(own) for own, row in zip(sets, rows, strict=True) if row["kept"]]
    _, missed, _ = similar_pairs(kept, PARAMETERS.threshold)
    assert removed > 500
    assert len(set(missed)) <= 0.02 * (removed + len(set(missed)))


def test_judging_the_kept_again_removes_nothing(functions: list[str]) -> None:
    rows = verdicts(functions)
    kept = [text for text, row in zip(functions, rows, strict=True) if row["kept"]]
    assert all(row["kept"] for row in verdicts(kept))


# ---------------------------------------------------------------- signatures


@given(st.lists(st.sampled_from(WORDS), min_size=5, max_size=60))
@settings(max_examples=50, deadline=None)
def test_signatures_are_those_of_datasketch(words: list[str]) -> None:
    hashes = np.array(
        sign(pa.array([" ".join(words)]), PARAMETERS)["shingles"][0].as_py(), np.uint32
    )
    oracle = MinHash(num_perm=128, hashfunc=int)
    for shingle in hashes.tolist():
        oracle.update(shingle)
    made = signatures(Shingles(hashes, np.array([0, hashes.size])), 128)
    assert made.ravel().tolist() == oracle.hashvalues.tolist()


def test_signatures_estimate_the_similarity() -> None:
    """The share of equal minima errs by less than four standard deviations, and not to one side."""
    random = np.random.default_rng(7)
    errors = []
    for true in np.repeat([0.3, 0.5, 0.7, 0.9], 50):
        elements = random.choice(1 << 32, 400, replace=False).astype(np.uint32)
        alone = round(200 * (1 - true))  # in each of the two sets, of 400 in the union
        both = 400 - 2 * alone
        sets = elements[: both + alone], np.delete(elements, slice(both, both + alone))
        offsets = np.cumsum([0, *map(len, sets)])
        made = signatures(Shingles(np.concatenate(sets), offsets), 128)
        errors.append(np.mean(made[0::, 0] == made[0::, 1]) - both / 400)
        assert abs(errors[-1]) < 4 * math.sqrt(true * (1 - true) / 128) + 1 / 128
    assert abs(np.mean(errors)) < 0.01


# ---------------------------------------------------------------- properties

texts_of_words = st.lists(
    st.lists(st.sampled_from(WORDS[:12]), max_size=14).map(" ".join), min_size=1, max_size=25
)


@given(texts_of_words, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_does_not_matter(texts: list[str], random) -> None:  # type: ignore[no-untyped-def]
    order = list(range(len(texts)))
    random.shuffle(order)
    signed = sign(pa.array(texts, pa.string()), PARAMETERS)
    ids = pa.array([f"{number:06d}" for number in range(len(texts))])
    rank = np.arange(len(texts))
    straight = cluster(ids, rank, signed, PARAMETERS).to_pylist()
    mixed = cluster(ids.take(pa.array(order)), rank[order], signed.take(order), PARAMETERS)
    assert sorted(mixed.to_pylist(), key=lambda row: row["id"]) == straight


@given(texts_of_words)
@settings(max_examples=60, deadline=None)
def test_removed_for_a_kept_text_that_is_truly_similar(texts: list[str]) -> None:
    rows, sets = verdicts(texts), shingles(texts)
    for row, own in zip(rows, sets, strict=True):
        survivor = int(row["survivor_id"])
        assert rows[survivor]["kept"]
        if own and not row["kept"]:
            assert similarity(own, sets[survivor]) >= PARAMETERS.threshold
        elif not row["kept"]:
            assert texts[survivor].split() == texts[int(row["id"])].split()


@given(texts_of_words)
@settings(max_examples=60, deadline=None)
def test_the_kept_are_kept_again(texts: list[str]) -> None:
    kept = [text for text, row in zip(texts, verdicts(texts), strict=True) if row["kept"]]
    assert all(row["kept"] for row in verdicts(kept))


# ---------------------------------------------------------------- what says the same

code_like = st.text(st.sampled_from("ab_1é→ \t\n\x1c\u00a0.+()"), max_size=12)


@given(st.lists(code_like, min_size=1, max_size=20))
@settings(max_examples=200, deadline=None)
def test_equal_keys_mean_equal_words_and_characters(texts: list[str]) -> None:
    rows = sign(pa.array(texts, pa.string()), PARAMETERS).to_pylist()
    said = [(re.findall(r"\w+", text), "".join(text.split())) for text in texts]
    assert [row["words"] for row in rows] == [len(words) for words, _ in said]
    for row, own in zip(rows, said, strict=True):
        for other, others in zip(rows, said, strict=True):
            assert (row["exact_key"] == other["exact_key"]) == (own == others)


# ---------------------------------------------------------------- crowds


def _missed(texts: list[str]) -> tuple[int, int]:
    kept = [own for own, row in zip(shingles(texts), verdicts(texts), strict=True) if row["kept"]]
    return len(kept), len(set(similar_pairs([sorted(own) for own in kept], 0.7)[1]))


def test_a_licence_on_top_of_every_text_hides_nothing() -> None:
    random = np.random.default_rng(3)
    head = " ".join(f"licence{number}" for number in range(80))
    bodies = [[f"n{n}" for n in random.integers(0, 400, 30)] for _ in range(500)]
    copies = [[*body[:25], *body[26:]] for body in bodies[::10]]  # 50 that are alike in the body
    kept, missed = _missed([f"{head} {' '.join(body)}" for body in [*bodies, *copies]])
    assert (kept, missed) == (500, 0)


def test_a_large_family_at_the_threshold_hides_nothing() -> None:
    random = np.random.default_rng(4)
    base = [f"n{number}" for number in range(60)]
    texts = []
    for _ in range(500):
        words = list(base)
        for place in random.integers(0, 60, 2):
            words[place] = f"m{random.integers(10_000)}"
        texts.append(" ".join(words))
    kept, missed = _missed(texts)
    assert 100 < kept < 500
    assert missed == 0


def test_thousands_of_long_copies_do_not_take_quadratic_time() -> None:
    random = np.random.default_rng(5)
    words = np.array([f"n{number}" for number in range(400)], dtype=object)
    texts = []
    for number in range(3_000):
        words[random.integers(400)] = f"m{number}"
        texts.append(" ".join(words))
        words[:] = [f"n{place}" for place in range(400)]
    before = time.process_time()
    assert sum(row["kept"] for row in verdicts(texts)) == 1
    assert time.process_time() - before < 15  # comparing all pairs takes a minute
