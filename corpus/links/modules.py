"""Resolves what imports name to files and folders of the repo."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

_PACKAGE_FILES = ("__init__", "index", "mod", "lib", "main", "init")


def without_extension(path: str) -> str:
    """Return a path without its extension; a package's own file counts as its folder."""
    folder, _, name = path.rpartition("/")
    stem = name.partition(".")[0] if not name.startswith(".") else name
    if stem in _PACKAGE_FILES:
        return folder
    return f"{folder}/{stem}" if folder else stem


class Modules:
    """The files and folders of one repo, by the last parts of their paths."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._places: set[str] = set()
        self._packages: set[str] = set()
        for path in paths:
            place = without_extension(path)
            if path.endswith("__init__.py"):
                self._packages.add(place)
            while place not in self._places:
                self._places.add(place)
                place = place.rpartition("/")[0]
        self._by_last: dict[str, list[str]] = {}
        for place in sorted(self._places, key=lambda place: (place.count("/"), place)):
            self._by_last.setdefault(place.rpartition("/")[2], []).append(place)

    def resolve(self, importer: str, module: str) -> str | None:
        """Return the file (without its extension) or folder that ``module`` is, or None.

        ``importer`` is the path of the file that names it.
        """
        if module.startswith("."):
            joined = posixpath.normpath(posixpath.join(posixpath.dirname(importer), module))
            place = "" if joined == "." else without_extension(joined)
            return place if place in self._places else None
        module = re.sub(r"\.(h|hpp|hh|rb|lua|sh|php)$", "", module)
        parts = [part for part in re.split(r"[/.]", module) if part]
        if "/" in module and ("." in module.partition("/")[0] or module.startswith("@")):
            return self._tail(module.split("/"))
        # A path of names may end in a member: a.b.Class.method is in a/b/Class.
        for end in (len(parts), len(parts) - 1):
            found = self._whole(parts[:end]) if end > 0 else None
            if found is not None:
                return found
        return None

    def _whole(self, parts: list[str]) -> str | None:
        """Return the place whose path ends in ``parts``, below what is itself no package."""
        tail = "/".join(parts)
        for place in self._by_last.get(parts[-1], ()):
            if place == tail or place.endswith("/" + tail):
                above = place[: -len(tail)].rstrip("/")
                if above not in self._packages:
                    return place
        return None

    def _tail(self, parts: list[str]) -> str | None:
        """Return the place of an address, whose beginning is the repo's own: host/owner/repo/a/b.

        The repo itself is the address's first three parts, or the two of a scoped package.
        """
        own = 3 if "." in parts[0] else 2
        if len(parts) == own:
            return "" if self._is_own(parts) else None
        return self._whole(parts[own:]) if len(parts) > own else None

    def _is_own(self, parts: list[str]) -> bool:
        return not any(place.startswith("vendor/") for place in self._places) and bool(parts)
