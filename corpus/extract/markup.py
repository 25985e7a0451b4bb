"""Turns the markup of docs (Javadoc's inline tags and HTML, reST roles) into readable prose."""

from __future__ import annotations

import html
import re
from textwrap import dedent

_INLINE_TAG = re.compile(r"\{@(\w+)\s*((?:[^{}]|\{[^{}]*\})*)\}")
_BREAK = re.compile(r"\s*</?(?:p|para|ul|ol|dl|div|table|tr|blockquote|h[1-6])\b[^<>]*>\s*", re.I)
_LIST_ITEM = re.compile(r"\s*<(?:li|dt|dd)\b[^<>]*>\s*", re.I)
_PREFORMATTED = re.compile(r"(?is)<pre\b[^<>]*>(?:\s*<code\b[^<>]*>)?(.*?)(?:</code>\s*)?</pre>")
_CODE_TAG = re.compile(r"(?s)\s*\{@code\b(.*)\}\s*")
_CODE = re.compile(r"(?is)<(code|tt|kbd|var)>(.*?)</\1>")
_OTHER_TAG = re.compile(
    r"</?(?:a|b|br|code|dd|dt|em|i|img|li|span|strong|sub|sup|tt|var|kbd|td|th|tbody|thead)"
    r"\b[^<>]*/?>",
    re.I,
)
_CROSS_REFERENCE = re.compile(
    r"""<(?:see|seealso|paramref|typeparamref)\s+(?:cref|name|langword|href)\s*=\s*"""
    r"""["'](?:[A-Z]:)?([^"']*)["']\s*(?:/>|>[^<]*</\w+>)"""
)
_XML_CODE = re.compile(r"(?s)<c>(.*?)</c>")
_BLOCK_CODE = re.compile(r"(?s)<code\b[^<>]*>(.*?)</code>")
_ROLE = re.compile(r":(?:[a-z]+:)*[a-z]+:`(?:([^`<]+?)\s*<[^`>]+>|([!~]?)([^`]+))`")
_LITERAL = re.compile(r"(?<!`)``([^`]+)``(?!`)")
_ENTITY = re.compile(r"&(?:#\d+|#[xX][\da-fA-F]+|\w+);")  # `&param` is none
_LINK = re.compile(r"(?P<target>[^\s|(]+(?:\([^)]*\))?)[\s|]*(?P<label>.*)", re.S)


def to_prose(text: str, markup: str) -> str:
    """Return ``text`` without the markup of its format, as ``Language.doc_markup`` names it.

    Markdown is prose already. Text that only looks like markup (``List<String>``, an unclosed
    ``{@code``) stays as it is.
    """
    if markup == "markdown":
        return text
    if markup == "rest":
        return _LITERAL.sub(r"`\1`", _ROLE.sub(_role, text)) if "`" in text else text
    if "<" not in text and "{@" not in text:
        return _unescape(text).strip()
    codes: list[str] = []

    def keep(code: str) -> str:
        """Take code out of the text, so that what is in it is not taken for markup."""
        codes.append(code)
        return f"\0{len(codes) - 1}\0"

    text = _PREFORMATTED.sub(lambda m: f"\n\n{keep(_fenced(m[1]))}\n\n", text)
    if markup == "xml":
        text = _BLOCK_CODE.sub(lambda m: f"\n\n{keep(_fenced(m[1]))}\n\n", text)
        text = _XML_CODE.sub(lambda m: keep(f"`{_unescape(m[1])}`"), text)
        text = _CROSS_REFERENCE.sub(lambda m: keep(f"`{m[1]}`"), text)
    text = _INLINE_TAG.sub(lambda m: keep(_inline_tag(m)), text)
    text = _CODE.sub(lambda m: keep(f"`{_unescape(_OTHER_TAG.sub('', m[2]))}`"), text)
    text = _unescape(_from_html(text)).strip()
    while codes:  # the last first: a tag may stand within another's code
        text = text.replace(f"\0{len(codes) - 1}\0", codes.pop())
    return text


def _unescape(text: str) -> str:
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text) if "&" in text else text


def _fenced(inner: str) -> str:
    if whole := _CODE_TAG.fullmatch(inner):
        code = whole[1]
    else:
        code = _unescape(_OTHER_TAG.sub("", _INLINE_TAG.sub(r"\2", inner)))
    return f"```\n{dedent(code.rstrip()).strip()}\n```"


def _role(match: re.Match[str]) -> str:
    title, marker, target = match.groups()
    return f"`{title or (target.rpartition('.')[2] if marker == '~' else target)}`"


def _inline_tag(match: re.Match[str]) -> str:
    tag, body = match[1], match[2].strip()
    if tag in ("code", "value", "systemProperty"):
        return f"`{body}`"
    if tag in ("link", "linkplain", "tutorial") and (link := _LINK.match(body)):
        return link["label"] or f"`{link['target'].lstrip('#').replace('#', '.')}`"
    return "" if tag == "inheritDoc" else body


def _from_html(text: str) -> str:
    text = _LIST_ITEM.sub("\n- ", text)
    text = _BREAK.sub("\n\n", text)
    return re.sub(r"\n{3,}", "\n\n", _OTHER_TAG.sub("", text))
