"""Each of hundreds of faulty templates is told, with its line, in time, and does no harm."""

from __future__ import annotations

import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import jinja2.debug  # noqa: F401 - Jinja imports it at the first error
import pytest

from corpus.house.check import check_folder
from corpus.shipped import shipped
from tests.templates.mutants import HOSTILE, Mutant, mutants, write


def _half(every: Iterable[Mutant]) -> Iterator[Mutant]:
    """Yield every second mutant of each kind, of the one kind those that the next leaves out."""
    of_kind: dict[str, list[Mutant]] = {}
    for mutant in every:
        of_kind.setdefault(mutant.kind, []).append(mutant)
    for number, alike in enumerate(of_kind.values()):
        yield from alike[number % 2 :: 2]


MUTANTS = list(_half(mutants()))
_FORBIDDEN = ("os.system", "os.exec", "os.posix_spawn", "subprocess.Popen", "socket.connect")
_seen: list[tuple[str, str]] | None = None


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if _seen is not None and (event == "open" or event in _FORBIDDEN):
        _seen.append(
            (
                event,
                os.fsdecode(arguments[0])
                if arguments and isinstance(arguments[0], str | bytes)
                else "",
            )
        )


sys.addaudithook(_audit)


def test_there_are_hundreds_of_every_kind():
    assert len(MUTANTS) >= 200
    kinds = Counter(mutant.kind for mutant in MUTANTS)
    assert len(kinds) >= 40
    assert HOSTILE.keys() <= kinds.keys()


@pytest.mark.parametrize("part", range(4))
def test_each_is_told_with_its_line_and_does_no_harm(part, tmp_path):
    global _seen
    check_folder(_empty(tmp_path))  # imports what is imported late
    wrong = []
    for number, mutant in enumerate(MUTANTS[part::4]):
        folder = tmp_path / str(number)
        file = write(mutant, folder)
        _seen, start = [], time.process_time()
        try:
            faults = check_folder(folder).faults
        finally:
            seconds, opened, _seen = time.process_time() - start, _seen, None
        wrong += [(mutant.kind, mutant.name, what) for what in _complaints(mutant, file, faults)]
        if seconds > 5:
            wrong.append((mutant.kind, mutant.name, f"{seconds:.1f} s"))
        wrong += [(mutant.kind, mutant.name, event) for event in opened if _is_harm(event, folder)]
    assert wrong == []


def _empty(tmp_path: Path) -> Path:
    (tmp_path / "empty" / "explain").mkdir(parents=True)
    text = (shipped("templates") / "explain" / "default.jinja").read_text("utf-8")
    (tmp_path / "empty" / "explain" / "mine.jinja").write_text(text)
    return tmp_path / "empty"


def _complaints(mutant: Mutant, file: Path, faults: list[str]) -> list[str]:
    if not faults:
        return ["no fault found"]
    if any("\n" in fault for fault in faults):
        return ["more than a line"]
    at = [re.fullmatch(rf"{re.escape(str(file))}:(\d+): \S.*", fault) for fault in faults]
    lines = [int(found[1]) for found in at if found]
    if len(lines) < len(faults):
        return [f"no file and line: {faults}"]
    if mutant.line and mutant.line not in lines:
        return [f"line {mutant.line} is not told: {faults}"]
    return []


def _is_harm(event: tuple[str, str], folder: Path) -> bool:
    kind, path = event
    if kind != "open":
        return True
    mine = (folder, shipped("templates"), Path(sys.prefix), Path(sys.base_prefix))
    samples = shipped("templates").parent / "corpus"
    allowed = (*mine, samples, Path("/proc/self/statm"))
    return not any(Path(path).is_relative_to(root) for root in allowed)
