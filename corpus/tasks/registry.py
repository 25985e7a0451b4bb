"""Finds the task modules of this package: each one defines ``TASK``."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import corpus.tasks
from corpus.tasks.base import S, Task


def _find() -> dict[str, Task[Any]]:
    tasks = {}
    for module in iter_modules(corpus.tasks.__path__, "corpus.tasks."):
        task = getattr(import_module(module.name), "TASK", None)
        if isinstance(task, Task):
            tasks[task.name] = task
    return tasks


TASKS: dict[str, Task[Any]] = _find()


def tasks_of(subject: type[S], names: Iterable[str]) -> list[Task[S]]:
    """Return those of the named tasks that make pairs of such subjects."""
    return [TASKS[name] for name in names if name in TASKS and TASKS[name].subject is subject]
