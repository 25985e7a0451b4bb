"""Private keys, in whatever wraps their lines: a file, a string, strings joined over lines."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

from corpus.safety.anchors import Anchored
from corpus.safety.findings import Finding

_KEY = rb"(?:[A-Za-z0-9]+ ){0,4}(?:PRIVATE|SECRET|[Ss]tatic) [Kk](?:EY|ey)(?: BLOCK| V1)? ?-----?"
_BEGIN = re.compile(rb"-----? ?BEGIN " + _KEY)
_END = re.compile(rb"-----? ?END " + _KEY)
_LONGEST = 20_000
# The lines of a key's body: long runs of base64, and short ones that are all of a line or string.
# What joins them (quotes, commas, `\n`, plus signs) stays, so that the code still parses.
_BODY = re.compile(
    rb"(?<![A-Za-z0-9+/\\])(?:(?<=\\n)|(?<=\\r))?[A-Za-z0-9+/_-]{16,}={0,2}"
    rb"|(?<=\\n)[A-Za-z0-9+/]+={0,2}(?=\\{1,2}[nr]|[\"'`])"
    rb"|(?m:^)[ \t]*+(?:\*|#|//)?+[ \t]*+(?P<alone>[A-Za-z0-9+/]+={0,2})[ \t]*(?m:$)"
    rb"|(?<=[\"'`])[A-Za-z0-9+/]+={0,2}(?=\\[nr]|[\"'`])"
)
_RUN = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")
_SHORTEST_BODY = 40
# "-----BEGIN " in base64, as in Kubernetes secrets and environment variables.
_ENCODED = re.compile(rb"LS0tLS1CRUdJTi[A-Za-z0-9+/]{20,}={0,2}")
_HOLDS_KEY = re.compile(rb"PRIVATE KEY(?: BLOCK)?-----\s*[^\s-]")  # more than markers
# JSON in base64, as in Kubernetes' pull secrets and the keys of service accounts.
_PACKED = re.compile(rb"(?<![A-Za-z0-9+/])(?:eyJ|eyAi|ewo|ew0K)[A-Za-z0-9+/]{40,}={0,2}")
_PACKED_BEGINNINGS = (b"eyj", b"eyai", b"ewo", b"ew0k")
_LOGIN = re.compile(
    rb"\"(?:auths?|password|passwd|[\w-]*(?:secret|token)|private_?[kK]ey|api_?[kK]ey)\"\s*:\s*[\"{]"
)
_TAIL = re.compile(rb"\r?\n[ \t]*[A-Za-z0-9+/]{1,15}={0,2}(?=[ \t]*(?:\r?\n|\Z))")
_PUTTY = re.compile(rb"Private-Lines: \d+[^A-Za-z0-9+/]{1,8}")
_PUTTY_END = re.compile(rb"Private-(?:MAC|Hash)")
_JWK = re.compile(
    rb"""\\?["'](?:d|p|q|dp|dq|qi|k)\\?["']\s{0,4}:\s{0,4}\\?["']([\w-]{20,})\\?["']"""
)
_XML = re.compile(rb"<(?:D|P|Q|DP|DQ|InverseQ)>\s{0,40}([A-Za-z0-9+/]{40,}={0,2})\s{0,40}</")
# Keys without armour begin with the same bytes whoever made them: PKCS#1, PKCS#8 (RSA, EC,
# Ed25519, and behind a password), SEC 1, PKCS#12, Java's key stores.
_BARE = re.compile(
    rb"(?<![A-Za-z0-9+/])(?:MII[A-Za-z0-9+/]{2,4}(?:IBAAKCA|IBADANBgkqhkiG9w0|IBAzCC)"
    rb"|MI[A-Za-z0-9+/]{2,8}(?:BgkqhkiG9w0BBQ0|CSqGSIb3DQEFDTB|YJKoZIhvcNAQUNM)|MI[GH][A-Za-z0-9+/]AgEAMB[AM]GByqGSM49"
    rb"|ME[A-Za-z0-9+/]CAQAwEwYHKoZIzj0|MHcCAQEEI|MIGkAgEBBD[A-D]|MC4CAQAwBQYDK2V|/u3\+7QAAAA)"
    rb"[A-Za-z0-9+/]{40,}={0,2}"
)
_BARE_SIGNS = (
    b"ibaakca", b"ibadanbgkqhkig9w0", b"ibazcc", b"bgkqhkig9w0bbq0", b"csqgsib3dqefdtb",
    b"yjkozihvcnaqunm",
    b"aqawewyhkozizj0", b"mhccaqeei", b"byqgsm49", b"migkagebbd", b"mc4caqawbqydk2v", b"/u3+7qaaaa",
)  # fmt: skip
_ARMOUR = (b"private key", b"secret key", b"static key")
_PUTTY_FIELD, _JWK_FIELD, _ENCODED_ARMOUR = b"private-lines", b"kty", b"ls0tls1crudjti"
_XML_FIELD = b"rsakeyvalue"

ANCHORS = (
    *_ARMOUR,
    *_BARE_SIGNS,
    _PUTTY_FIELD,
    _JWK_FIELD,
    _XML_FIELD,
    _ENCODED_ARMOUR,
    *_PACKED_BEGINNINGS,
)


def find_private_keys(anchored: Anchored) -> Iterator[Finding]:
    """Yield the lines of every private key's body, each for itself."""
    text = anchored.text
    if anchored.has(_ARMOUR):
        for begin in _BEGIN.finditer(text):
            end = _END.search(text, begin.end(), begin.end() + _LONGEST)
            yield from _body(text, begin.end(), end.start() if end else None)
    if anchored.has([_PUTTY_FIELD]):
        for begin in _PUTTY.finditer(text):
            end = _PUTTY_END.search(text, begin.end(), begin.end() + _LONGEST)
            yield from _body(text, begin.end(), end.start() if end else None)
    for match in _ENCODED.finditer(text) if anchored.has([_ENCODED_ARMOUR]) else ():
        if _HOLDS_KEY.search(base64.b64decode(match[0][: len(match[0]) // 4 * 4])):
            yield from _body(text, match.start(), None)
    for at in anchored.at(_PACKED_BEGINNINGS):
        packed = _PACKED.match(text, at)
        if packed and _LOGIN.search(base64.b64decode(packed[0][: len(packed[0]) // 4 * 4])):
            yield from _body(text, at, None)
    for match in _BARE.finditer(text) if anchored.has(_BARE_SIGNS) else ():
        yield from _body(text, match.start(), None)
    for field, form in ((_JWK_FIELD, _JWK), (_XML_FIELD, _XML)):
        for match in form.finditer(text) if anchored.has([field]) else ():
            yield Finding(match.start(1), match.end(1), "secret", "private_key")


def _body(text: bytes, start: int, end: int | None) -> Iterator[Finding]:
    """Yield the runs between two markers; where the second lacks, the key was cut short."""
    if end is None:
        end = start
        while run := _next_run(text, end):
            end = run.end()
        if tail := _TAIL.match(text, end):
            end = tail.end()
    found = []
    for match in _BODY.finditer(text, start, end):
        group = "alone" if match["alone"] else 0
        if len(set(match[group])) < 4:
            continue  # it stands for a key: XXXX
        found.append(Finding(match.start(group), match.end(group), "secret", "private_key"))
    # A marker with nothing behind it is spoken of, not used.
    if sum(finding.end - finding.start for finding in found) >= _SHORTEST_BODY:
        yield from found


def _next_run(text: bytes, start: int) -> re.Match[bytes] | None:
    run = _RUN.search(text, start, start + 120)
    return run if run and run.start() - start < 40 else None
