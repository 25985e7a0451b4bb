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

import train.evaluate as train_evaluate
from corpus.errors import UsageError
from tests.train.conftest import make_model, settings, write_dataset
from train.encode import Encoder
from train.evaluate import Judge, _lines, evaluate, ratio
from train.run import Run, train

FENCE = "```"
BLOCK = f"{FENCE}python\nx = 1\n{FENCE}\n"


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
    judge = Judge(model, Encoder(tokenizer))
    texts = ["import os\n" * 400, "é = 1\n"]
    judge.read("bits", texts)
    for (bits, size), text in zip(judge.found["bits"], texts, strict=True):
        tokens = sum(len(judge.encoder.text(p)) for p in judge.encoder.pieces(text, 512))
        assert bits == pytest.approx(tokens * math.log2(len(tokenizer)), rel=1e-4)
        assert size == len(text.encode())


def test_the_cost_of_a_continuation_is_the_models_own(tokenizer):
    model, judge_ids = make_model(tokenizer).eval(), [9, 10, 11, 12]
    judge = Judge(model, Encoder(tokenizer))
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


def talk(task, question, answer, evidence, template):
    messages = [("user", question), ("assistant", answer)]
    return {
        "task": task,
        "template": template,
        "messages": [{"role": role, "content": text} for role, text in messages],
        "language": "python",
        "provenance": {"evidence": evidence},
    }


ROWS = [
    talk("fix", "Correct f.", f"{BLOCK}\n- It doubles.", "commit", "fix/default"),
    talk("policy", "Hide errors.", "I won't hide them.", "policy silence", "policy/default"),
    talk("policy", "What is f?", "It doubles.", "doc", "policy/answered"),
    talk("security", "Review f.", "No issue found.", "bandit", "security/clean"),
]
SHAPES = {
    "fix/default": {"begins_with": "code", "code_blocks": 1, "min_bullets": 1},
    "policy": {"begins_with": "text", "code_blocks": 0},
}


@pytest.fixture(scope="module")
def taught(base, tmp_path_factory):
    """Return a dataset of one file and four answers, and a run that learnt all by heart."""
    root = tmp_path_factory.mktemp("taught")
    text = "import os\nimport sys\nvalue = 1\n\n\ndef double(number):\n    return number + number\n"
    files = [{"text": text}]
    data = write_dataset(
        root / "data",
        knowledge={"train": files, "test": files},
        instructions={"train": ROWS, "test": ROWS},
    )
    (data / "manifest.json").write_text(json.dumps({"shapes": SHAPES}))
    learning = {"method": "full", "learning_rate": 5e-3, "batch_size": 4, "accumulation": 1}
    run = Run(
        settings(
            join="mix",
            sequence_length=128,
            knowledge={**learning, "epochs": 120.0},
            trainer={"logging_steps": 10, "save_strategy": "no", "disable_tqdm": True},
            fim_rate=0.0,
        ),
        *(str(data), str(base), root / "run"),
    )
    train(run)
    return run


@pytest.fixture
def short_answers(monkeypatch):
    """Let untrained models, which never end a turn, write a little only."""
    monkeypatch.setattr(train_evaluate, "_ANSWER", 60)


def test_what_was_learnt_by_heart_is_measured_so(taught, base, short_answers):
    report = evaluate(taught.data, str(base), [taught.out], limit=20)
    before, after = report["columns"]["base"], report["columns"]["mixed"]
    assert after["bits per byte, held-out files"]["value"] < 0.3
    assert before["bits per byte, held-out files"]["value"] > 2
    assert after["answer, nats per token"]["value"] < 0.1
    counts = {
        "line, exact match": 2, "ends its turn": 4, "shape of fix": 1, "verdict of security": 1,
        "code parses": 1,
    }  # fmt: skip
    for measure, n in counts.items():
        assert (before[measure]["value"], after[measure]["value"]) == (0, 1), measure
        assert before[measure]["n"] == after[measure]["n"] == n, measure
    # Untrained, it refuses neither: right of the request that is benign. What it writes is text.
    assert (before["verdict of policy"]["value"], after["verdict of policy"]["value"]) == (0.5, 1)
    assert after["shape of policy"] == {"value": 1, "error": 0, "n": 2}
    assert after["identifier, 1 of 4"]["value"] == 1
    assert after["line, edit similarity"]["value"] == 1


def test_the_table_of_a_run(trained, corpus_folder, base, tmp_path, monkeypatch):
    for limit in ("_ANSWER", "_LINE"):  # what is measured is not looked at
        monkeypatch.setattr(train_evaluate, limit, 12)
    runs = [tmp_path / "both", tmp_path / "alone"]
    shutil.copytree(trained, runs[0])
    alone = settings(trainer={"max_steps": 1, "disable_tqdm": True, "logging_steps": 1})
    train(Run(alone, str(corpus_folder), str(base), runs[1], "instruction"))
    reports = [
        evaluate(str(corpus_folder), str(base), runs, str(corpus_folder), limit=3) for _ in range(2)
    ]
    assert reports[0] == reports[1]
    columns = reports[0]["columns"]
    assert list(columns) == ["base", "stage 1", "stage 2", "stage 2 only"]
    measures = {
        "bits per byte, held-out files", "bits per byte, control files", "line, exact match",
        "line, edit similarity", "middle, exact match", "middle, edit similarity",
        "identifier, 1 of 4", "answer, nats per token", "ends its turn",
    }  # fmt: skip
    assert len({tuple(figures) for figures in columns.values()}) == 1  # the same rows for each
    for figures in columns.values():
        shapes = {name for name in figures if name.startswith("shape of ")}
        assert figures.keys() - shapes - {"code parses"} == measures
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
    with pytest.raises(UsageError, match="no finished run"):
        evaluate(str(corpus_folder), str(base), [tmp_path / "none"])
