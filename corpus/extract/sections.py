"""Takes a doc apart: summary, description, parameters, returns, raises."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import docstring_parser
from docstring_parser.common import DocstringStyle

from corpus.extract.markup import to_prose
from corpus.languages import Language


@dataclass
class Item:
    """One parameter, return value or exception; parts that the doc leaves out are empty."""

    name: str = ""
    type: str = ""
    description: str = ""


@dataclass
class Sections:
    """What a doc says, part by part, as prose. ``style`` names the format it was written in."""

    style: str
    summary: str
    description: str = ""
    parameters: list[Item] = field(default_factory=list)
    returns: list[Item] = field(default_factory=list)
    raises: list[Item] = field(default_factory=list)

    def as_record(self) -> dict[str, Any]:
        """Return the parts as ``schemas.DOC_SECTIONS`` has them."""
        items = ("parameters", "returns", "raises")
        return vars(self) | {name: [vars(item) for item in getattr(self, name)] for name in items}


_STYLES = (
    ("rest", re.compile(r"(?m)^[ \t]*:(param|parameter|arg|type|returns?|rtype|raises?)\b[^\n]*:")),
    ("numpydoc", re.compile(r"(?m)^[ \t]*(Parameters|Returns|Yields|Raises)[ \t]*\n[ \t]*-{3,}")),
    (
        "google",
        re.compile(r"(?m)^[ \t]*(Args|Arguments|Parameters|Returns|Yields|Raises):[ \t]*\n[ \t]"),
    ),
)
_LIBRARY_STYLES = {
    "rest": DocstringStyle.REST,
    "numpydoc": DocstringStyle.NUMPYDOC,
    "google": DocstringStyle.GOOGLE,
    "epydoc": DocstringStyle.EPYDOC,
}
# Javadoc, JSDoc, Doxygen (also with a backslash, `@param[in]`), YARD, LDoc.
_TAG = re.compile(r"(?m)^[ \t]*[@\\](\w+)\b(?:\[[^\]\n]*\](?=[ \t]+\w))?[ \t]*")
_EPYDOC = re.compile(r"(?m)^[ \t]*@(param|return|raise|type|rtype)\b[^\n:]*:")


def parse_sections(doc: str, language: Language) -> Sections:
    """Take ``doc`` (without comment markers) apart by the format that it is written in."""
    if language.doc_markup == "html":
        sections = _from_tags(doc) if "@" in doc or "\\" in doc else _plain(doc)
    elif language.doc_markup == "xml":
        sections = _from_xml(doc) if "<" in doc else _plain(doc)
    elif language.doc_markup == "rest":
        sections = _from_docstring(doc)
    else:
        sections = _plain(doc)
    return _as_prose(sections, language.doc_markup)


def _plain(doc: str) -> Sections:
    summary, _, description = doc.partition("\n\n")
    return Sections("plain", summary.strip(), description.strip("\n"))


def _from_docstring(doc: str) -> Sections:
    style = next((name for name, pattern in _STYLES if pattern.search(doc)), None)
    if style is None and _EPYDOC.search(doc):
        style = "epydoc"
    if style is None:
        return _plain(doc)
    try:
        parsed = docstring_parser.parse(doc, _LIBRARY_STYLES[style])
    except (docstring_parser.ParseError, ValueError, IndexError, AttributeError):
        return _plain(doc)  # a doc that looks like the format and is not
    return Sections(
        style=style,
        summary=parsed.short_description or "",
        description=parsed.long_description or "",
        parameters=[
            Item(p.arg_name, p.type_name or "", p.description or "") for p in parsed.params
        ],
        returns=[
            Item(r.return_name or "", r.type_name or "", r.description or "")
            for r in parsed.many_returns
        ],
        raises=[Item(r.type_name or "", "", r.description or "") for r in parsed.raises],
    )


# Block tags of Javadoc and JSDoc: https://docs.oracle.com/en/java/javase/21/docs/specs/javadoc/
# doc-comment-spec.html and https://jsdoc.app; YARD (https://yardoc.org) has the type in brackets,
# after the name, PHPDoc bare before a name with a dollar. Tags that do not describe the call are
# left out.
_PARAMETER = re.compile(
    r"(?:\{(?P<braced>[^}]*)\}\s*|(?P<bare>\S+)\s+(?=[&.]*\$\w))?"
    r"(?P<name>\[[^\]]*\]|<\w+>|[&.]*[\w.$]+)"
    r"(?:\s+\[(?P<later>[^\]]*)\])?\s*(?:[-:]\s+)?"
)
_TYPE = re.compile(r"[{\[]([^}\]]*)[}\]]\s*")


def _from_tags(doc: str) -> Sections:
    blocks = _TAG.split(_hide_code_blocks(doc))
    sections = _plain(blocks[0].replace("\0", "@").strip())
    sections.style = "tags" if len(blocks) > 1 else "plain"
    for tag, hidden in zip(blocks[1::2], blocks[2::2], strict=True):
        text = " ".join(hidden.replace("\0", "@").split())
        if tag in ("brief", "short", "details", "description", "remarks"):
            _add_prose(sections, hidden.replace("\0", "@").strip())
        elif tag in ("param", "arg", "argument") and (match := _PARAMETER.match(text)):
            name = match["name"].strip("[]").partition("=")[0]
            kind = match["braced"] or match["bare"] or match["later"] or ""
            sections.parameters.append(Item(name, kind, text[match.end() :]))
        elif tag in ("return", "returns"):
            typed = _TYPE.match(text)
            rest = text[typed.end() :] if typed else text
            sections.returns.append(Item("", typed[1] if typed else "", rest.removeprefix("- ")))
        elif tag in ("throws", "throw", "exception", "raise"):
            typed = _TYPE.match(text)
            name, _, rest = (typed[1], "", text[typed.end() :]) if typed else text.partition(" ")
            sections.raises.append(Item(name, "", rest.strip().removeprefix("- ")))
    return sections


def _add_prose(sections: Sections, text: str) -> None:
    if sections.summary:
        sections.description = f"{sections.description}\n\n{text}".strip()
    else:
        added = _plain(text)
        sections.summary, sections.description = added.summary, added.description


# https://learn.microsoft.com/dotnet/csharp/language-reference/xmldoc/recommended-tags
_ELEMENT = re.compile(
    r"(?s)<(?P<tag>summary|remarks|value|typeparam|param|returns|exception)\b(?P<attributes>[^>]*?)"
    r"(?:/>|>(?P<text>.*?)</(?P=tag)>)"
)
_NAME = re.compile(r"(?:name|cref)\s*=\s*[\"'](?:[A-Z]:)?([^\"']*)")


def _from_xml(doc: str) -> Sections:
    sections = Sections("xml", "")
    for element in _ELEMENT.finditer(doc):
        tag, text = element["tag"], (element["text"] or "").strip()
        named = _NAME.search(element["attributes"])
        item = Item(named[1] if named else "", "", " ".join(text.split()))
        if tag in ("summary", "remarks", "value"):
            _add_prose(sections, "\n".join(line.strip() for line in text.split("\n")))
        elif tag in ("param", "typeparam"):
            sections.parameters.append(item)
        elif tag == "returns":
            sections.returns.append(item)
        else:
            sections.raises.append(item)
    return sections if _ELEMENT.search(doc) else _plain(doc)


def _hide_code_blocks(doc: str) -> str:
    """Hide the ``@`` of annotations in code examples, which are no tags."""
    if "<pre" not in doc and "```" not in doc:
        return doc
    return re.sub(r"(?s)<pre.*?</pre>|```.*?```", lambda match: match[0].replace("@", "\0"), doc)


def _as_prose(sections: Sections, markup: str | None) -> Sections:
    if markup is None:
        return sections
    sections.summary = to_prose(sections.summary, markup)
    sections.description = to_prose(sections.description, markup)
    for item in (*sections.parameters, *sections.returns, *sections.raises):
        item.description = to_prose(item.description, markup)
    return sections
