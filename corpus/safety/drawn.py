"""Rules for secrets told by what they are made of: keys with a mark, drawn strings, hooks."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator

from corpus.safety.anchors import Anchored
from corpus.safety.findings import Finding
from corpus.safety.values import (
    is_drawn,
    is_drawn_case,
    is_no_name,
    is_random,
    is_stand_in,
    is_uuid,
)

# A string of one piece, long enough for a key. Only where one begins is looked closer.
_PIECES = (string.ascii_letters + string.digits + "_.:$~%-").encode()
_BEFORE = b"\"'`= \n\t("  # a quote, or what parts words in running text
_FLAT = bytes.maketrans(_PIECES + _BEFORE, b"a" * len(_PIECES) + b"'" * len(_BEFORE))
_LONG = b"'" + b"a" * 20
_PIECE = re.compile(
    rb"(?P<sign>[\"'`=\s(])(?P<whole>[\w.:$~%-]{19,400}[\w-]={0,2})(?=[.:]{0,3}(?:[\"'`\s,;)<]|$))"
)
# Many services put a short mark of theirs before what they drew: so whole a string is a key, also
# where nothing around it says so. A hash has no such mark but its own name.
_MARKED = re.compile(
    rb"(?!sha\d|md5|blake|ssh|data|rgb|chunk|file|pk_)[A-Za-z][A-Za-z0-9]{1,11}[_.-](?:[A-Za-z0-9]{1,8}[_.-]){0,2}"
    rb"(?P<drawn>[A-Za-z0-9][\w-]{23,200})(?:\.[\w-]{8,200})?"
)
# Where the marks say that it is a key, what was drawn may look like anything.
_MARKED_KEY = re.compile(
    rb"(?i)(?:[a-z]{2,10}[_.$-]){0,2}(?:sdk|sk|pat|api|key|secret|token|access|live|prod(?:uction)?)"
    rb"[_.$-](?:[a-z0-9]{2,20}[_.$-])?(?P<drawn>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z0-9]{20,99})"
)
_QUOTES = (b'"', b"'", b"`")
_ALONE = re.compile(rb"[ \t*#/|>+]*\Z")
_DRAWN = re.compile(rb"[A-Za-z0-9][\w-]{21,}")
_LONG_CASE = 45  # longer than addresses of coins
_SEPARATED = re.compile(rb"[.:$~]|%3D")
# Beside these a string is drawn too, but no secret.
_NO_KEY = re.compile(
    rb"(?i)hash|digest|sha[-_]?\d|md5|checksum|expect|assert|signature|\bsig\b|integrity|fingerprint"
    rb"|publi[cs]|site_?key|[\"'][a-z][\"'][ \t]?:[ \t]?$|\biv\b|nonce|etag|revision|commit|\bcert"
    rb"|encod|decod|base(?:32|58|62|64)|uuid|guid|(?:\b|[a-z_])id[\"']?[ \t]?[:=]|image"
    rb"|ssh-(?:rsa|dss|ed25519)|ecdsa-|cursor|page|vector|modulus|font|charset|alphabet|anchor|href|boundary"
)
# One string of several that are joined: a part of something large.
_JOINED_BEFORE = re.compile(rb"(?<![\"'`])[\"'`][ \t]*\\?\r?\n?[ \t]*[bruBRU]{0,2}\Z")
_JOINED_AFTER = re.compile(rb"[\"'`][ \t]*(?:\\?\r?\n[ \t]*[bruBRU]{0,2}([\"'`])(?!\1)|\+)")
_CONTEXT = 160
_LONGEST_DRAWN = 200
# An AWS secret access key has no prefix, but its id has, and the two stand together.
_AWS_ID = re.compile(rb"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b")
_AWS_IDS = (b"akia", b"asia")
_AWS_SECRET = re.compile(rb"(?<![\w+/=-])[A-Za-z0-9+/]{40}(?![\w+/=-])")
_NEAR = 400
# Whoever knows such an address may post to it, or read what is behind it until it runs out.
_HOOK = re.compile(rb"https?://[^\s\"'`<>]{0,60}?hook[^\s\"'`<>/]{0,30}/[^\s\"'`<>]{20,300}")
_IN_PATH = re.compile(rb"/v\d/(?P<value>[\w-]{32,64})(?=[\"'`\s]|\Z)")
_SIGNED = re.compile(rb"[?&](?:sig|X-Amz-Signature|X-Goog-Signature)=(?P<value>[\w%+/=-]{32,600})")
_SIGNATURES = (b"sig=", b"x-amz-signature=", b"x-goog-signature=")

# The words that a wallet is made anew from (BIP 39): all of three letters or more, none twice.
_MNEMONIC = re.compile(
    rb"(?:mnemonic|(?:seed|recovery|backup|wallet)[ _-]?(?:phrase|words))\w{0,20}[\"'`\])]{0,3}"
    rb"[ \t]{0,4}(?:is\b|[:=(,]){1,2}\s{0,20}[\"'`]?(?P<words>(?:[a-z]{3,8} ){11,23}[a-z]{3,8})\b",
    re.IGNORECASE,
)
_WALLETS = (b"mnemonic", b"phrase", b"words")
_VERSIONS = (b"/v1/", b"/v2/", b"/v3/")

ANCHORS = (*_AWS_IDS, *_SIGNATURES, *_VERSIONS, *_WALLETS, b"hook")


def find_drawn(anchored: Anchored) -> Iterator[Finding]:
    """Yield keys told by what they are made of."""
    text = anchored.text
    yield from _pieces(text)
    for match in _HOOK.finditer(text) if anchored.has([b"hook"]) else ():
        if _is_hook(match[0].decode("utf-8", "replace")):
            yield Finding(match.start(), match.end(), "secret", "webhook")
    for at in anchored.at(_SIGNATURES):
        if signed := _SIGNED.match(text, max(0, at - 1)):
            yield Finding(signed.start("value"), signed.end("value"), "secret", "signed_url")
    for at in anchored.at(_WALLETS):
        wallet = _MNEMONIC.search(text, max(0, at - 9), at + 400)
        if wallet and len(set(wallet["words"].split())) > 8:
            yield Finding(*wallet.span("words"), "secret", "mnemonic")
    for at in anchored.at(_VERSIONS):
        path = _IN_PATH.match(text, at)
        if path and is_random(path["value"].decode(), 32):
            yield Finding(path.start("value"), path.end("value"), "secret", "in_path")
    for key_id in _AWS_ID.finditer(text) if anchored.has(_AWS_IDS) else ():
        if is_stand_in(key_id[0].decode()):
            continue
        yield Finding(key_id.start(), key_id.end(), "secret", "aws_access_key")
        near = max(0, key_id.start() - _NEAR), key_id.end() + _NEAR
        for match in _AWS_SECRET.finditer(text, *near):
            if is_random(match[0].decode(), 40):
                yield Finding(match.start(), match.end(), "secret", "aws_secret")


def _pieces(text: bytes) -> Iterator[Finding]:
    flat = text.translate(_FLAT)
    at = flat.find(_LONG)
    while at >= 0:
        if piece := _PIECE.match(text, at):
            whole = piece["whole"]
            if _is_marked(whole):
                yield Finding(*piece.span("whole"), "secret", "marked")
            elif (
                _is_key(whole) if piece["sign"] in _QUOTES else _is_spoken_key(whole, piece)
            ) and not _is_something_else(text, at, piece.end("whole")):
                yield Finding(*piece.span("whole"), "secret", "drawn")
        at = flat.find(_LONG, at + len(_LONG))


def _is_spoken_key(whole: bytes, piece: re.Match[bytes]) -> bool:
    """Tell whether a word of running text is a key. Alone on its line it is a part of something."""
    line = piece.string.rfind(b"\n", 0, piece.start("whole")) + 1
    if piece["sign"] == b"=" or _ALONE.match(piece.string[line : piece.start("whole")][-200:]):
        return False
    return _is_key(whole) and is_no_name(whole.decode())


def _is_hook(address: str) -> bool:
    """Tell whether a part of an address was drawn: where hooks live, a short one is enough."""
    _, _, host, *path = address.rstrip("/").split("/")
    if any(is_random(part, 20) for part in path):
        return True
    return bool(re.match(r"hooks?\.|webhooks?\.", host)) and any(
        re.fullmatch(r"(?=\w*[a-z])(?=\w*\d\w*\d|\w*[A-Z]\w*\d)[A-Za-z0-9]{6,}", part)
        and not is_stand_in(part)
        for part in path[1:]
    )


def _is_something_else(text: bytes, start: int, end: int) -> bool:
    """Tell whether what stands before a string, on its line and the one above, says what it is."""
    line = text.rfind(b"\n", 0, start)
    above = max(text.rfind(b"\n", 0, max(line, 0)), start - _CONTEXT, 0)
    if _JOINED_BEFORE.search(text, above, start) or _JOINED_AFTER.match(text, end):
        return True
    return bool(_NO_KEY.search(text, above, start))


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
    if len(whole) > _LONGEST_DRAWN:
        return False
    parts = [part for part in _SEPARATED.split(whole) if _DRAWN.fullmatch(part)]
    return any(
        is_drawn(part)
        or (len(part) >= _LONG_CASE and is_drawn_case(part) and not part.startswith("0x"))
        for part in map(bytes.decode, parts)
    )
