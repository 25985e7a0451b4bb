"""Takes docs with ``@`` tags apart: Javadoc, JSDoc, KDoc, PHPDoc, YARD, LDoc, Doxygen."""

from __future__ import annotations

import html
import re
from textwrap import dedent

from corpus.extract.parts import Item, Sections, plain

# Doxygen also has a backslash, and `@param[in]`.
_TAG = re.compile(r"(?m)^[ \t]*[@\\](\w+)\b(?:\[[^\]\n]*\](?=[ \t]+\w))?[ \t]*")
# A type may hold spaces within its brackets, and around the signs that join it: PHPDoc has
# `array<int, string>|null`, `callable(int): string`.
_PART = (
    r"(?:[^\s<({\[]|<(?:[^<>]|<[^<>]*>)*>|\((?:[^()]|\([^()]*\))*\)|\{[^{}]*\}|\[(?:[^\[\]])*\])++"
)
_BARE_TYPE = rf"{_PART}(?:\s+[|&]\s+{_PART}|(?<=:)\s+{_PART})*+"
# Block tags of Javadoc and JSDoc: https://docs.oracle.com/en/java/javase/21/docs/specs/javadoc/
# doc-comment-spec.html and https://jsdoc.app; YARD (https://yardoc.org) has the type in brackets,
# after the name, PHPDoc bare before a name with a dollar. Tags that do not describe the call are
# left out.
_PARAMETER = re.compile(
    rf"(?:\{{(?P<braced>[^}}]*)\}}\s*|(?P<bare>{_BARE_TYPE})\s+(?=[&.]*\$\w))?"
    r"(?P<name>\[[^\]]*\]|<\w+>|[&.]*[\w.$]+)"
    r"(?:\s+\[(?P<later>[^\]]*)\])?\s*(?:[-:]\s+)?"
)
_TYPE = re.compile(r"[{\[]([^}\]]*)[}\]]\s*")
_BARE_RETURN = re.compile(rf"({_BARE_TYPE})\s*")
_FENCE = re.compile(r"(?s)<pre.*?</pre>|```.*?```")
_DOXYGEN_CODE = re.compile(
    r"(?ms)^[ \t]*[@\\]code\b(?:\{[^}\n]*\})?[ \t]*\n(.*?)^[ \t]*[@\\]endcode\b[^\n]*"
)
_CODE_BLOCK = re.compile(
    r"(?is)<pre\b[^<>]*>\s*(?:<code\b[^<>]*>(?P<html>.*?)</code>|"
    r"\{@code\b(?P<plain>(?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})*)\})\s*</pre>"
    r"|\{@snippet\b[^:{}]*:(?P<snippet>(?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})*)\}"
    r"|<pre\b[^<>]*\bclass\s*=\s*[\"']?code\b[^<>]*>(?P<classed>.*?)</pre>"
    r"|```[^\n]*\n(?P<fenced>.*?)```"
)
_CAPTION = re.compile(r"</?caption>")


def from_tags(doc: str, *, bare_types: bool) -> Sections:
    """Take a doc apart by its tags; ``bare_types`` as ``Language.doc_bare_types`` has it."""
    doc = _DOXYGEN_CODE.sub(lambda block: f"```\n{dedent(block[1]).strip()}\n```", doc)
    blocks = _TAG.split(_FENCE.sub(lambda block: block[0].replace("@", "\0"), doc))
    sections = plain(blocks[0].replace("\0", "@").strip())
    sections.style = "tags" if len(blocks) > 1 else "plain"
    for tag, hidden in zip(blocks[1::2], blocks[2::2], strict=True):
        text = hidden.replace("\0", "@")
        if tag in ("brief", "short", "details", "description", "remarks"):
            sections.add_prose(text.strip())
        elif tag in ("example", "usage"):
            sections.examples.append(_CAPTION.sub("", dedent(text)).strip())
        else:
            _add_item(sections, tag, " ".join(text.split()), bare_types=bare_types)
    prose = f"{sections.summary}\n\n{sections.description}"
    sections.examples += [_code_of(block) for block in _CODE_BLOCK.finditer(prose)]
    return sections


def _add_item(sections: Sections, tag: str, text: str, *, bare_types: bool) -> None:
    if tag in ("param", "arg", "argument") and (match := _PARAMETER.match(text)):
        name = match["name"].strip("[]").partition("=")[0]
        kind = match["braced"] or match["bare"] or match["later"] or ""
        sections.parameters.append(Item(name, kind, text[match.end() :]))
    elif tag in ("return", "returns"):
        typed = (_BARE_RETURN if bare_types else _TYPE).match(text)
        rest = text[typed.end() :] if typed else text
        sections.returns.append(Item("", typed[1] if typed else "", rest.removeprefix("- ")))
    elif tag in ("throws", "throw", "exception", "raise"):
        typed = _TYPE.match(text)
        name, _, rest = (typed[1], "", text[typed.end() :]) if typed else text.partition(" ")
        sections.raises.append(Item(name, "", rest.strip().removeprefix("- ")))


def _code_of(block: re.Match[str]) -> str:
    written = next(text for text in block.groups() if text is not None)
    return (
        dedent(html.unescape(written) if block["html"] or block["classed"] else written)
        .strip("\n")
        .rstrip()
    )
