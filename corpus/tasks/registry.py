"""Finds the task modules of this package: each one defines ``TASK``."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import corpus.tasks
from corpus.tasks.base import Task


def _find() -> dict[str, Task]:
    tasks = {}
    for module in iter_modules(corpus.tasks.__path__, "corpus.tasks."):
        task = getattr(import_module(module.name), "TASK", None)
        if isinstance(task, Task):
            tasks[task.name] = task
    return tasks


TASKS: dict[str, Task] = _find()
