"""Rules for secrets told by what they are made of: keys with a mark, drawn strings, hooks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from corpus.safety.anchors import Anchored
from corpus.safety.findings import Finding
from corpus.safety.stand_ins import is_stand_in
from corpus.safety.values import is_random

# An AWS secret access key has no prefix, but its id has, and the two stand together.
_AWS_ID = re.compile(rb"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b")
_AWS_IDS = (b"akia", b"asia")
_AWS_SECRET = re.compile(rb"(?<![\w+/=-])[A-Za-z0-9+/]{40}(?![\w+/=-])")
_NEAR = 400
# Whoever knows such an address may post to it, or read what is behind it until it runs out.
_HOOK = re.compile(rb"https?://[^\s\"'`<>]{0,60}?hook[^\s\"'`<>/]{0,30}/[^\s\"'`<>]{20,300}")
_IN_PATH = re.compile(
    rb"/(?:v\d/(?=[\w-]{32})|(?:key|token|secret|apikey)/)(?P<value>[\w-]{20,64})(?=[\"'`\s]|\Z)"
)
_SIGNED = re.compile(rb"[?&](?:sig|X-Amz-Signature|X-Goog-Signature)=(?P<value>[\w%+/=-]{32,600})")
_SIGNATURES = (b"sig=", b"x-amz-signature=", b"x-goog-signature=")

# The words that a wallet is made anew from (BIP 39): all of three letters or more, none twice.
_MNEMONIC = re.compile(
    rb"(?:mnemonic|(?:seed|recovery|backup|wallet)[ _-]?(?:phrase|words))\w{0,20}[\"'`\])]{0,3}"
    rb"[ \t]{0,4}(?:is\b|[:=(,]){1,2}\s{0,20}[\"'`]?(?P<words>(?:[a-z]{3,8} ){11,23}[a-z]{3,8})\b",
    re.IGNORECASE,
)
_WALLETS = (b"mnemonic", b"phrase", b"words")
# Bytes as numbers behind a name: `SECRET_KEY = {0x0e, 0xa4, ...}`, `"secretKey": [254, 37, ...]`.
_NUMBER = rb"(?:0x[0-9a-fA-F]{2}|\d{1,3})"
_ARRAY = re.compile(
    rb"\w{0,20}(?:\[\w{0,20}\])?[\"']?[ \t]{0,3}[:=][ \t]{0,3}(?:[\w.\[\]]{1,30})?[(\[{]{1,2}"
    rb"\s{0,40}(?P<bytes>" + _NUMBER + rb"(?:,\s{0,40}" + _NUMBER + rb"){15,255})(?![\w.])"
)
_ARRAY_NAMES = (
    b"secret", b"private_key", b"privatekey", b"signing_key", b"signingkey", b"hmac_key",
    b"hmackey", b"encryption_key", b"encryptionkey", b"master_key", b"masterkey",
)  # fmt: skip
# Python's bytes, as `os.urandom` shows them.
_BYTES = re.compile(
    rb"(?i:[_-]?key)?[\"'\])]{0,2}[ \t]{0,3}[:=][ \t]{0,3}b(?P<quote>[\"'])"
    rb"(?P<bytes>(?:\\x[0-9a-f]{2}|\\.|(?!(?P=quote))[^\n\\]){8,200})(?P=quote)"
)
_FEWEST_BYTES = 12
_SEGMENTS = (b"/v1/", b"/v2/", b"/v3/", b"/key/", b"/token/", b"/secret/", b"/apikey/")

ANCHORS = (*_AWS_IDS, *_SIGNATURES, *_SEGMENTS, *_WALLETS, b"hook", *_ARRAY_NAMES)


def find_drawn(anchored: Anchored) -> Iterator[Finding]:
    """Yield keys told by what they are made of."""
    text = anchored.text
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
    for at in anchored.at(_SEGMENTS):
        path = _IN_PATH.match(text, at)
        if path and is_random(path["value"].decode(), 20):
            yield Finding(path.start("value"), path.end("value"), "secret", "in_path")
    for at in anchored.at([b"secret"]):
        yield from _drawn_bytes(text, at + len(b"secret"))
    for at in anchored.at(_ARRAY_NAMES):
        yield from _drawn_array(_ARRAY.match(text, at))
    for key_id in _AWS_ID.finditer(text) if anchored.has(_AWS_IDS) else ():
        if is_stand_in(key_id[0].decode()):
            continue
        yield Finding(key_id.start(), key_id.end(), "secret", "aws_access_key")
        near = max(0, key_id.start() - _NEAR), key_id.end() + _NEAR
        for match in _AWS_SECRET.finditer(text, *near):
            if is_random(match[0].decode(), 40):
                yield Finding(match.start(), match.end(), "secret", "aws_secret")


def _drawn_bytes(text: bytes, at: int) -> Iterator[Finding]:
    """Yield the bytes behind a name, if they are as different as drawn ones are."""
    match = _BYTES.match(text, at)
    if match is None or match["bytes"].count(b"\\x") < 3:
        return
    drawn = re.sub(rb"\\x(..)", lambda two: bytes.fromhex(two[1].decode()), match["bytes"])
    if _are_different(drawn):
        yield Finding(*match.span("bytes"), "secret", "assigned")


def _drawn_array(match: re.Match[bytes] | None) -> Iterator[Finding]:
    """Yield the lines of an array of drawn bytes, each for itself: rows name lines."""
    if match is None:
        return
    if _are_different([int(number, 0) for number in re.findall(_NUMBER, match["bytes"])]):
        for line in re.finditer(_NUMBER + rb"(?:,[ \t]*" + _NUMBER + rb")*", match["bytes"]):
            start = match.start("bytes")
            yield Finding(start + line.start(), start + line.end(), "secret", "assigned")


def _are_different(drawn: Sequence[int]) -> bool:
    """Tell whether bytes follow no order, as those of alphabets and of test vectors do."""
    steps = {after - before for before, after in pairwise(drawn)}
    return len(set(drawn)) >= _FEWEST_BYTES and len(steps) >= _FEWEST_BYTES - 2


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
