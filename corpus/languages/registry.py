"""One row per language. What differs between languages stands here and in ``queries/*.scm``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Literal

import tree_sitter


@dataclass(frozen=True, kw_only=True)
class Language:
    """How one language is parsed, and where it keeps a function's doc.

    ``grammar`` is ``module:function`` of the tree-sitter wheel. ``doc_openers`` are the beginnings
    of a comment that is a doc; empty where the doc is a string inside the body.
    ``blank_line_ends_doc`` says whether an empty line parts a doc from its function, and
    ``doc_directive`` is a line inside a doc comment that speaks to a tool instead of a reader.
    ``doc_markup`` is what docs are written in: HTML with ``@`` tags, or reST, or neither.
    ``repair`` is a pattern and its replacement, of the same length and with the same line ends,
    tried on a file that the grammar found faulty.
    """

    name: str
    grammar: str
    extensions: tuple[str, ...]
    line_comment: str
    doc_openers: tuple[bytes, ...] = ()
    blank_line_ends_doc: bool = False
    doc_directive: str | None = None
    repair: tuple[bytes, bytes] | None = None
    doc_markup: Literal["rest", "html"] | None = None
    constructors: tuple[str, ...] = ()
    test_paths: str
    test_header: str | None = None

    @property
    def query_path(self) -> Path:
        """Return the language's query file."""
        return Path(__file__).parent / "queries" / f"{self.name}.scm"

    def load_grammar(self) -> tree_sitter.Language:
        """Load the grammar from its wheel."""
        module, function = self.grammar.split(":")
        return tree_sitter.Language(getattr(import_module(module), function)())

    def is_test_path(self, path: str) -> bool:
        """Tell whether a file is test code by the language's naming conventions."""
        return _matches(self.test_paths, "/" + path)

    def is_test_header(self, signature: str) -> bool:
        """Tell whether an annotation or attribute in a signature marks a test."""
        return self.test_header is not None and bool(re.search(self.test_header, signature))


@lru_cache(maxsize=1024)  # asked once per function, and answered by the file
def _matches(pattern: str, path: str) -> bool:
    return re.search(pattern, path) is not None


_JAVASCRIPT_TESTS = r"/(__tests__|tests?|specs?|e2e)/|[.-](test|spec)\.[cm]?[jt]sx?$"

_ROWS = (
    Language(
        name="python",
        grammar="tree_sitter_python:language",
        extensions=(".py", ".pyi", ".pyw"),
        line_comment="#",
        doc_markup="rest",
        constructors=("__init__", "__new__"),
        # The grammar's scanner takes the line after `(name.` for a dedent; after `(name` it knows
        # that it is inside brackets, so the dot moves to the next line.
        repair=(
            rb"(?m)^([^#'\"\n]*(?:\b[A-Za-z_]\w*|[\])]))\.([ \t]*\n[ \t]*)(?=[A-Za-z_])",
            rb"\1\2.",
        ),
        test_paths=r"/tests?/|/test_[^/]*$|_test\.py$|/conftest\.py$",
    ),
    Language(
        name="javascript",
        grammar="tree_sitter_javascript:language",
        extensions=(".js", ".jsx", ".mjs", ".cjs"),
        line_comment="//",
        doc_openers=(b"/**",),
        doc_markup="html",
        constructors=("constructor",),
        test_paths=_JAVASCRIPT_TESTS,
    ),
    Language(
        name="typescript",
        grammar="tree_sitter_typescript:language_typescript",
        extensions=(".ts", ".mts", ".cts"),
        line_comment="//",
        doc_openers=(b"/**",),
        doc_markup="html",
        constructors=("constructor",),
        test_paths=_JAVASCRIPT_TESTS,
    ),
    Language(
        name="tsx",
        grammar="tree_sitter_typescript:language_tsx",
        extensions=(".tsx",),
        line_comment="//",
        doc_openers=(b"/**",),
        doc_markup="html",
        constructors=("constructor",),
        test_paths=_JAVASCRIPT_TESTS,
    ),
    Language(
        name="go",
        grammar="tree_sitter_go:language",
        extensions=(".go",),
        line_comment="//",
        doc_openers=(b"//", b"/*"),
        blank_line_ends_doc=True,
        # https://pkg.go.dev/go/ast#CommentGroup.Text drops these, as `//go:noinline`.
        doc_directive=r"//(line |extern |export |[a-z0-9]+:[a-z0-9])",
        test_paths=r"_test\.go$",
    ),
    Language(
        name="java",
        grammar="tree_sitter_java:language",
        extensions=(".java",),
        line_comment="//",
        doc_openers=(b"/**",),
        doc_markup="html",
        test_paths=r"/src/(test|[a-zA-Z]*Test)/|/[^/]*(Tests?|IT|TestCase)\.java$",
        test_header=r"@(Test|ParameterizedTest|RepeatedTest|TestFactory)\b",
    ),
    Language(
        name="rust",
        grammar="tree_sitter_rust:language",
        extensions=(".rs",),
        line_comment="//",
        doc_openers=(b"///", b"/**"),
        test_paths=r"/(tests|benches)/",
        test_header=r"#\[([a-z_]+::)*test\b",
    ),
)

LANGUAGES: dict[str, Language] = {row.name: row for row in _ROWS}
_BY_EXTENSION = {extension: row for row in _ROWS for extension in row.extensions}


def language_of(path: str) -> Language | None:
    """Return the language of a file by its extension, or None."""
    return _BY_EXTENSION.get(PurePosixPath(path).suffix.lower())
