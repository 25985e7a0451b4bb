"""What an import statement binds: which name stands for what of which module.

Read from the statement's text, which takes one way for the languages that name a module in quotes
(JavaScript, Go, C, Ruby, Lua, Bash), one for Python and one for those that write a path with dots,
colons or backslashes (Java, Kotlin, Scala, C#, PHP, Swift, Rust).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple


class Bound(NamedTuple):
    """A name that an import binds: ``original`` of ``module``, or the module itself if empty.

    ``module`` is a path with slashes; one that is relative begins with ``./`` or ``../``.
    """

    name: str
    module: str
    original: str


_QUOTED = re.compile(r"""["'<]([\w./@:\\ -]+)["'>]""")
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_PYTHON_FROM = re.compile(r"from\s+(\.*)([\w.]*)\s+import\s+(.*)", re.DOTALL)
# A statement that binds no name which could be looked for: the code may need it.
_BINDS_ALL = re.compile(r"^(#include|require|using|source|load|\.)|\*|^@testable")
_GO_IMPORT = re.compile(r"^import\s*\(?\s*")
_VERSION = re.compile(r"v\d+")
_AFTER = ("_", "$")  # what makes a name part of another
_BEFORE = (*_AFTER, ".")
_KEYWORDS = frozenset(
    """
    import from const let var local require type use using static function as pub global
    namespace open internal testable crate self super async await default class include
    require_relative source load mod
    """.split()  # noqa: SIM905 - a list of words
)
_ALIAS = re.compile(r"([\w$*]+)\s*(?:\bas\b|=>|:)\s*([\w$]+)")


@lru_cache(maxsize=4096)  # the files of a repo import much the same
def bound_names(statement: str, language: str) -> tuple[Bound, ...]:
    """Return what a statement binds; in Python, ``import a.b`` binds ``a``."""
    bound = _bound_names(statement)
    if language == "python" and statement.startswith("import "):
        bound = [b if re.search(rf"\bas\s+{b.name}\b", statement) else _first(b) for b in bound]
    return tuple(bound)


def _first(bound: Bound) -> Bound:
    name = bound.module.partition("/")[0]
    return Bound(name, name, "")


def _bound_names(statement: str) -> list[Bound]:
    if found := _PYTHON_FROM.match(statement):
        dots, module, names = found.groups()
        up = "./" + "../" * (len(dots) - 1) if dots else ""
        return [
            Bound(name, up + module.replace(".", "/"), original)
            for original, name in _listed(re.sub(r"#.*", "", names))
        ]
    if _QUOTED.search(statement):
        return [bound for line in _statements(statement) for bound in _quoted(line)]
    return _dotted(statement)


def _statements(text: str) -> list[str]:
    """Part a Go block into its lines; any other statement holds one module."""
    lines = text.splitlines()
    return lines if len(_QUOTED.findall(text)) > 1 else [" ".join(lines)]


def _listed(text: str) -> list[tuple[str, str]]:
    """Return (original, name) of every item in a list of names."""
    items = []
    for item in re.split(r"[,\n]", text.strip("(){} \n;")):
        words = _WORD.findall(item)
        if words:
            items.append((words[0], words[-1]))
    return items


def _quoted(line: str) -> list[Bound]:
    found = _QUOTED.search(line)
    if found is None:
        return []
    module = found[1].strip()
    before = line[: found.start()]
    aliases = {name: original for original, name in _ALIAS.findall(before)}
    originals = set(aliases.values())
    braces = re.search(r"\{(.*?)\}", before)
    inside = set(_WORD.findall(braces[1])) if braces else set()
    names = [
        name
        for name in _WORD.findall(before)
        if name not in _KEYWORDS and name not in originals - aliases.keys()
    ]
    if not names and _NAMELESS.match(line):
        return []
    if not names:  # Go: the last part of the path
        last = module.rpartition("/")[2].partition(".")[0]
        return [Bound(last, module, "")]
    return [
        Bound(name, module, _original(aliases.get(name, name)) if name in inside else "")
        for name in names
    ]


_NAMELESS = re.compile(r"\s*(require|source\b|load\b|#|\.)")


def _original(name: str) -> str:
    return "" if name == "*" else name


def _dotted(statement: str) -> list[Bound]:
    text = re.sub(r"#.*|//.*", "", statement).strip().rstrip(";")
    text = re.sub(
        r"^(pub(\([^)]*\))?\s+|@\w+\s+)?\w+\s+(static\s+|function\s+|const\s+)?", "", text
    )
    if "," in text and "{" not in text:  # Python: import a, b.c as d
        return [bound for part in text.split(",") for bound in _dotted(f"import {part}")]
    head, brace, rest = text.partition("{")
    prefix = "/".join(word for word in _WORD.findall(head) if word not in _KEYWORDS)
    if brace:
        return [Bound(name, prefix, original) for original, name in _listed(rest)]
    path, _, alias = re.sub(r"\s+as\s+|\s*=\s*", " as ", text).partition(" as ")
    parts = [word for word in re.findall(r"[\w$]+", path) if word not in _KEYWORDS]
    if not parts:
        return []
    name = alias.strip() or parts[-1]
    return [Bound(name, "/".join(parts), "")]


@dataclass(frozen=True)
class Imports:
    """The import statements of a file, the names that each binds, and what a name stands for."""

    language: str
    statements: list[tuple[str, frozenset[str] | None]]
    bound: dict[str, Bound]

    @classmethod
    def of(cls, language: str, imports: Sequence[str]) -> Imports:
        """Read them; a statement whose names can't be told binds None."""
        bound = [bound_names(statement, language) for statement in imports]
        statements = [
            (text, None if _BINDS_ALL.search(text) else frozenset(b.name for b in binds))
            for text, binds in zip(imports, bound, strict=True)
        ]
        return cls(language, statements, {b.name: b for binds in bound for b in binds})

    def used(self, code: str) -> frozenset[str]:
        """Return the names that code holds, but not as attributes."""
        return frozenset(name for name in self.bound if holds_word(code, name))

    def needed(self, used: frozenset[str], code: str) -> list[str]:
        """Return the statements that code needs which holds the names ``used``."""
        if self.language == "go":
            return [text for text, _ in self.statements for text in go_needed(text, code)]
        return [t for t, names in self.statements if names is None or not names.isdisjoint(used)]


def go_needed(statement: str, code: str) -> list[str]:
    """Return those imports of a Go statement that code needs, each as a statement of its own.

    What is imported and not used is an error there.
    """
    lines = (line.strip() for line in _GO_IMPORT.sub("", statement).splitlines())
    return [f"import {line}" for line in lines if _is_used_in_go(line, code)]


def together(statements: Iterable[str], language: str) -> str:
    """Return statements one after the other, each once; those of Go in one block, as gofmt does."""
    texts = list(dict.fromkeys(statements))
    if language != "go" or len(texts) < 2:
        return "\n".join(texts)
    lines = [f"\t{text.removeprefix('import ')}\n" for text in texts]
    return f"import (\n{''.join(lines)})"


def _is_used_in_go(line: str, code: str) -> bool:
    """Tell whether code may use what a line imports, or what it imports has effects of its own.

    A path need not end in the package's name: ``caddy/v2``, ``go-isatty``.
    """
    found = _QUOTED.search(line)
    if found is None:
        return False
    name = line[: found.start()].strip()
    if name:
        return name in ("_", ".") or holds_word(code, name)
    before, _, last = found[1].rpartition("/")
    if not last.isidentifier() or _VERSION.fullmatch(last):
        last = f"{before.rpartition('/')[2]} {last}"
    return any(holds_word(code, word) for word in re.findall(r"\w+", last))


def holds_word(code: str, name: str) -> bool:
    """Tell whether a name stands in code as a word that an import can have bound: no attribute.

    A pattern for each name would cost more to compile than all its searches.
    """
    at = code.find(name)
    while at >= 0:
        before, after = code[at - 1 : at], code[at + len(name) : at + len(name) + 1]
        if not (before.isalnum() or after.isalnum() or before in _BEFORE or after in _AFTER):
            return True
        at = code.find(name, at + 1)
    return False
