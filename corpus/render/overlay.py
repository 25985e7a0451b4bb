"""Which templates there are: a user's folder laid over the shipped one, languages over all.

``explain/default.jinja`` in the user's folder takes the place of the shipped one, and so, for
Python, does ``explain/python/default.jinja`` in either; a new name is one more phrasing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from corpus.errors import TemplateError
from corpus.languages import LANGUAGES
from corpus.strict_yaml import suggest


class Overlay:
    """The folders that templates are looked for in, the user's ``own`` before the shipped."""

    def __init__(self, own: Sequence[Path], shipped: Path) -> None:
        self.own = list(own)
        self.shipped = shipped

    def names(self, task: str) -> list[str]:
        """Return the names of a task's templates, ``task/name.jinja`` and ``task/language/…``.

        Raises TemplateError for a folder that is no language's.
        """
        names = set()
        for root in (*self.own, self.shipped):
            for path in (root / task).rglob("*.jinja"):
                parts = path.relative_to(root).parts
                if len(parts) > 3 or (len(parts) == 3 and parts[1] not in LANGUAGES):
                    raise TemplateError(
                        f"template {path}:1: the folder {parts[1]!r} is no language's; "
                        f"{suggest(parts[1], sorted(LANGUAGES))}"
                    )
                names.add("/".join(parts))
        return sorted(names)

    def for_language(self, task: str, language: str) -> list[str]:
        """Return those of the names that are for a language."""
        names = self.names(task)
        special = {name for name in names if name.startswith(f"{task}/{language}/")}
        general = [n for n in names if n.count("/") == 1 and _in(language, n) not in special]
        return sorted([*general, *special])

    def is_own(self, name: str) -> bool:
        """Tell whether a template is the user's."""
        return any((root / name).is_file() for root in self.own)


def _in(language: str, name: str) -> str:
    task, base = name.split("/")
    return f"{task}/{language}/{base}"
