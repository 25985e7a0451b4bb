"""Rules for strings of one piece that were drawn: known forms, marked ones, those near a name."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator

from corpus.safety.anchors import Anchored
from corpus.safety.findings import Finding
from corpus.safety.formats import exact_format
from corpus.safety.measures import is_no_name
from corpus.safety.nearby import is_spoken_of
from corpus.safety.passwords import is_encoded_login
from corpus.safety.stand_ins import is_encoded_stand_in
from corpus.safety.values import is_drawn, is_drawn_case, is_random, is_uuid

# Text is cut where none of these stands. Only long pieces with a digit are looked at closer: some
# 400 a megabyte of code.
_INSIDE = (string.ascii_letters + string.digits + "_.:$~%+/!@-").encode()
_FLAT = bytes.maketrans(
    bytes(range(256)), bytes(ord("a" if byte in _INSIDE else "'") for byte in range(256))
)
_LONG = b"a" * 16
_DIGIT = re.compile(rb"\d")
_PIECE = re.compile(rb"[\w.:$~%-]{19,400}[\w-]={0,2}(?=[.:]{0,3}(?:[\"'`\s,;)<>*\]}|&]|$))")
# Many services put a short mark of theirs before what they drew: so whole a string is a key, also
# where nothing around it says so. A hash has no such mark but its own name.
_MARKED = re.compile(
    rb"(?!sha\d|md5|blake|ssh|data|diff|rgb|chunk|file|pk_)[A-Za-z][A-Za-z0-9]{1,11}[_.-](?:[A-Za-z0-9]{1,8}[_.-]){0,2}"
    rb"(?P<drawn>[A-Za-z0-9][\w-]{23,200})(?:\.[\w-]{8,200})?"
)
# Where the marks say that it is a key, what was drawn may look like anything.
_MARKED_KEY = re.compile(
    rb"(?i)(?:[a-z]{2,10}[_.$-]){0,2}(?:sdk|sk|pat|[a-z]{0,6}api|key|secret|token|access|live|prod(?:uction)?)"
    rb"[_.$-](?:[a-z0-9]{2,20}[_.$-])?(?P<drawn>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z0-9]{20,99})"
)
# A user and a password in base64, whatever is said around it.
_LOGIN = re.compile(rb"[A-Za-z0-9+/]{16,200}={0,2}(?![\w+/=])")
# The second argument of a call, behind an id with capitals: `search("B1G2GM9NG0", "03cd...")`.
_BEHIND_ID = re.compile(
    rb"\([\"'](?:(?=\w*\d)(?=\w*[A-Z])[A-Z0-9]{6,20}|[A-Z]{2}[0-9a-f]{32})[\"'],\s{0,4}[\"']\Z"
)
_HEX_KEY = re.compile(rb"[0-9a-f]{32,64}[\"']")
_QUOTES = (b'"', b"'", b"`")
_ALONE = re.compile(rb"[ \t*#/|>+]*\Z")
_DRAWN = re.compile(rb"[A-Za-z0-9][\w-]{21,}")
_NOT_MARKED = re.compile(
    rb"(?i)public|csrf|xsrf|authenticity|verif(?:y|ication)|\bkid\b|fingerprint|thumbprint|digest|clid=\Z"
    rb"|(?:\b|_)id[\"']?[ \t]?[:=,][ \t]?[\"']?\Z"
)
_LONG_CASE = 45  # longer than addresses of coins
_SEPARATED = re.compile(rb"[.:$~]|%3D")
# Beside these a string is drawn too, but no secret.
_NO_KEY = re.compile(
    rb"(?i)hash|digest|sha[-_]?\d|md5|checksum|expect|assert|signature|\bsig\b|integrity|fingerprint"
    rb"|publi[cs]|site_?key|[\"'][a-z][\"'][ \t]?:[ \t]?$|\biv\b|nonce|etag|revision|commit|\bcert"
    rb"|csrf|xsrf|authenticity|encod|decod"
    rb"|base(?:32|58|62|64)|uuid|guid|(?:\b|[a-z_])ids?[\"']?[ \t]?[:=]|image"
    rb"|ssh-(?:rsa|dss|ed25519)|ecdsa-|cursor|page|vector|modulus|font|charset|alphabet|anchor|href|boundary"
    rb"|[\"'](?:after|before|next)[\"'][ \t]?:"
    rb"|(?:(?-i:[a-z]I[Dd])|(?:\b|[_-])id)s?[\"']?[ \t]{0,2}(?:\(|[-=]>|\Z)"
)
# One string of several that are joined: a part of something large.
_JOINED_BEFORE = re.compile(rb"(?<![\"'`])[\"'`][ \t]*\\?\r?\n?[ \t]*[bruBRU]{0,2}\Z")
_JOINED_AFTER = re.compile(rb"[\"'`][ \t]*(?:\\?\r?\n[ \t]*[bruBRU]{0,2}([\"'`])(?!\1)|\+)")
_CONTEXT = 160
_VERSION = re.compile(rb"v?\d+\.\d+\.\d")
_LONGEST_DRAWN = 200


def find_pieces(anchored: Anchored) -> Iterator[Finding]:
    """Yield strings of one piece that were drawn."""
    text = anchored.text
    flat = text.translate(_FLAT)
    start = flat.find(_LONG)
    while start >= 0:
        end = flat.find(b"'", start)
        end = end if end >= 0 else len(flat)
        if _DIGIT.search(text, start, end):
            yield from _judge(text, start, end)
        start = flat.find(_LONG, end)


def _judge(text: bytes, start: int, end: int) -> Iterator[Finding]:
    if text[start - 1 : start] == b"\\":
        start += 1  # the letter of an escape
    if known := exact_format(text, start, end):
        yield Finding(*known.span(), "secret", "format")
        return
    login = _LOGIN.match(text, start)
    if login and is_encoded_login(login[0].decode()):
        yield Finding(*login.span(), "secret", "login")
        return
    if (piece := _PIECE.match(text, start)) and piece.end() >= end - 4:
        whole = piece[0]
        if _is_marked(whole) and not _NOT_MARKED.search(text, max(0, start - 40), start):
            yield Finding(*piece.span(), "secret", "marked")
            return
        is_key = (
            _is_key(whole) if text[start - 1 : start] in _QUOTES else _is_spoken_key(whole, piece)
        )
        if is_key and not _is_something_else(text, start, piece.end()):
            yield Finding(*piece.span(), "secret", "drawn")
            return
    if _HEX_KEY.match(text, start) and _BEHIND_ID.search(text, max(0, start - 40), start):
        yield Finding(start, end, "secret", "call")
        return
    if value := is_spoken_of(text, start, end):
        yield Finding(*value, "secret", "nearby")


def _is_spoken_key(whole: bytes, piece: re.Match[bytes]) -> bool:
    """Tell whether a word of running text is a key. Alone on its line it is a part of something."""
    start = piece.start()
    line = piece.string.rfind(b"\n", 0, start) + 1
    before = piece.string[start - 1 : start]
    if before in (b"=", b"&", b";") or _ALONE.match(piece.string[line:start][-200:]):
        return False
    return _is_key(whole) and is_no_name(whole.decode())


def _is_something_else(text: bytes, start: int, end: int) -> bool:
    """Tell whether what stands before a string, on its line and the one above, says what it is."""
    quote = start - 1
    line = text.rfind(b"\n", 0, start)
    above = max(text.rfind(b"\n", 0, max(line, 0)), start - _CONTEXT, 0)
    if _JOINED_BEFORE.search(text, above, quote) or _JOINED_AFTER.match(text, end):
        return True
    return bool(_NO_KEY.search(text, above, quote))


def _is_marked(whole: bytes) -> bool:
    if match := _MARKED.fullmatch(whole):
        drawn = match["drawn"].decode()
        if not is_uuid(whole.decode()) and (is_drawn(drawn) or is_drawn_case(drawn)):
            return True
    if match := _MARKED_KEY.fullmatch(whole):
        drawn = match["drawn"].decode()
        return is_uuid(drawn) or is_random(drawn, 20)
    return False


def _is_key(whole: bytes) -> bool:
    """Tell whether a whole string is drawn, or one of its parts and the others are short marks."""
    if len(whole) > _LONGEST_DRAWN or _VERSION.match(whole) or is_encoded_stand_in(whole.decode()):
        return False
    parts = [part for part in _SEPARATED.split(whole) if _DRAWN.fullmatch(part)]
    return any(
        is_drawn(part)
        or (len(part) >= _LONG_CASE and is_drawn_case(part) and not part.startswith("0x"))
        for part in map(bytes.decode, parts)
    )
