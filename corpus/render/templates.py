"""Loads the templates of each task, and renders pairs with them."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

import jinja2

from corpus.errors import TemplateError
from corpus.ids import content_id
from corpus.render.check import Link, check
from corpus.render.environment import BOUNDARY, TemplateEnvironment, environment
from corpus.render.limits import TooMuchError, memory_limit, time_limit
from corpus.render.overlay import Overlay
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


@dataclass(frozen=True)
class Template:
    """One template, compiled. ``digest`` stands for its text and that of all it builds on.

    ``weight``, ``when`` and ``shape`` are what its header says, or the header of the template that
    it extends; the weight is its own. ``is_limited`` for a user's: it can't run away.
    """

    name: str
    filename: str
    digest: str
    compiled: jinja2.Template
    weight: float = 1
    when: str | None = None
    shape: Mapping[str, Any] = field(default_factory=dict)
    is_limited: bool = False

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
        return str(self._run(self._fill, slots))

    def fits(self, slots: Mapping[str, Any]) -> bool:
        """Tell whether the template is for such a pair. Raises TemplateError."""
        return self._condition is None or bool(self._run(self._condition, slots))

    def _run(self, work: Callable[[Mapping[str, Any]], Any], slots: Mapping[str, Any]) -> Any:
        try:
            if not self.is_limited:
                return work(slots)
            with time_limit():
                return work(slots)
        except (Exception, TooMuchError) as error:  # a template can go wrong in any way
            raise TemplateError(f"template {self._where()}: {_first_line(error)}") from None

    def _fill(self, slots: Mapping[str, Any]) -> str:
        # What Template.render does, without walking the globals for every row.
        compiled = self.compiled
        variables = {**slots, "boundary": BOUNDARY}
        context = compiled.environment.context_class(
            compiled.environment, variables, compiled.name, compiled.blocks
        )
        return "".join(compiled.root_render_func(context))

    @cached_property
    def _condition(self) -> Callable[[Mapping[str, Any]], Any] | None:
        if self.when is None:
            return None
        return self.compiled.environment.compile_expression(self.when, undefined_to_none=False)

    def _where(self) -> str:
        """Return file and line of the template line that the exception at hand came from."""
        try:
            self.compiled.environment.handle_exception()  # points the traceback at templates
        except (Exception, TooMuchError) as rewritten:
            for frame, line in reversed(list(traceback.walk_tb(rewritten.__traceback__))):
                if frame.f_code.co_filename.endswith(".jinja"):
                    return f"{frame.f_code.co_filename}:{line}"
        return f"{self.filename}:1"


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


class Templates:
    """The templates of every task asked for, the user's folder laid over the shipped one."""

    def __init__(self, folder: str | None, slots_by_task: Mapping[str, Iterable[str]]) -> None:
        """Load and check them all. Raises TemplateError, naming file and line."""
        if folder is not None and not Path(folder).is_dir():
            raise TemplateError(f"template folder {folder} does not exist")
        self._overlay = Overlay([Path(folder)] if folder else [], shipped("templates"))
        self._env = environment(self._overlay.own, self._overlay.shipped)
        self._slots = {task: set(slots) for task, slots in slots_by_task.items()}
        self._by_task = {task: self._of_task(task) for task in self._slots}
        self._only: str | None = None
        self._choices: dict[tuple[str, str], tuple[list[Template], list[float]]] = {}

    def choose(self, task: str, pair_id: str, slots: Mapping[str, Any]) -> Template | None:
        """Return the phrasing for a pair, always the same one; None where none is for such pairs.

        Of those whose ``when`` holds, each is chosen as often as its weight says.
        """
        templates, weights = self._choice(task, slots.get("language", ""))
        if self._only is not None:
            only = (t for t in templates if t.name == self._only and t.fits(slots))
            return next(only, None)
        if any(template.when for template in templates):
            templates = [template for template in templates if template.fits(slots)]
            weights = list(accumulate(template.weight for template in templates))
        if not templates:
            return None
        point = int(pair_id[:12], 16) / 16**12 * weights[-1]
        return next(t for t, end in zip(templates, weights, strict=True) if point < end)

    @contextmanager
    def only(self, name: str) -> Iterator[None]:
        """Choose this template alone in the block, for whatever pairs it is for."""
        self._only = name
        try:
            yield
        finally:
            self._only = None

    def of_task(self, task: str) -> Iterable[Template]:
        """Return all templates of a task, in the order of their names, those switched off too."""
        return self._by_task[task].values()

    def shapes(self) -> dict[str, Mapping[str, Any]]:
        """Return the declared shapes, by task, and by template where one has another shape.

        The shape of a row's output is that of its template, or else that of its task.
        """
        shapes: dict[str, Mapping[str, Any]] = {}
        for task, templates in self._by_task.items():
            default = templates.get(f"{task}/default.jinja")
            shapes[task] = default.shape if default else {}
            others = {name: t.shape for name, t in templates.items() if t.shape != shapes[task]}
            shapes |= others
        return {name: shape for name, shape in shapes.items() if shape or "/" in name}

    def _choice(self, task: str, language: str) -> tuple[list[Template], list[float]]:
        """Return the templates for a language, and the sums of their weights."""
        key = task, language
        if key not in self._choices:
            names = self._overlay.for_language(task, language)
            found = [self._by_task[task][name] for name in names]
            found = [template for template in found if template.weight]
            self._choices[key] = found, list(accumulate(template.weight for template in found))
        return self._choices[key]

    def _of_task(self, task: str) -> dict[str, Template]:
        names = self._overlay.names(task)
        if not names:
            raise TemplateError(f"task {task!r} has no template: templates/{task}/*.jinja")
        slots, is_limited = self._slots[task], bool(self._overlay.own)
        return {name: load(self._env, name, slots, is_limited=is_limited) for name in names}


def load(
    env: TemplateEnvironment, name: str, slots: Collection[str], *, is_limited: bool
) -> Template:
    """Check and compile one template. Raises TemplateError for its first fault."""
    with memory_limit(), time_limit():
        checked = check(env, name, slots)
    if checked.faults:
        raise checked.faults[0]
    chain = checked.chain
    return Template(
        name=name,
        filename=chain[0].filename,
        digest=content_id(*(link.source for link in chain))[:12],
        compiled=env.get_template(name),
        weight=chain[0].header.weight,
        when=_inherited(chain, "when"),
        shape=_inherited(chain, "shape") or {},
        is_limited=is_limited,
    )


def _inherited(chain: list[Link], key: str) -> Any:
    """Return what the nearest header says that says anything."""
    said = (getattr(link.header, key) for link in chain)
    return next((value for value in said if value is not None), None)
