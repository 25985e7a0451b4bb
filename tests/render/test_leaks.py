"""No prompt holds its answer, and no split holds what another is tested on."""

from __future__ import annotations

import re
from collections import defaultdict

_FENCED = re.compile(r"\A(`{3,})\w*\n(.*)\n\1\Z", re.DOTALL)


def _plain(text: str) -> str:
    return " ".join(text.split())


def _answer(output: str) -> str:
    """Return an output without the fence around it, which no prompt could hold."""
    fenced = _FENCED.match(output)
    return fenced[2] if fenced else output


def test_no_prompt_holds_its_output(dataset):
    rows = dataset.rows("instructions")
    assert len(rows) > (20 if "shop" in str(dataset.folder) else 1000)
    given_away = [
        (row["task"], row["provenance"]["path"], row["provenance"]["start_line"], row["output"])
        for row in rows
        if "".join(_answer(row["output"]).split())
        in "".join(f"{row['system']} {row['instruction']} {row['input']}".split())
    ]
    assert given_away == []


def test_no_prompt_of_explain_and_document_holds_the_doc(dataset):
    docs = {
        (row["path"], row["start_line"], row["end_line"]): row["doc"]
        for row in dataset.rows("functions")
    }
    for row in dataset.rows("instructions"):
        where = row["provenance"]
        doc = docs[where["path"], where["start_line"], where["end_line"]]
        if row["task"] != "implement" and len(doc.split()) >= 5:
            assert _plain(doc) not in _plain(row["input"])


def test_what_gives_itself_away_is_rejected(shop_dataset):
    """``Order.told`` repeats its doc in a comment."""
    reasons = {
        (row["stage"], row["reason"])
        for row in shop_dataset.rejects()
        if row["reason"] == "answer_in_prompt"
    }
    assert {("explain", "answer_in_prompt"), ("document", "answer_in_prompt")} <= reasons


def test_equal_code_is_in_one_split(dataset):
    splits = defaultdict(set)
    for row in dataset.rows("functions"):
        splits["".join(row["code_without_doc"].split())].add(row["split"])
    for row in dataset.rows("knowledge"):
        splits["".join(row["text"].partition("\n")[2].split())].add(row["split"])
    assert all(len(found) == 1 for found in splits.values())
    assert len(splits) == len(dataset.rows("functions")) + len(dataset.rows("knowledge"))


def test_no_tested_function_stands_in_a_training_file(dataset):
    train = [_plain(r["text"]) for r in dataset.rows("knowledge") if r["split"] == "train"]
    tested = [row for row in dataset.rows("functions") if row["split"] != "train"]
    assert len(tested) > 0
    text = "\0".join(train)
    leaked = [
        (row["path"], row["start_line"], row["code"])
        for row in tested
        if _plain(row["code"]) in text or _plain(row["code_without_doc"]) in text
    ]
    assert leaked == []


def test_every_split_has_rows_of_every_configuration(dataset):
    for configuration in ("functions", "knowledge", "instructions"):
        splits = {row["split"] for row in dataset.rows(configuration)}
        assert splits == {"train", "validation", "test"}, configuration


def test_max_tokens_is_a_setting(shop, shop_dataset, build_dataset, tmp_path):
    made = build_dataset(shop, tmp_path / "out", "length.max_tokens=150")
    before, after = shop_dataset.rows("instructions"), made.rows("instructions")
    assert 0 < len(after) < len(before)
    assert {row["example_id"] for row in after} < {row["example_id"] for row in before}
    for row in after:
        texts = (row["system"], row["instruction"], row["input"], row["output"])
        assert sum(map(len, texts)) <= 450
    too_long = {row["stage"] for row in made.rejects() if row["reason"] == "too_long"}
    assert too_long == {"explain", "document", "implement"}


def test_messages_say_what_the_columns_say(dataset):
    for row in dataset.rows("instructions"):
        user = f"{row['instruction']}\n\n{row['input']}".strip()
        assert row["messages"] == [
            {"role": "system", "content": row["system"]},
            {"role": "user", "content": user},
            {"role": "assistant", "content": row["output"]},
        ]


def test_document_answers_with_the_code_and_its_doc(dataset):
    functions = {
        (row["path"], row["start_line"], row["end_line"]): row for row in dataset.rows("functions")
    }
    for row in dataset.rows("instructions"):
        if row["task"] == "document":
            where = row["provenance"]
            function = functions[where["path"], where["start_line"], where["end_line"]]
            assert _answer(row["output"]) == function["code"]
            assert function["doc_raw"] in function["code"] or "\n" in function["doc_raw"]
            assert _answer(row["input"]) == function["code_without_doc"]
