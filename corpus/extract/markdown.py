"""Takes docs in Markdown apart: the fields of Swift's, the sections of Rust's; and Go's."""

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
    r"(?ms)^#+[ \t]+Examples?[ \t]*:?[ \t]*\n"
    r"(?P<text>(?:(?:```.*?^```|(?!#+[ \t]|[-*+][ \t]+[A-Z]\w*:)[^\n]*)\n?)*)"
)
# Prose stands between fences, with links by a label and lines that say where the labels lead. A
# name of code in brackets is a link of its own.
_FENCE = re.compile(r"(?ms)(^[ \t]*(`{3,}|~{3,}).*?^[ \t]*\2[^\n]*$)")
_LABEL = re.compile(r"(?m)^ {0,3}\[(?P<label>[^\[\]\n^][^\[\]\n]*)\]:[ \t]*\S[^\n]*\n?")
_LINK = re.compile(
    r"(?<![\w\]])\[(?P<text>`[^`\n]+`|[^\[\]\n]+)\](?:\[(?P<label>[^\[\]\n]*)\])?(?![(\[:])"
)
# https://go.dev/doc/comment: lines that are indented are code, or a list; names link to their docs.
_INDENTED = re.compile(r"(?m)(?:^[ \t]+\S[^\n]*\n(?:[ \t]*\n(?=[ \t]))*)+")
_LIST = re.compile(r"[ \t]+(?:[-*+\u2022]|\d+[.)])[ \t]")
_GO_LINK = re.compile(r"(?<![\w\]])\[(\*?(?:[\w/]+\.)?[A-Z]\w*(?:\.[A-Z]\w*)?)\](?![\w(\[])")
_DIVISION = re.compile(r"(?m)^[ \t]*</?div\b[^<>\n]*>[ \t]*\n?")


def from_markdown(doc: str) -> Sections:
    """Take a doc apart by its fields and by the heading of its examples."""
    doc = _without_labels(doc)
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


def from_go(doc: str) -> Sections:
    """Take a Go doc apart, with its code between fences as in Markdown."""
    fenced = _INDENTED.sub(_fence, f"{doc}\n").strip("\n")
    parts = _FENCE.split(_without_labels(fenced))
    del parts[2::3]
    parts[::2] = [_GO_LINK.sub(r"`\1`", prose) for prose in parts[::2]]
    return plain("".join(parts))


def _fence(indented: re.Match[str]) -> str:
    if _LIST.match(indented[0]):
        return indented[0]
    return f"```\n{dedent(indented[0]).rstrip()}\n```\n"


def _without_labels(doc: str) -> str:
    """Return a doc without what only its page needs: labels of links, divisions."""
    if "[" not in doc and "<div" not in doc:
        return doc
    parts = _FENCE.split(doc)  # prose, a fence, its ticks, prose, …
    del parts[2::3]
    labels = {
        found["label"].strip("` ") for prose in parts[::2] for found in _LABEL.finditer(prose)
    }

    def unlinked(link: re.Match[str]) -> str:
        label = (link["label"] or link["text"]).strip("` ")
        return link["text"] if link["text"].startswith("`") or label in labels else link[0]

    for at in range(0, len(parts), 2):
        prose = _LINK.sub(unlinked, _DIVISION.sub("", _LABEL.sub("", parts[at])))
        parts[at] = re.sub(r"\n{3,}", "\n\n", prose)
    return "".join(parts).strip()


def _listed(text: str) -> list[Item]:
    found = list(_LISTED.finditer(text))
    ends = [*(item.start() for item in found[1:]), len(text)]
    return [
        Item(item["name"], "", " ".join(text[item.end() : end].split()))
        for item, end in zip(found, ends, strict=False)  # nothing found has an end
    ]
