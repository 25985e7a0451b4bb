"""The helpers of test code that a test uses: of its own file, its package, or what it imports."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

import pyarrow as pa

from corpus.extract.calls import Called, can_mean, defined_outside
from corpus.links.imports import bound_names, holds_word
from corpus.links.modules import without_extension
from corpus.links.units import Unit
from corpus.schemas import record, required

PACKAGES = ("go", "java", "kotlin", "scala")
"""Here what is in one folder needs no import."""
# A name that is handed on, or decorates.
_HANDED = re.compile(r"(?:@|[(,=:\[{&]\s*)([^\W\d]\w*)\s*(?=[,)\]};\n])")
_OWN = re.compile(r"(?<![\w.>])(\w+)\s*(?::=|=(?![=>]))|\b(?:let|var|val|def|function)\s+(\w+)")


HELPER = record(
    "helper",
    1,
    [
        required("repo"),
        required("language"),
        required("path"),
        required("split"),
        required("kind"),
        required("name"),
        required("qualified_name"),
        required("signature"),
        required("start_line", pa.int32()),
        required("end_line", pa.int32()),
    ],
)
"""A function of test code that tests can use; ``kind`` is that of ``schemas.FUNCTION``.

``name`` is what it is called by: that of its class for a constructor.
"""


class Helper(NamedTuple):
    """A row of ``HELPER``."""

    repo: str
    language: str
    path: str
    split: str
    kind: str
    name: str
    qualified_name: str
    signature: str
    start_line: int
    end_line: int

    @property
    def place(self) -> str:
        """The class or module in its file that it is called in; empty for the file itself."""
        around = self.qualified_name.rpartition(".")[0]
        return around.rpartition(".")[0] if self.kind == "constructor" else around


def helper_rows(
    file: Mapping[str, Any], units: Iterable[Unit], functions: Iterable[Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Yield the helpers (``HELPER``) among the units of a file that are functions.

    Hooks and what is named like a test can be called as well. A constructor goes by the name of its
    class. One whose signature had to be redacted is none.
    """
    rows = {row["function_id"]: row for row in functions}
    for unit in units:
        row = rows[unit.unit_id]
        signature = row["signature"]
        if unit.kind == "fixture" or any(f"{k.upper()}_" in signature for k in file["redactions"]):
            continue
        name, owner = row["name"], unit.place.rpartition(".")[2]
        if row["kind"] == "constructor" and owner:
            name = owner
            if not re.search(rf"\b{re.escape(owner)}\b", signature):
                signature = f"class {owner}: {signature}"
        own = {key: file[key] for key in ("repo", "language", "path")}
        same = {key: row[key] for key in ("kind", "qualified_name", "start_line", "end_line")}
        yield own | same | {"split": unit.split, "name": name, "signature": signature}


MODULE = pa.struct([required("module"), required("place")])
"""What a test file's import names, and where that is in the repo: a path without extension."""

REACH = pa.schema(
    [
        required("helpers", pa.list_(pa.struct(list(HELPER)))),
        required("modules", pa.list_(MODULE)),
    ]
)
"""The helpers that a row's tests may use, by name and place, and the modules that hold some."""

_ByName = dict[str, list[Helper]]


class Helpers:
    """The helpers within reach of tests of one file (``REACH``)."""

    def __init__(
        self, helpers: Iterable[Mapping[str, Any]], modules: Iterable[Mapping[str, str]]
    ) -> None:
        self._in_file: dict[str, _ByName] = defaultdict(partial(defaultdict, list))
        self._in_folder: dict[str, _ByName] = defaultdict(partial(defaultdict, list))
        self._at_place: dict[str, list[Helper]] = defaultdict(list)
        for helper in (Helper(**row) for row in helpers):
            self._in_file[helper.path][helper.name].append(helper)
            self._in_folder[_folder(helper.path)][helper.name].append(helper)
            self._at_place[without_extension(helper.path)].append(helper)
        self._modules = {row["module"]: row["place"] for row in modules}

    def used_by(self, test: Mapping[str, Any]) -> list[Helper]:
        """Return what a test uses (a row of ``records.TEST_UNIT``), its own file's first."""
        inside = range(test["start_line"], test["end_line"] + 1)
        words = {*re.findall(r"\w+", test["code"])}
        own = _named(self._in_file[test["path"]], words)
        own = [helper for helper in own if helper.start_line not in inside]
        near = [*own, *self._of_package(test, words)]
        uses = _Uses(test, near)
        found = [helper for helper in own if uses.plainly(helper)]
        hidden = {helper.name for helper in found}
        others = [*_of_one_file(filter(uses.plainly, near[len(own) :])),
                  *self._imported(test)]  # fmt: skip
        found += [helper for helper in others if helper.name not in hidden]
        # What a variable is may be said where it is made.
        said = "\n".join([test["code"], *(helper.signature for helper in found)])
        counts = Counter(helper.name for helper in near)
        found += [h for h in near if counts[h.name] == 1 and uses.as_method(h, said)]
        return sorted(set(found), key=lambda h: (h.path != test["path"], h.path, h.start_line))

    def _of_package(self, test: Mapping[str, Any], words: set[str]) -> list[Helper]:
        """Return what stands in the other files of a test's folder, where that needs no import."""
        if test["language"] not in PACKAGES:
            return []
        near = _named(self._in_folder[_folder(test["path"])], words)
        return [helper for helper in near if helper.path != test["path"]]

    def _imported(self, test: Mapping[str, Any]) -> Iterator[Helper]:
        """Yield what a test imports: helpers by their names, or modules that it calls them on."""
        bound = [b for text in test["imports"] for b in bound_names(text, test["language"])]
        for name, module, original in bound:
            within = self._place(test, module)
            for helper in within:
                if helper.name == (original or module.rpartition("/")[2]) and not helper.place:
                    yield helper
            if original:
                within = self._place(test, f"{module}/{original}")
            named = {helper.name for helper in within if helper.name in test["code"]}
            calls = defined_outside(named, test["code"]) if named else {}
            for helper in within:
                if not helper.place and name in getattr(calls.get(helper.name), "words", ()):
                    yield helper

    def _place(self, test: Mapping[str, Any], module: str) -> list[Helper]:
        place = self._modules.get(module)
        found = self._at_place.get(place, []) if place is not None else []
        return [helper for helper in found if helper.path != test["path"]]


def _named(helpers: _ByName, words: set[str]) -> list[Helper]:
    """Return the helpers whose names are among some words: a test can use no others."""
    return [helper for name in helpers.keys() & words for helper in helpers[name]]


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _of_one_file(helpers: Iterable[Helper]) -> Iterator[Helper]:
    """Yield those whose names no helper of another file has."""
    found = list(helpers)
    paths: dict[str, set[str]] = defaultdict(set)
    for helper in found:
        paths[helper.name].add(helper.path)
    return (helper for helper in found if len(paths[helper.name]) == 1)


class _Uses:
    """What a test's code says of some helpers."""

    def __init__(self, test: Mapping[str, Any], helpers: Iterable[Helper]) -> None:
        code, names = test["code"], {helper.name for helper in helpers}
        self._test = test
        self._calls = defined_outside(names, code) if names else {}
        self._handed = names & {*_HANDED.findall(code)} - {*test["fixtures"]} if names else set()
        if self._handed:
            self._handed -= {n for found in _OWN.finditer(code) for n in found.groups() if n}

    def plainly(self, helper: Helper) -> bool:
        """Tell whether the test calls a helper by its name, or by its class; or hands it on."""
        call = self._calls.get(helper.name)
        if call is None:
            return helper.name in self._handed and not helper.place
        if call.is_bare or call.is_own:
            return self._is_within_reach(helper) and _can_mean(call, helper)
        return helper.place.rpartition(".")[2] in call.words

    def as_method(self, helper: Helper, said: str) -> bool:
        """Tell whether it is called on a value, as the only helper of its name.

        It is a method of a class that ``said`` names, or what Kotlin calls an extension of a type.
        """
        call = self._calls.get(helper.name)
        if call is None or call.is_bare or call.is_own or call.words:
            return False
        if f".{helper.name}(" in helper.signature:
            return True
        owner = helper.place.rpartition(".")[2]
        return bool(owner) and _can_mean(call, helper) and holds_word(said, owner)

    def _is_within_reach(self, helper: Helper) -> bool:
        """Tell whether it is of no class, of one around the test, or of one that these extend."""
        place = helper.place
        if not place or f"{self._test['name']}.".startswith(f"{place}."):
            return True
        return holds_word("\n".join(self._test["scope"]), place.rpartition(".")[2])


def _can_mean(call: Called, helper: Helper) -> bool:
    return can_mean(call, helper.language, helper.kind, helper.path, helper.qualified_name)
