"""Takes docs in Markdown apart: the fields of Swift's, the sections of Rust's."""

from __future__ import annotations

import re
from textwrap import dedent

from corpus.extract.parts import Item, Sections, plain

# https://www.swift.org/documentation/docc/writing-symbol-documentation-in-your-source-files:
# `- Parameter x: …`, `- Parameters:` with a list in it, `- Returns: …`, `- Throws: …`. A field goes
# on over lines that are indented deeper.
_FIELD = re.compile(
    r"(?m)^(?P<indent>[ \t]*)[-*+][ \t]+"
    r"(?P<field>Parameter[ \t]+(?P<name>[^:\n]+)|Parameters|Returns|Throws):[ \t]*"
    r"(?P<text>[^\n]*(?:\n(?:[ \t]*\n)*(?P=indent)[ \t]+\S[^\n]*)*)\n?"
)
_LISTED = re.compile(r"(?m)^(?P<indent>[ \t]*)[-*+][ \t]+`?(?P<name>\w+)`?[ \t]*:[ \t]*")
# https://doc.rust-lang.org/rustdoc/how-to-write-documentation.html
_EXAMPLES = re.compile(
    r"(?ms)^#+[ \t]+Examples?[ \t]*\n"
    r"(?P<text>(?:(?:```.*?^```|(?!#+[ \t]|[-*+][ \t]+[A-Z]\w*:)[^\n]*)\n?)*)"
)


def from_markdown(doc: str) -> Sections:
    """Take a doc apart by its fields and by the heading of its examples."""
    fields = list(_FIELD.finditer(doc))
    doc = _FIELD.sub("", doc)
    examples = [dedent(found["text"]).strip() for found in _EXAMPLES.finditer(doc)]
    sections = plain(_EXAMPLES.sub("", doc).strip())
    sections.examples = [example for example in examples if example]
    if fields or examples:
        sections.style = "markdown"
    for field in fields:
        text = " ".join(field["text"].split())
        if field["name"]:
            sections.parameters.append(Item(field["name"].strip("` \t"), "", text))
        elif field["field"] == "Parameters":
            sections.parameters += _listed(field["text"])
        elif field["field"] == "Returns":
            sections.returns.append(Item("", "", text))
        else:
            sections.raises.append(Item("", "", text))
    return sections


def _listed(text: str) -> list[Item]:
    found = list(_LISTED.finditer(text))
    ends = [*(item.start() for item in found[1:]), len(text)]
    return [
        Item(item["name"], "", " ".join(text[item.end() : end].split()))
        for item, end in zip(found, ends, strict=False)  # nothing found has an end
    ]
