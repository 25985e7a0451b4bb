"""Progress bars on stderr: what is being done, how fast, and how long it will still take."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text


class _Rate(TextColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed or 0:,.0f} {self.text_format.format(task=task)}/s", style="dim")


class Stages:
    """Times the stages of a build, and shows a bar for each where somebody looks on."""

    def __init__(self, *, quiet: bool) -> None:
        console = Console(stderr=True)
        self.seconds: dict[str, float] = {}
        self._bars = Progress(
            TextColumn("{task.description:<10}"),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate("{task.fields[unit]}"),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=console,
            disable=quiet or not console.is_terminal,
        )

    def __enter__(self) -> Stages:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    @contextmanager
    def stage(self, name: str, total: int | None = None, unit: str = "files") -> Iterator[_Bar]:
        """Time a stage, all that has its name together. ``total`` is how many units it has."""
        started = time.perf_counter()
        bar = _Bar(self._bars, name, total, unit)
        try:
            yield bar
        finally:
            spent = time.perf_counter() - started
            self.seconds[name] = round(self.seconds.get(name, 0) + spent, 3)
        bar.finish()


class _Bar:
    def __init__(self, bars: Progress, name: str, total: int | None, unit: str) -> None:
        self._bars = bars
        self._task = bars.add_task(name, total=total, unit=unit)

    def advance(self, units: int) -> None:
        """Say that so many more units are done."""
        self._bars.advance(self._task, units)

    def finish(self) -> None:
        task = self._bars.tasks[self._task]
        done = task.total or task.completed or 1
        self._bars.update(self._task, total=done, completed=done)
