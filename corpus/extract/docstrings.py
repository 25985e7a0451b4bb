"""Takes Python's docstrings apart: reST, numpydoc, Google and epydoc."""

from __future__ import annotations

import re
from textwrap import dedent

import docstring_parser
from docstring_parser.common import DocstringStyle

from corpus.extract.directives import without_directives
from corpus.extract.parts import Item, Sections, plain

_STYLES = (
    ("rest", re.compile(r"(?m)^[ \t]*:(param|parameter|arg|type|returns?|rtype|raises?)\b[^\n]*:")),
    (
        "numpydoc",
        re.compile(r"(?m)^[ \t]*(Parameters|Returns|Yields|Raises|Examples?)[ \t]*\n[ \t]*-{3,}"),
    ),
    (
        "google",
        re.compile(
            r"(?m)^[ \t]*(Args|Arguments|Parameters|Returns|Yields|Raises|Examples?):[ \t]*\n"
            r"(?:[ \t]*\n)*[ \t]"
        ),
    ),
)
_LIBRARY_STYLES = {
    "rest": DocstringStyle.REST,
    "numpydoc": DocstringStyle.NUMPYDOC,
    "google": DocstringStyle.GOOGLE,
    "epydoc": DocstringStyle.EPYDOC,
}
_EPYDOC = re.compile(r"(?m)^[ \t]*@(param|return|raise|type|rtype)\b[^\n:]*:")
# reST has no section for examples; what Sphinx users write is a heading, then a block or a doctest.
_REST_EXAMPLE = re.compile(
    r"(?m)^(?:Examples?::|:Examples?:|\.\. rubric:: Examples?)[ \t]*\n(?P<text>(?:[ \t]*\n)*"
    r"(?:[ \t]+\S[^\n]*(?:\n|\Z)|[ \t]*\n(?=[ \t]+\S)|>>>[^\n]*(?:\n[^\n]+)*\n?)+)"
)


def from_docstring(doc: str) -> Sections:
    """Take a docstring apart by the style that it is written in."""
    style = next((name for name, pattern in _STYLES if pattern.search(doc)), None)
    if style is None and _EPYDOC.search(doc):
        style = "epydoc"
    examples: list[str] = []
    is_rest = style in (None, "rest")
    if is_rest and "xample" in doc:
        examples = [dedent(found["text"]).strip() for found in _REST_EXAMPLE.finditer(doc)]
        doc = _REST_EXAMPLE.sub("", doc)
    if is_rest:
        doc = without_directives(doc)
    sections = _parse(doc, style) if style else plain(doc)
    if not is_rest:  # it ends a section of these to have something at the margin
        sections.description = without_directives(sections.description)
    sections.examples += examples
    return sections


def _parse(doc: str, style: str) -> Sections:
    try:
        parsed = docstring_parser.parse(doc, _LIBRARY_STYLES[style])
    except (docstring_parser.ParseError, ValueError, IndexError, AttributeError):
        return plain(doc)  # a doc that looks like the format and is not
    # For the library a summary is one line; for who wrote it, it goes on to the next empty one.
    between = "\n\n" if parsed.blank_after_short_description else "\n"
    prose = plain(f"{parsed.short_description or ''}{between}{parsed.long_description or ''}")
    return Sections(
        style=style,
        summary=prose.summary,
        description=prose.description,
        parameters=[
            Item(p.arg_name, p.type_name or "", p.description or "") for p in parsed.params
        ],
        returns=[
            Item(r.return_name or "", r.type_name or "", r.description or "")
            for r in parsed.many_returns
        ],
        raises=[Item(r.type_name or "", "", r.description or "") for r in parsed.raises],
        # The library parts numpydoc's input from what follows it.
        examples=[
            "\n".join(part for part in (e.snippet, e.description) if part).strip()
            for e in parsed.examples
        ],
    )
