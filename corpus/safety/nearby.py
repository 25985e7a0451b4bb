"""Tells whether what stands around a drawn string speaks of a key: before it, or on its line.

``credentials.py`` wants a name and an operator; here a few words may lie between, as in a sentence,
a table, or a comparison that begins with the value.
"""

from __future__ import annotations

import re

from corpus.safety.letters import are_drawn
from corpus.safety.measures import is_no_name
from corpus.safety.names import NOT_KEY, NOT_SECRET
from corpus.safety.stand_ins import is_encoded_stand_in, is_stand_in
from corpus.safety.values import is_random, is_uuid

# What names a key for certain, and what may as well name the key of a mapping.
_CERTAIN = (
    rb"(?P<whole>(?:api|access|auth|secret|private|client|service|account|licen[sc]e|encryption"
    rb"|signing|app|master|admin|deploy|bot|personal|refresh|bearer|storage|shared|write|read|server|user"
    rb"|webhook)[ _.-]?(?:key|token)|secret|passphrase|password)"
    rb"|token|pepper|cookie|credential|authorization|bearer"
)
_SPOKEN = re.compile(
    rb"(?i)(?:(?P<certain>" + _CERTAIN + rb")|\bkey\b|[a-z0-9_-]key(?![a-z]))[\w$.-]*"
)
_NAME_BEFORE = re.compile(rb"[\w$.-]*\Z")
_VALUE = re.compile(rb"[\w+][\w.+/~!%:-]{14,400}[\w/+-]={0,2}")
# "Public key: X", `digest(key) == X`.
_OF_OTHER = re.compile(rb"(?i)(?:publi[cs]|hash\d*|digest|sha\d*|md5|checksum|crc\w*)[\W_]{0,3}\Z")
# "The cache key X": what names the key of a mapping.
_OF_MAPPING = re.compile(
    rb"(?i)\b(?:cache|sort|primary|foreign|partition|lookup|idempotency|object)[ -]\Z"
)
_NEXT = re.compile(rb"[\"'],")  # one more of a list
_CONSTANT = re.compile(r"[A-Z0-9]+(?:_[A-Z0-9]+)+")
_QUOTES = (b'"', b"'", b"`")
_GIT = re.compile(r"[0-9a-f]{40}")
_REVISION = re.compile(
    rb"(?i)(?:\b(?:since|before|after|in|at|from|see|of|by|and)|\]:|/|script:)\s*\Z"
)
_MEMBER = re.compile(
    r"[A-Za-z]\w*(?:\.[A-Z]?[a-z]{1,12}){2,}|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*\.\w*?(?:(?:[A-Z][a-z]{2,}){2}|[a-z]{5})\w*"
)
# `EVP_PKEY_get0_DH`, `hpke.KEM_X25519_HKDF_SHA256`: words with a number at most, joined.
_IDENTIFIER = re.compile(
    r"(?:[A-Za-z_]\w*\.)*(?:[A-Z]{1,12}|[A-Z]?[a-z]{1,12})\d{0,5}"
    r"(?:_(?:[A-Z]{1,12}|[A-Z]?[a-z]{1,12})\d{0,5}){2,}"
)
_C_TYPE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*_t")
_REACH = 120
_LINE = 44
_ALONE = re.compile(rb"[ \t*#/|>+]*\Z")
_LONG = re.compile(rb"[\w+/=]{40}")
_MORE = re.compile(rb"[ \t\r]*\n[ \t*#/|>+]*[\w+/=]{40}")


def is_spoken_of(text: bytes, start: int, end: int) -> tuple[int, int] | None:
    """Return where a key stands in a piece, if its surroundings say that it is one."""
    piece = _VALUE.search(text, start, end + 2)
    if piece is None or b"://" in piece[0]:
        return None
    value = piece[0].decode("utf-8", "replace").rstrip(".:!")
    span = piece.start(), piece.start() + len(value.encode())
    is_path = "/" in value and text[span[0] - 1 : span[0]] == b"/"
    if is_path or not _is_drawn(value):
        return None
    before = text[max(0, span[0] - _REACH) : span[0]]
    if is_uuid(value) and before.endswith(b"{"):
        return None  # so Windows writes what is a name
    line = before[before.rfind(b"\n") + 1 :]
    if len(value) >= _LINE and _is_one_of_many(text, span[1], line):
        return None
    if any(_is_of(name, value, before[name.end() :]) for name in _SPOKEN.finditer(before)):
        return span
    if _GIT.fullmatch(value) and not before.endswith(_QUOTES):
        return None
    stop = text.find(b"\n", span[1], span[1] + _REACH // 2)
    after = text[span[1] : stop if stop >= 0 else span[1] + _REACH // 2]
    return span if _SPOKEN.search(after) and not NOT_KEY.search(line + b" " + after) else None


def _is_one_of_many(text: bytes, end: int, line: bytes) -> bool:
    """Tell whether a value is a line of something large, such as a certificate."""
    begin = text.rfind(b"\n", 0, end - _LINE)
    above = text[text.rfind(b"\n", 0, max(begin, 0)) + 1 : max(begin, 0)]
    return bool(_ALONE.match(line) and (_MORE.match(text, end) or _LONG.search(above)))


def _is_drawn(value: str) -> bool:
    if not is_uuid(value[-36:]) and not is_random(value):
        return False
    if any(name.fullmatch(value) for name in (_MEMBER, _CONSTANT, _IDENTIFIER, _C_TYPE)):
        return False
    if not is_no_name(value) and not are_drawn(value, 12):
        return False
    return not is_stand_in(value) and not is_encoded_stand_in(value)


def _is_of(name: re.Match[bytes], value: str, between: bytes) -> bool:
    """Tell whether a value may be the name's: it names a key, and between them is nothing else."""
    if between.count(b"\n") > 3 or len(_NEXT.findall(between)) > 1 or NOT_KEY.search(between):
        return False
    if not name["certain"] and (is_uuid(value) or value.startswith("0x")):
        return False
    if _GIT.fullmatch(value) and _REVISION.search(between):
        return False
    prefix = _NAME_BEFORE.search(name.string, max(0, name.start() - 40), name.start())
    owner = prefix[0] if prefix else b""
    # What an access token is for, as in `PAGE_ACCESS_TOKEN`, does not make it something else.
    is_other = NOT_SECRET.search(owner + name[0]) or NOT_KEY.search(
        name[0] if name["whole"] else owner + name[0]
    )
    ahead = name.string[: name.start()]
    if not name["certain"] and _OF_MAPPING.search(ahead):
        return False
    return not is_other and not _OF_OTHER.search(ahead)
