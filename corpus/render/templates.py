"""Loads the templates of a task, finds their faults, and renders pairs with them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from corpus.errors import TemplateError
from corpus.ids import content_id
from corpus.render.environment import BOUNDARY, environment
from corpus.shipped import shipped

_LAYOUT_VARIABLES = {"boundary"}
KNOWLEDGE_SLOTS = {
    "language": "the language's name, as a code fence has it",
    "path": "the file's path in the repo",
    "repo": "the repo's name",
    "text": "the whole file",
    "line_comment": "what begins a comment in the language",
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """The four texts of a row."""

    system: str
    instruction: str
    input: str
    output: str


@dataclass(frozen=True, slots=True)
class Template:
    """One template, compiled. ``digest`` stands for its text and that of all it builds on."""

    name: str
    digest: str
    compiled: jinja2.Template

    def render(self, slots: Mapping[str, Any]) -> Rendered:
        """Fill the blocks. Raises TemplateError."""
        text = self._render(slots)
        system, instruction, given, output = (part.strip("\n") for part in text.split(BOUNDARY))
        return Rendered(system, instruction, given, output)

    def render_text(self, slots: Mapping[str, Any]) -> str:
        """Fill a template that has no blocks. Raises TemplateError."""
        return self._render(slots)

    def _render(self, slots: Mapping[str, Any]) -> str:
        # What Template.render does, without walking the globals for every row.
        compiled = self.compiled
        variables = {**slots, "boundary": BOUNDARY}
        context = compiled.environment.context_class(
            compiled.environment, variables, compiled.name, compiled.blocks
        )
        try:
            return "".join(compiled.root_render_func(context))
        except jinja2.TemplateError as error:
            raise TemplateError(f"template {self.name}: {error.message}") from None
        except (TypeError, ValueError, ArithmeticError, LookupError) as error:
            raise TemplateError(f"template {self.name}: {error}") from None


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
        sources = _check(self._env, name, slots, [])
        return Template(name, content_id(*sources)[:12], self._env.get_template(name))


def _check(
    env: ImmutableSandboxedEnvironment, name: str, slots: set[str], seen: Sequence[str]
) -> list[str]:
    """Return the text of a template and of all it builds on, or raise for its first fault."""
    if name in seen:
        raise TemplateError(f"template {name} extends itself: {' > '.join([*seen, name])}")
    assert env.loader is not None
    try:
        source, filename, _ = env.loader.get_source(env, name)
        tree = env.parse(source, name, filename)
        env.compile(tree, name, filename)  # finds unknown filters and tests
    except jinja2.TemplateSyntaxError as error:
        where = f"{error.filename or error.name}:{error.lineno}"
        raise TemplateError(f"template {where}: {error.message}") from None
    except jinja2.TemplateNotFound as error:
        base = f" (extended or included by {seen[-1]})" if seen else ""
        raise TemplateError(f"there is no template {error.name}{base}") from None
    except UnicodeDecodeError:
        raise TemplateError(f"template {name} is not UTF-8") from None
    _check_variables(tree, filename or name, slots)
    sources = [source]
    for parent in meta.find_referenced_templates(tree):
        if parent is not None:
            sources += _check(env, parent, slots, [*seen, name])
    if not seen and name.split("/")[0] != "knowledge" and not _extends_layout(env, name):
        raise TemplateError(f'template {filename}:1: begin it with {{% extends "row.jinja" %}}')
    return sources


def _check_variables(tree: nodes.Template, filename: str, slots: set[str]) -> None:
    known = slots | _LAYOUT_VARIABLES
    unknown = meta.find_undeclared_variables(tree) - known
    for node in tree.find_all(nodes.Name):
        if node.name in unknown:
            close = difflib.get_close_matches(node.name, known, 1)
            hint = (
                f"did you mean {close[0]!r}?" if close else f"there are {', '.join(sorted(slots))}"
            )
            raise TemplateError(
                f"template {filename}:{node.lineno}: no variable {node.name!r}; {hint}"
            )


def _extends_layout(env: ImmutableSandboxedEnvironment, name: str) -> bool:
    assert env.loader is not None
    while name not in ("row.jinja", "tunesmith/row.jinja"):
        tree = env.parse(env.loader.get_source(env, name)[0])
        extends = tree.find(nodes.Extends)
        if extends is None or not isinstance(extends.template, nodes.Const):
            return False
        name = extends.template.value
    return True
