"""The shape of the project: what may import what, how long a module may be, what costs at start."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from corpus.config import TASKS as NAMED_TASKS
from corpus.tasks.registry import TASKS

ROOT = Path(__file__).parent.parent
MODULES = sorted(path for top in ("corpus", "train") for path in (ROOT / top).rglob("*.py"))

# What each part of corpus may import besides itself. Data flows from left to right:
# sources > extract > dedup > history, links > context > tasks > render > publish, report >
# run > cli.
TRAIN_MAY_USE = ("corpus.errors", "corpus.publish.read", "corpus.render.adherence")
_FOUNDATION = {
    "errors",
    "ids",
    "schemas",
    "shipped",
    "rejects",
    "languages",
    "config",
    "store",
    "guard",
    "strict_yaml",
    "fingerprint",
}
ALLOWED = {
    "errors": set(),
    "ids": set(),
    "schemas": set(),
    "shipped": set(),
    "languages": set(),
    "guard": set(),
    "process": set(),
    "fingerprint": {"ids"},
    "strict_yaml": {"errors"},
    "store": {"schemas"},
    # The parameters of dedup and the policy of safety stand beside their use.
    "config": {"languages", "errors", "dedup", "safety"},
    "rejects": {"schemas"},
    "sources": _FOUNDATION,
    "safety": _FOUNDATION,
    "pipeline_file": _FOUNDATION,
    "dedup": _FOUNDATION,
    "extract": _FOUNDATION | {"sources", "dedup", "safety"},
    "history": _FOUNDATION | {"sources", "extract", "dedup"},
    "lint": _FOUNDATION | {"extract", "history"},
    "context": _FOUNDATION | {"sources", "safety", "extract"},
    "links": _FOUNDATION | {"extract"},
    "tasks": _FOUNDATION | {"extract", "sources"},
    "render": _FOUNDATION | {"extract", "history", "links", "lint", "safety", "tasks"},
    "report": _FOUNDATION | {"safety", "sources"},
    "publish": _FOUNDATION | {"history", "report", "safety", "sources"},
    "run": _FOUNDATION
    | {"sources", "safety", "extract", "dedup", "history", "links", "context", "tasks", "render"}
    | {"lint", "publish", "report", "pipeline_file", "process"},
    "mutants": _FOUNDATION,
    "verify": _FOUNDATION | {"sources", "links", "mutants", "run"},
    "inspect": _FOUNDATION | {"sources", "extract", "report"},
    "house": _FOUNDATION
    | {"sources", "safety", "extract", "history", "links", "context", "tasks", "render"}
    | {"pipeline_file", "report", "run"},
    "cli": None,
}


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return found


def _part(path: Path) -> str:
    return path.relative_to(ROOT / "corpus").parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_along_the_flow(path):
    imports = _imports(path)
    tests = {name for name in imports if name.split(".")[0] in ("tests", "conftest")}
    assert not tests
    if path.is_relative_to(ROOT / "train"):
        # How a dataset is read and what answers must keep to is the dataset's, not its making.
        names = {name for name in imports if name.split(".")[0] == "corpus"}
        assert {name for name in names if not name.startswith(TRAIN_MAY_USE)} == set()
        return
    part = _part(path)
    if path != ROOT / "corpus" / "cli" / "train.py":
        assert not {name for name in imports if name.split(".")[0] == "train"}
    if part == "__init__":
        return
    inner = {name.split(".")[1] for name in imports if name.startswith("corpus.")}
    allowed = ALLOWED[part]
    if allowed is not None:
        assert inner - {part} <= allowed


def test_every_part_has_a_place_in_the_flow():
    parts = {_part(path) for path in MODULES if path.is_relative_to(ROOT / "corpus")}
    assert parts - {"__init__"} <= ALLOWED.keys()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_is_too_long_to_read(path):
    assert len(path.read_text().splitlines()) <= 250
    assert path.stem not in ("utils", "helpers", "common", "misc")


def test_the_top_packages_are_packages():
    """A namespace package is taken over by any folder of the same name on the path."""
    for name in ("corpus", "train"):
        assert importlib.import_module(name).__file__ is not None


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("corpus.cli", ["torch", "datasets", "ray", "polars", "pyarrow", "pandas"]),
        (
            "corpus.run.build",
            ["torch", "datasets", "ray", "pandas", "transformers", "huggingface_hub"],
        ),
        ("corpus.pipeline_file", ["torch", "datasets", "ray", "polars", "pyarrow"]),
    ],
)
def test_what_is_heavy_is_imported_late(module, heavy):
    code = f"import sys, {module}; print(*sorted({heavy!r} & sys.modules.keys()))".replace(
        repr(heavy), f"set({heavy!r})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_every_task_has_templates_and_every_template_folder_a_task():
    folders = {path.name for path in (ROOT / "templates").iterdir() if path.is_dir()}
    assert folders == {*TASKS, "knowledge"} == set(NAMED_TASKS)
    for folder in folders:
        assert list((ROOT / "templates" / folder).glob("*.jinja"))


@pytest.mark.parametrize("name", sorted(TASKS))
def test_every_task_is_a_module_with_all_its_slots_explained(name):
    task = TASKS[name]
    assert (ROOT / "corpus" / "tasks" / f"{name}.py").is_file()
    assert task.slots
    assert all(meaning.strip() for meaning in task.slots.values())


def test_every_slot_is_filled(shop_dataset):
    """What a task says a template may use is what it gives, for every function."""
    from corpus.extract.sections import parse_sections
    from corpus.languages import LANGUAGES
    from corpus.tasks.base import Documented
    from corpus.tasks.registry import tasks_of

    documented = [row for row in shop_dataset.rows("functions") if row["doc"]]
    assert len(documented) > 10
    for row in documented:
        sections = parse_sections(row["doc"], LANGUAGES[row["language"]])
        for task in tasks_of(Documented, TASKS):
            pair = task.make(Documented(row, sections, "body"))
            assert pair.slots.keys() == task.slots.keys()
            assert None not in pair.slots.values()
            assert all(pair.answers)
