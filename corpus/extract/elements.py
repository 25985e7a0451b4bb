"""Takes the XML docs of C# apart."""

from __future__ import annotations

import html
import re
from textwrap import dedent

from corpus.extract.parts import Item, Sections, plain

# https://learn.microsoft.com/dotnet/csharp/language-reference/xmldoc/recommended-tags
_ELEMENT = re.compile(
    r"(?s)<(?P<tag>summary|remarks|value|typeparam|param|returns|exception|example)\b"
    r"(?P<attributes>[^>]*?)(?:/>|>(?P<text>.*?)</(?P=tag)>)"
)
_NAME = re.compile(r"(?:name|cref)\s*=\s*[\"'](?:[A-Z]:)?([^\"']*)")
_MARKUP = re.compile(r"<!\[CDATA\[|\]\]>|</?(?:code|para|c)\b[^<>]*>")


def from_xml(doc: str) -> Sections:
    """Take a doc apart by its elements."""
    sections = Sections("xml", "")
    for element in _ELEMENT.finditer(doc):
        tag, text = element["tag"], (element["text"] or "").strip("\n")
        named = _NAME.search(element["attributes"])
        item = Item(named[1] if named else "", "", " ".join(text.split()))
        if tag in ("summary", "remarks", "value"):
            sections.add_prose("\n".join(line.strip() for line in text.strip().split("\n")))
        elif tag in ("param", "typeparam"):
            sections.parameters.append(item)
        elif tag == "returns":
            sections.returns.append(item)
        elif tag == "exception":
            sections.raises.append(item)
        else:
            sections.examples.append(html.unescape(_MARKUP.sub("", dedent(text))).strip())
    return sections if _ELEMENT.search(doc) else plain(doc)
