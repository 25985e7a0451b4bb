"""Lists, shows and copies templates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus.config import TASKS as TASK_NAMES
from corpus.errors import UsageError
from corpus.render.templates import KNOWLEDGE_SLOTS, Template, Templates
from corpus.shipped import shipped
from corpus.strict_yaml import suggest
from corpus.tasks.registry import TASKS

SLOTS: Mapping[str, Mapping[str, str]] = {
    task: TASKS[task].slots if task in TASKS else KNOWLEDGE_SLOTS for task in TASK_NAMES
}
"""Every task's variables, each with its meaning."""

_HEADER = re.compile(r"\A\{#---\n.*?^---#\}\n", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Entry:
    """A template as it is listed. ``language`` is empty for all; ``origin`` is a folder."""

    task: str
    name: str
    language: str
    weight: float
    when: str | None
    origin: str


def catalogue(folder: Path | None = None) -> list[Entry]:
    """Return all templates, a user's folder laid over the shipped one. Raises TemplateError."""
    templates = Templates(str(folder) if folder else None, SLOTS)
    return [_entry(task, template) for task in SLOTS for template in templates.of_task(task)]


def _entry(task: str, template: Template) -> Entry:
    _, *language, base = template.name.split("/")
    is_shipped = Path(template.filename).is_relative_to(shipped("templates"))
    origin = "shipped" if is_shipped else str(Path(template.filename).parent)
    name = base.removesuffix(".jinja")
    return Entry(task, name, "".join(language), template.weight, template.when, origin)


def show(name: str, folder: Path | None = None) -> str:
    """Return a template's text; ``TASK`` alone is ``TASK/default``. Raises UsageError."""
    if folder is not None and not folder.is_dir():
        raise UsageError(f"template folder {folder} does not exist")
    root, found = next(
        ((root, path) for root in _roots(folder) if (path := _file(root, name))), (None, None)
    )
    if root is None or found is None:
        hint = "" if folder else " (for one of your own: --templates DIR)"
        raise UsageError(f"no template {name!r}; {suggest(name, _known(folder))}{hint}")
    return found.read_text("utf-8")


def copy(name: str, folder: Path) -> list[Path]:
    """Copy a shipped template, or all of a task, into ``folder``, its variables explained on top.

    Raises UsageError for a name that is not there, and for a file that is.
    """
    root = shipped("templates")
    if name in SLOTS:
        sources = sorted((root / name).rglob("*.jinja"))
    elif source := _file(root, name):
        sources = [source]
    else:
        raise UsageError(f"no template {name!r}; {suggest(name, [*SLOTS, *_known(None)])}")
    targets = [folder / source.relative_to(root) for source in sources]
    for target in targets:
        if target.exists():
            raise UsageError(f"{target} exists: name another folder, or remove it first")
    try:
        for source, target in zip(sources, targets, strict=True):
            target.parent.mkdir(parents=True, exist_ok=True)
            task = source.relative_to(root).parts[0]
            target.write_text(_explained(source.read_text("utf-8"), task), "utf-8")
    except OSError as error:
        raise UsageError(f"cannot write into {folder}: {error.strerror}") from None
    return targets


def _explained(source: str, task: str) -> str:
    """Put a comment with the task's variables into a template, below its header."""
    header = _HEADER.match(source)
    cut = header.end() if header else 0
    width = max(map(len, SLOTS[task]))
    lines = [f"    {name:{width}}  {meaning}" for name, meaning in SLOTS[task].items()]
    head = "{#- The variables of this task, for the blocks and for `when`:\n"
    return source[:cut] + head + "\n".join(lines) + " -#}\n" + source[cut:]


def _roots(folder: Path | None) -> list[Path]:
    return [*([folder] if folder else []), shipped("templates")]


def _file(root: Path, name: str) -> Path | None:
    """Return the file of a template that is named as ``list`` names it."""
    name = f"{name}/default" if name in SLOTS else name.removesuffix(".jinja")
    path = root / f"{name}.jinja"
    is_inside = path.resolve().is_relative_to(root.resolve())
    return path if is_inside and path.is_file() else None


def _known(folder: Path | None) -> list[str]:
    found: Iterable[Path] = (
        path.relative_to(root) for root in _roots(folder) for path in root.rglob("*.jinja")
    )
    return sorted({path.as_posix().removesuffix(".jinja") for path in found})
