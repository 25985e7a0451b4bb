"""Takes a doc apart: summary, description, parameters, returns, raises, examples."""

from __future__ import annotations

from corpus.extract.docstrings import from_docstring
from corpus.extract.elements import from_xml
from corpus.extract.markdown import from_go, from_markdown
from corpus.extract.markup import to_prose
from corpus.extract.parts import Item, Sections, plain
from corpus.extract.tags import from_tags
from corpus.languages import Language

__all__ = ["Item", "Sections", "parse_sections"]


def parse_sections(doc: str, language: Language) -> Sections:
    """Take ``doc`` (without comment markers) apart by the format that it is written in."""
    markup = language.doc_markup
    if markup == "html" and any(mark in doc for mark in ("@", "\\", "<pre", "```")):
        sections = from_tags(doc, bare_types=language.doc_bare_types)
    elif markup == "xml" and "<" in doc:
        sections = from_xml(doc)
    elif markup == "rest":
        sections = from_docstring(doc)
    elif markup == "markdown":
        sections = from_markdown(doc)
    elif markup == "go":
        return from_go(doc)
    else:
        sections = plain(doc)
    return _as_prose(sections, markup) if markup else sections


def _as_prose(sections: Sections, markup: str) -> Sections:
    sections.summary = to_prose(sections.summary, markup)
    sections.description = to_prose(sections.description, markup)
    for item in (*sections.parameters, *sections.returns, *sections.raises):
        item.description = to_prose(item.description, markup)
    return sections
