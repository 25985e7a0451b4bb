"""Tells whether what stands around a drawn string speaks of a key: before it, or on its line.

``credentials.py`` wants a name and an operator; here a few words may lie between, as in a sentence,
a table, or a comparison that begins with the value.
"""

from __future__ import annotations

import re

from corpus.safety.letters import are_drawn
from corpus.safety.values import (
    is_drawn,
    is_drawn_case,
    is_encoded_stand_in,
    is_no_name,
    is_random,
    is_stand_in,
    is_uuid,
)

_KEY = (
    rb"(?:api|access|auth|secret|private|client|service|account|licen[sc]e|encryption|signing|app|master|admin"
    rb"|deploy|bot|personal|refresh|bearer|storage|shared|write|read|server|user|webhook)[ _.-]?(?:key|token|secret|password)"
    rb"|secret|token|passphrase|\bkey\b|password|credential|apikey|[a-z0-9_-]key(?![a-z])|authorization|bearer"
)
_SPOKEN = re.compile(rb"(?P<before>[\w$.-]*?)(?:" + _KEY + rb")(?P<rest>[\w$.-]*)", re.IGNORECASE)
# Nothing but this between the name and the value: the value is the name's.
_JOINED = re.compile(
    rb"""(?ix)[ \t"'`*)\]|:=>({,<\\]*
    (?:(?:is|was|to|as|with|by|value|one|now|the|old|new|it|in|for|here|returns?|[a-z]{2,12}[ ]is|[a-z]{2,12}[ ]was)
       [ \t"'`*(:|={\[]+|\n[ \t\n]*(?:return[ ]["'`]|the[ ]old[ ]one[ ]was[ ]|[-*][ ]|value:[ ]["']?)?){0,4}\Z"""
)
_OTHER = re.compile(
    rb"(?i)hash|digest|\bsha|md5|checksum|signature|integrity|fingerprint|thumbprint|publi[cs]|publishable"
    rb"|site_?key|\biv\b|nonce|etag|revision|commit|revert|\bcert|uuid|guid|_id\b|\bid\b|Id\b|image|url|path|file"
    rb"|csrf|xsrf|cache|tokeni[sz]|ssh-|ecdsa-|cursor|page|vector|sort_?key|primary|foreign|keyword|example|version|sec-websocket"
    rb"|\bpub|count|length|size|types?\b|names?\b|field|index|limit"
)
_VALUE = re.compile(rb"[\w+][\w.+/~!%:-]{14,400}[\w/+-]={0,2}")
# "Public key: X", `digest(key) == X`.
_OF_OTHER = re.compile(rb"(?i)(?:publi[cs]|hash\w*|digest|sha\d*|md5|checksum|crc\w*)[\W_]{0,3}\Z")
_MEMBER = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*\.\w*?(?:(?:[A-Z][a-z]{2,}){2}|[a-z]{5})\w*")
_REACH = 120
_LINE = 44
_ALONE = re.compile(rb"[ \t*#/|>+]*\Z")


def is_spoken_of(text: bytes, start: int, end: int) -> tuple[int, int] | None:
    """Return where the key stands in a piece, if its surroundings say that it is one."""
    piece = _VALUE.search(text, start, end + 2)
    if piece is None or b"://" in piece[0]:
        return None
    value = piece[0].decode("utf-8", "replace").rstrip(".:!")
    span = piece.start(), piece.start() + len(value.encode())
    is_path = "/" in value and text[span[0] - 1 : span[0]] == b"/"
    if is_path or not _is_drawn(value):
        return None
    before = text[max(0, span[0] - _REACH) : span[0]]
    line = before[before.rfind(b"\n") + 1 :]
    if len(value) >= _LINE and _ALONE.match(line):
        return None  # a part of something large
    names = list(_SPOKEN.finditer(before))
    if names and _is_of(names[-1], before[names[-1].end() :]):
        return span
    if not (is_drawn(value) or is_drawn_case(value)):
        return None
    stop = text.find(b"\n", span[1], span[1] + _REACH)
    after = text[span[1] : stop if stop >= 0 else span[1] + _REACH // 2]
    is_told = _SPOKEN.search(line) or _SPOKEN.search(after)
    return span if is_told and not _OTHER.search(line + b" " + after) else None


def _is_drawn(value: str) -> bool:
    if is_encoded_stand_in(value) or is_stand_in(value):
        return False
    if _MEMBER.fullmatch(value) or not (is_no_name(value) or are_drawn(value, 12)):
        return False
    return is_uuid(value) or is_random(value)


def _is_of(name: re.Match[bytes], between: bytes) -> bool:
    """Tell whether the value is the name's: nothing else is between them, and it names a key."""
    if (
        _OTHER.search(name[0])
        or _OTHER.search(between)
        or _OF_OTHER.search(name.string[: name.start()])
    ):
        return False
    return bool(_JOINED.match(between))
