"""Loads the templates of each task, and renders pairs with them."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import jinja2

from corpus.errors import TemplateError
from corpus.ids import content_id
from corpus.render.check import check
from corpus.render.environment import BOUNDARY, environment
from corpus.shipped import shipped

KNOWLEDGE_SLOTS = {
    "language": "the language's name, as a code fence has it",
    "path": "the file's path in the repo",
    "repo": "the repo's name",
    "text": "the whole file",
    "line_comment": "what begins a comment in the language",
}


class Rendered(NamedTuple):
    """The four texts of a row, in the order that ``row.jinja`` prints them."""

    system: str
    instruction: str
    input: str
    output: str


@dataclass(frozen=True, slots=True)
class Template:
    """One template, compiled. ``digest`` stands for its text and that of all it builds on."""

    name: str
    filename: str
    digest: str
    compiled: jinja2.Template

    def render(self, slots: Mapping[str, Any]) -> Rendered:
        """Fill the blocks. Raises TemplateError."""
        parts = [part.strip("\n") for part in self.render_text(slots).split(BOUNDARY)]
        if len(parts) != len(Rendered._fields):
            raise TemplateError(
                f"template {self.filename}:1: row.jinja must part the blocks "
                f"{', '.join(Rendered._fields)} by three boundaries, and nothing else may print one"
            )
        return Rendered(*parts)

    def render_text(self, slots: Mapping[str, Any]) -> str:
        """Fill a template, blocks or none. Raises TemplateError."""
        # What Template.render does, without walking the globals for every row.
        compiled = self.compiled
        variables = {**slots, "boundary": BOUNDARY}
        context = compiled.environment.context_class(
            compiled.environment, variables, compiled.name, compiled.blocks
        )
        try:
            return "".join(compiled.root_render_func(context))
        except Exception as error:  # a template can go wrong in any way that Python can
            raise TemplateError(f"template {self._where()}: {_first_line(error)}") from None

    def _where(self) -> str:
        """Return file and line of the template line that the exception at hand came from."""
        try:
            self.compiled.environment.handle_exception()  # points the traceback at templates
        except Exception as rewritten:
            for frame in reversed(traceback.extract_tb(rewritten.__traceback__)):
                if frame.filename.endswith(".jinja"):
                    return f"{frame.filename}:{frame.lineno}"
        return self.filename


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


class Templates:
    """The templates of every task asked for, the user's folder laid over the shipped one."""

    def __init__(self, folder: str | None, slots_by_task: Mapping[str, Iterable[str]]) -> None:
        """Load and check them all. Raises TemplateError, naming file and line."""
        if folder is not None and not Path(folder).is_dir():
            raise TemplateError(f"template folder {folder} does not exist")
        self._folders = [Path(folder)] if folder is not None else []
        self._env = environment(self._folders, shipped("templates"))
        self._by_task = {
            task: [self._load(name, set(slots)) for name in self._names(task)]
            for task, slots in slots_by_task.items()
        }

    def choose(self, task: str, pair_id: str) -> Template:
        """Return the phrasing for a pair: always the same one for the same id."""
        choices = self._by_task[task]
        return choices[int(pair_id[:8], 16) % len(choices)]

    def _names(self, task: str) -> list[str]:
        folders = [*self._folders, shipped("templates")]
        names = {f"{task}/{p.name}" for f in folders for p in (f / task).glob("*.jinja")}
        if not names:
            raise TemplateError(f"task {task!r} has no template: templates/{task}/*.jinja")
        return sorted(names)

    def _load(self, name: str, slots: set[str]) -> Template:
        chain = check(self._env, name, slots)
        digest = content_id(*(link.source for link in chain))[:12]
        return Template(name, chain[0].filename, digest, self._env.get_template(name))
