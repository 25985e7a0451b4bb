"""Measures, held against models whose figures are known beforehand."""

from __future__ import annotations

import json
import math
import re
import shutil
import statistics
from random import Random

import pytest
import torch
from datasets import Dataset

from tests.train.conftest import make_model, settings
from train.config import TrainingError
from train.encode import Encoder
from train.evaluate import _Judge, _lines, _parses, evaluate, ratio
from train.run import Run, train

FENCE = "```"
BLOCK = f"{FENCE}python\nx = 1\n{FENCE}\n"
BROKEN = f"{FENCE}python\nx = = 1\n{FENCE}\n"
NESTED = f"{FENCE}`markdown\n{FENCE}python\n- x\n{FENCE}\n{FENCE}`\n"

CODE = [
    ("x = 1", True),
    ("    return 1", True),  # a body
    ("    x = 1", True),  # indented as it stood
    ("def f(:", False),
    ("x = '\0'", False),
]


@pytest.mark.parametrize(("code", "parses"), CODE)
def test_code_that_parses(code, parses):
    assert _parses(code) is parses


def test_ratio_and_its_error():
    mean = ratio([(x, 1) for x in (1.0, 2.0, 4.0, 8.0)])
    values = [1.0, 2.0, 4.0, 8.0]
    assert mean["value"] == statistics.mean(values)
    assert mean["error"] == pytest.approx(statistics.stdev(values) / math.sqrt(4))
    assert mean["n"] == 4
    assert ratio([(3.0, 2)]) == {"value": 1.5, "error": 0.0, "n": 1}
    random = Random(0)
    pairs = [(y * random.uniform(1, 3), y) for y in (random.randint(1, 9) for _ in range(300))]
    found = ratio(pairs)
    resampled = [ratio(random.choices(pairs, k=300))["value"] for _ in range(400)]
    assert found["error"] == pytest.approx(statistics.stdev(resampled), rel=0.15)


def test_a_model_that_knows_nothing_needs_the_bits_of_a_uniform_guess(tokenizer):
    model = make_model(tokenizer).eval()
    with torch.no_grad():
        model.lm_head.weight.zero_()  # tied: every logit is 0
    judge = _Judge(model, Encoder(tokenizer), {"bits": []})
    texts = ["import os\n" * 400, "é = 1\n"]
    judge.read("bits", texts)
    for (bits, size), text in zip(judge.found["bits"], texts, strict=True):
        tokens = sum(len(judge.encoder.text(p)) for p in judge.encoder.pieces(text, 512))
        assert bits == pytest.approx(tokens * math.log2(len(tokenizer)), rel=1e-4)
        assert size == len(text.encode())


def test_the_cost_of_a_continuation_is_the_models_own(tokenizer):
    model, judge_ids = make_model(tokenizer).eval(), [9, 10, 11, 12]
    judge = _Judge(model, Encoder(tokenizer), {})
    labels = torch.tensor([[-100, -100, 11, 12]])
    expected = model(torch.tensor([judge_ids]), labels=labels).loss.item() * 2
    assert judge.nats([9, 10], [11, 12]) == pytest.approx(expected, rel=1e-5)


def test_lines_are_whole_and_their_words_apart():
    texts = ["".join(f"value{n} = other{n}  # é\n" for n in range(9)), "x\n"]
    lines = _lines(texts, 100, Random(0))
    assert len(lines) == 6
    for line in lines:
        assert line.before + line.start + line.rest + line.after == texts[0]
        assert line.rest.startswith(line.words[0])
        assert re.fullmatch(r"value\d = other\d  # é", line.start + line.rest)
        assert len(set(line.words)) == 4
    assert lines == _lines(texts, 100, Random(0))
    assert len(_lines(texts, 3, Random(0))) == 3


@pytest.fixture(scope="module")
def taught(tokenizer, base, tmp_path_factory):
    """Return a dataset of one file and one answer, and a run that learnt both by heart."""
    root = tmp_path_factory.mktemp("taught")
    text = "import os\nimport sys\nvalue = 1\n\n\ndef double(number):\n    return number + number\n"
    answer = f"- It doubles.\n\n{BLOCK}"
    messages = [
        {"role": "user", "content": "What does double do?"},
        {"role": "assistant", "content": answer},
    ]
    row = {"task": "fix", "messages": messages, "language": "python"}
    head = "---\nconfigs:\n"
    for name, rows in (("knowledge", [{"text": text}]), ("instructions", [row])):
        (root / "data" / name).mkdir(parents=True)
        head += f"- config_name: {name}\n  data_files:\n"
        for split in ("train", "test"):
            Dataset.from_list(rows).to_parquet(root / "data" / name / f"{split}-0.parquet")
            head += f"  - split: {split}\n    path: {name}/{split}-*.parquet\n"
    (root / "data" / "README.md").write_text(f"{head}---\n")
    shapes = {"fix": {"bullets": 1, "code_blocks": 1, "parses": True}}
    (root / "data" / "manifest.json").write_text(json.dumps({"shapes": shapes}))
    learning = {"method": "full", "learning_rate": 5e-3, "batch_size": 2, "accumulation": 1}
    run = Run(
        settings(
            join="mix",
            sequence_length=128,
            knowledge={**learning, "epochs": 120.0},
            trainer={"logging_steps": 10, "save_strategy": "no", "disable_tqdm": True},
            fim_rate=0.0,
        ),
        *(str(root / "data"), str(base), root / "run"),
    )
    train(run)
    return run


def test_what_was_learnt_by_heart_is_measured_so(taught, base):
    report = evaluate(taught.data, str(base), [taught.out], limit=20, answer_tokens=60)
    before, after = report["columns"]["base"], report["columns"]["mixed"]
    assert after["bits per byte, held-out files"]["value"] < 0.3
    assert before["bits per byte, held-out files"]["value"] > 2
    assert after["answer, nats per token"]["value"] < 0.1
    for measure in ("line, exact match", "ends its turn", "shape of fix"):
        assert (before[measure]["value"], after[measure]["value"]) == (0, 1), measure
    assert after["identifier, 1 of 4"]["value"] == 1
    assert after["line, edit similarity"]["value"] == 1


def test_the_table_of_a_run(trained, corpus_folder, base, tmp_path):
    runs = [tmp_path / "both", tmp_path / "alone"]
    shutil.copytree(trained, runs[0])
    alone = settings(trainer={"max_steps": 1, "disable_tqdm": True, "logging_steps": 1})
    train(Run(alone, str(corpus_folder), str(base), runs[1], "instruction"))
    reports = [
        evaluate(str(corpus_folder), str(base), runs, str(corpus_folder), limit=3, answer_tokens=8)
        for _ in range(2)
    ]
    assert reports[0] == reports[1]
    columns = reports[0]["columns"]
    assert list(columns) == ["base", "stage 1", "stage 2", "stage 2 only"]
    measures = {
        "bits per byte, held-out files", "bits per byte, control files", "line, exact match",
        "line, edit similarity", "middle, exact match", "middle, edit similarity",
        "identifier, 1 of 4", "answer, nats per token", "ends its turn",
    }  # fmt: skip
    for figures in columns.values():
        shapes = {name for name in figures if name.startswith("shape of ")}
        assert figures.keys() - shapes == measures
        assert all(figures[name]["n"] == 3 for name in measures)
        assert sum(figures[name]["n"] for name in shapes) == 3  # every row's template declares one
        assert all(figure["error"] >= 0 for figure in figures.values())
    read = [columns[c]["bits per byte, held-out files"]["value"] for c in ("base", "stage 1")]
    assert read[1] < read[0]
    for run in runs:
        assert json.loads((run / "evaluation.json").read_text()) == reports[0]
        assert "| bits per byte, held-out files | 3 |" in (run / "README.md").read_text()


def test_what_cannot_be_measured(base, tmp_path, corpus_folder):
    shutil.copytree(base, tmp_path / "none")
    with pytest.raises(TrainingError, match="no finished run"):
        evaluate(str(corpus_folder), str(base), [tmp_path / "none"])
