"""Turns the markup of docs (Javadoc's inline tags and HTML, reST roles) into readable prose."""

from __future__ import annotations

import html
import re

_INLINE_TAG = re.compile(r"\{@(\w+)\s*((?:[^{}]|\{[^{}]*\})*)\}")
_BREAK = re.compile(r"\s*</?(?:p|ul|ol|dl|div|table|tr|blockquote|h[1-6])\b[^<>]*>\s*", re.I)
_LIST_ITEM = re.compile(r"\s*<(?:li|dt|dd)\b[^<>]*>\s*", re.I)
_PREFORMATTED = re.compile(r"(?is)<pre\b[^<>]*>(?:\s*<code\b[^<>]*>)?(.*?)(?:</code>\s*)?</pre>")
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
_BLOCK_CODE = re.compile(r"(?s)<code>(.*?)</code>")
_ROLE = re.compile(r":(?:[a-z]+:)*[a-z]+:`(?:([^`<]+?)\s*<[^`>]+>|([!~]?)([^`]+))`")
_LITERAL = re.compile(r"(?<!`)``([^`]+)``(?!`)")
_LINK = re.compile(r"(?P<target>[^\s|(]+(?:\([^)]*\))?)[\s|]*(?P<label>.*)", re.S)


def to_prose(text: str, markup: str) -> str:
    """Return ``text`` without the markup of its format, ``html``, ``xml`` or ``rest``.

    Text that only looks like markup (``List<String>``, an unclosed ``{@code``) stays as it is.
    """
    if markup == "rest":
        return _LITERAL.sub(r"`\1`", _ROLE.sub(_role, text)) if "`" in text else text
    if markup == "xml" and "<" in text:
        text = _BLOCK_CODE.sub(lambda m: f"\n\n```\n{m[1].strip()}\n```\n\n", text)
        text = _CROSS_REFERENCE.sub(r"`\1`", _XML_CODE.sub(r"`\1`", text))
        text = re.sub(r"\s*</?para\s*/?>\s*", "\n\n", text)
    if "{@" in text:
        text = _INLINE_TAG.sub(_inline_tag, text)
    if "<" in text:
        text = _from_html(text)
    return html.unescape(text).strip() if "&" in text else text.strip()


def _role(match: re.Match[str]) -> str:
    title, marker, target = match.groups()
    return f"`{title or (target.rpartition('.')[2] if marker == '~' else target)}`"


def _inline_tag(match: re.Match[str]) -> str:
    tag, body = match[1], match[2].strip()
    if tag in ("code", "literal", "value", "systemProperty"):
        return f"`{body}`" if tag != "literal" else body
    if tag in ("link", "linkplain", "tutorial") and (link := _LINK.match(body)):
        return link["label"] or f"`{link['target'].lstrip('#').replace('#', '.')}`"
    return "" if tag == "inheritDoc" else body


def _from_html(text: str) -> str:
    text = _PREFORMATTED.sub(lambda m: f"\n\n```\n{m[1].strip()}\n```\n\n", text)
    text = _CODE.sub(r"`\2`", text)
    text = _LIST_ITEM.sub("\n- ", text)
    text = _BREAK.sub("\n\n", text)
    return re.sub(r"\n{3,}", "\n\n", _OTHER_TAG.sub("", text))
