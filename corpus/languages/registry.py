"""One row per language. What differs between languages stands here and in ``queries/*.scm``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Literal

import tree_sitter

_QUERIES = Path(__file__).parent / "queries"


@dataclass(frozen=True, kw_only=True)
class Language:
    """How one language is parsed, and where it keeps a function's doc.

    ``docs/languages.md`` says how to add one.

    ``grammar`` is ``module:function`` of the tree-sitter wheel. ``queries`` are the query files,
    read as one; the file of the language's own name where none are given. ``path_noise`` is a
    pattern of what a ``@path`` holds that is no part of a qualified name.

    ``doc_openers`` are the beginnings of a comment that is a doc, ``doc_exceptions`` those that
    begin alike and are plain; both empty where the doc is a string inside the body.
    ``doc_continuation`` is the beginning of a plain comment that continues a doc above it.
    ``blank_line_ends_doc`` says that any comment right before a function is its doc, and an empty
    line parts them. ``doc_attribute`` is an attribute that is a doc, its text the group ``doc``;
    where there is such a thing, all docs before a function count, not the nearest alone.
    ``doc_keeps_stars`` says that the stars which lines of a block comment begin with are text.
    ``doc_unicode_escapes`` says that a Unicode escape in a doc stands for the character.
    ``doc_directive`` is a line comment that speaks to a tool instead of a reader.
    ``doc_markup`` is what docs are written in: HTML with ``@`` tags, the XML of C#, reST, Markdown
    with the fields of Swift or the sections of Rust, Go's own, or none of them. ``doc_bare_types``
    says that a tag for what is returned begins with its type, without brackets.

    ``repairs`` are patterns and their replacements, of the same length and with the same line ends,
    tried on a file that the grammar found faulty; before it has a look, if ``repairs_first``.
    """

    name: str
    grammar: str
    extensions: tuple[str, ...]
    queries: tuple[str, ...] = ()
    line_comment: str
    path_noise: str | None = None
    doc_openers: tuple[bytes, ...] = ()
    doc_exceptions: tuple[bytes, ...] = (b"/**/", b"/***", b"////")
    doc_continuation: bytes | None = None
    blank_line_ends_doc: bool = False
    doc_keeps_stars: bool = False
    doc_unicode_escapes: bool = False
    doc_attribute: bytes | None = None
    doc_directive: str | None = None
    repairs: tuple[tuple[bytes, bytes], ...] = ()
    repairs_first: bool = False
    doc_markup: Literal["rest", "html", "xml", "markdown", "go"] | None = None
    doc_bare_types: bool = False
    constructors: tuple[str, ...] = ()
    test_paths: str
    test_header: str | None = None

    def query_text(self) -> str:
        """Return the language's query."""
        files = self.queries or (self.name,)
        return "\n".join((_QUERIES / f"{file}.scm").read_text("utf-8") for file in files)

    def load_grammar(self) -> tree_sitter.Language:
        """Load the grammar from its wheel."""
        module, function = self.grammar.split(":")
        return tree_sitter.Language(getattr(import_module(module), function)())

    def is_test(self, path: str, signature: str) -> bool:
        """Tell whether a function is test code: by its file's path, or by what is written on it."""
        return self.is_test_path(path) or self.is_test_header(signature)

    def is_test_path(self, path: str) -> bool:
        """Tell whether a file is test code by the language's naming conventions."""
        return _matches(self.test_paths, "/" + path)

    def is_test_header(self, signature: str) -> bool:
        """Tell whether an annotation or attribute in a signature marks a test."""
        return self.test_header is not None and bool(re.search(self.test_header, signature))


@lru_cache(maxsize=1024)  # asked once per function, and answered by the file
def _matches(pattern: str, path: str) -> bool:
    return re.search(pattern, path) is not None
