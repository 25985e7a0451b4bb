"""Checks a user's folder of templates: finds every fault, and tries each on sample rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import nodes

from corpus.errors import TemplateError
from corpus.house.catalogue import SLOTS
from corpus.house.samples import sample_pairs
from corpus.render.check import Checked, check
from corpus.render.environment import TemplateEnvironment, environment
from corpus.render.leak import gives_away
from corpus.render.limits import memory_limit, time_limit
from corpus.render.overlay import Overlay
from corpus.render.shape import violation
from corpus.render.templates import Rendered, Template, load
from corpus.shipped import shipped
from corpus.strict_yaml import suggest
from corpus.tasks.base import Pair
from corpus.tasks.policies import policy_faults


@dataclass(frozen=True)
class Findings:
    """What a check found: the faults, each ``file:line: what; suggestion``, and what was tried."""

    faults: list[str]
    templates: int
    rows: int


def check_folder(folder: Path) -> Findings:
    """Check every template of a folder, laid over the shipped ones. Raises TemplateError if absent.

    A template that is well-formed is rendered for the samples of its task, in every language:
    for errors, for an answer that stands in the prompt, and for its declared shape.
    """
    if not folder.is_dir():
        raise TemplateError(f"template folder {folder} does not exist")
    return _Check(folder).run()


class _Check:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._overlay = Overlay([folder], shipped("templates"))
        self._env: TemplateEnvironment = environment([folder], self._overlay.shipped)
        self._faults: dict[str, None] = {}  # in the order found, each once
        self._faulty_files: set[str] = set()
        self._used: set[str] = set()
        self._templates = self._rows = 0

    def run(self) -> Findings:
        for fault in (*_strays(self._folder), *policy_faults(self._folder)):
            self._faults[fault] = None
        shared = any(self._folder.glob("*.jinja"))
        for task, slots in SLOTS.items():
            if not shared and not (self._folder / task).is_dir():
                continue
            try:
                names = self._overlay.names(task)
            except TemplateError as error:
                self._note(error)
                continue
            for name in names:
                self._check(task, name, slots)
        if not self._faults:  # a template that can't be read may be what uses it
            self._faults |= dict.fromkeys(self._unused())
        return Findings(list(self._faults), self._templates, self._rows)

    def _check(self, task: str, name: str, slots: Mapping[str, str]) -> None:
        with memory_limit(), time_limit():
            checked = check(self._env, name, slots)
        for fault in checked.faults:
            self._note(fault)
        self._used |= {link.filename for link in checked.chain}
        own = [link for link in checked.chain if _is_in(self._folder, link.filename)]
        if checked.faults or not own:
            return
        self._templates += self._overlay.is_own(name)
        if self._faulty_files.isdisjoint(link.filename for link in own):
            try:
                with memory_limit():
                    self._try(load(self._env, name, slots, is_limited=True), checked, task)
            except TemplateError as error:
                self._note(error)

    def _try(self, template: Template, checked: Checked, task: str) -> None:
        """Render a template for every sample that it is for. Raises TemplateError."""
        for pair in sample_pairs(task):
            if template.fits(pair.slots):
                self._rows += 1
                if task == "knowledge":
                    template.render_text(pair.slots)
                else:
                    _check_row(template.render(pair.slots), template, checked, pair)

    def _unused(self) -> Iterator[str]:
        """Name the files beside the tasks' folders that nothing extends, includes or imports."""
        for path in sorted(self._folder.glob("*.jinja")):
            if str(path) not in self._used:
                hint = f"a phrasing lies in a task's folder, as fix/{path.name}"
                yield f"{path}:1: no template uses it; {hint}"

    def _note(self, error: TemplateError) -> None:
        fault = str(error).removeprefix("template ")
        self._faults[fault] = None
        self._faulty_files.add(fault.split(":", 1)[0])


def _check_row(row: Rendered, template: Template, checked: Checked, pair: Pair) -> None:
    """Raise TemplateError for a row that a build would reject."""
    language = pair.slots.get("language", "")
    if not row.output.strip():
        where = _block(checked, "output")
        raise TemplateError(f"{where}: block 'output' is empty for the {language} sample")
    if not row.instruction.strip():
        where = _block(checked, "instruction")
        raise TemplateError(f"{where}: block 'instruction' is empty for the {language} sample")
    if gives_away(row, pair.answers):
        where, slot = _leak(checked, pair)
        raise TemplateError(
            f"{where}: the prompt gives the answer away; take {slot} out of it, "
            "or say it in block 'output' alone"
        )
    if wrong := violation(row.output, template.shape):
        where = next((k.header.lines["shape"] for k in checked.chain if k.header.shape), "")
        raise TemplateError(
            f"{where}: the output for the {language} sample has not the declared shape: {wrong}"
        )


def _leak(checked: Checked, pair: Pair) -> tuple[str, str]:
    """Return the line of the prompt that the answer stands in, and the variable that brings it."""
    answers = [" ".join(answer.split()) for answer in pair.answers]
    for name in ("instruction", "input"):
        for filename, block in _blocks(checked, name):
            for node in block.find_all(nodes.Name):
                said = " ".join(str(pair.slots.get(node.name, "")).split())
                if any(answer in said for answer in answers):
                    return f"template {filename}:{node.lineno}", f"{node.name!r}"
    return _block(checked, "input"), "the answer"


def _block(checked: Checked, name: str) -> str:
    """Return where a block stands: in the nearest template of the chain that has it."""
    for filename, block in _blocks(checked, name):
        return f"template {filename}:{block.lineno}"
    return f"template {checked.chain[0].filename}:1"


def _blocks(checked: Checked, name: str) -> Iterator[tuple[str, nodes.Block]]:
    for link in checked.chain:
        for block in link.tree.find_all(nodes.Block):
            if block.name == name:
                yield link.filename, block


def _strays(folder: Path) -> Iterator[str]:
    """Name what lies in a folder and would be passed over."""
    found: Iterable[Any] = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in found:
        parts = path.relative_to(folder).parts
        if any(part.startswith(".") for part in parts):
            continue
        if len(parts) > 1 and parts[0] not in SLOTS:
            hint = suggest(parts[0], list(SLOTS))
            yield f"{path}:1: the folder {parts[0]!r} is no task's; {hint}"
        elif len(parts) > 1 and path.suffix in (".j2", ".jinja2", ".txt", ".md"):
            yield f"{path}:1: is not read; name it {path.with_suffix('.jinja').name}"
    if not any(path.suffix == ".jinja" for path in found):
        yield f"{folder}:1: there is no template in it; `tunesmith templates copy explain {folder}`"


def _is_in(folder: Path, filename: str) -> bool:
    return Path(filename).is_relative_to(folder)
