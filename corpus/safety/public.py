"""Tells what looks like a secret and is meant to be seen: public keys, digests, test vectors."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.safety.anchors import Anchored
from corpus.safety.findings import Finding

# SSH's and X.509's public keys, certificates and requests for them, images, fonts and archives in
# base64, digests and addresses by content, names of advisories, of Gerrit's changes and of hosts,
# keys that services mean for web pages.
_MARKED = re.compile(
    rb"AAAA(?:B3NzaC1|C3NzaC1|E2VjZHNh|G[nX]NrLX|I[nX]NrLX)|M(?:CowBQYDK2V|FkwEwYHKoZI|HYwEAYHKoZI"
    rb"|IIBIjANBgkqh|IICIjANBgkqh|IGfMA0GCSqG|II[\w+/]{2}[DTjz]C(?:C[\w+/]{3}(?:gAwIB|CAQAw)|B[\w+/][Kaq6]ADAgEC))|iVBORw0KGgo|/9j/4|R0lGOD|d09GM|UklGR|PHN2Zy"
    rb"|H4sI|UEsDB|LS0tLS1CRUdJTiB(?:DRVJU|QVUJM)|(?i:sha(?:1|224|256|384|512)|md5|blake\d?\w?)(?:[:=-]|//)|Qm[1-9A-HJ-NP-Za-km-z]{44}\b"
    rb"|(?i:xn--)|GHSA-|I[0-9a-f]{40}\b|h1:[\w+/]{43}=|pk_(?:live|test)_|age1[02-9ac-hj-np-z]{58}"
)
# What stands between such lines may look like anything.
_BLOCK = re.compile(
    rb"-----BEGIN (?P<label>(?:[A-Z0-9]{1,10} ){0,2}(?:PUBLIC KEY|CERTIFICATE)"
    rb"(?: (?:BLOCK|REQUEST))?)-----[^-]{0,20000}-----END (?P=label)-----"
)
_BEGIN = b"-----begin "
# The header of a token, or its claims, alone: they say how it is signed, and for whom.
_JOSE_HEADER = re.compile(
    rb"eyJ(?:hbGci|0eXAi|raWQi|leHAi|pc3Mi|zdWIi|pYXQi|hdWQi)[\w-]{10,100}={0,2}\.{0,3}"
)
# Printed in standards and manuals, and copied from there: NIST's keys for AES (FIPS 197,
# SP 800-38A, the paper on GCM), RFC 6238's seed in base32 and the one of the authenticators'
# manuals, the signature of jwt.io's token, the keys of Azure's emulators.
_PRINTED = re.compile(
    rb"(?i)2b7e151628aed2a6abf7158809cf4f3c|8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b"
    rb"|603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"
    rb"|feffe9928665731c6d6a8f9467308308|GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ|JBSWY3DPEHPK3PXP"
    rb"|SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
    rb"|Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq"
    rb"|C2y6yDjf5/R\+ob0N8A7Cgv30VRDJIWEHLM\+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw"
)
# A line of something in base64, bare or a string of several that are joined.
_WRAPPED = re.compile(
    rb"(?:[^\n=]{0,80}=)?[ \t*#/|>+(]*(?:[bru]?[\"'`])?(?P<piece>[\w+/]{28,}={0,2})"
    rb"(?:\\n|\\r)*[\"'`]?[ \t+\\,.;)]*\r?"
)
_MOST_LINES = 40
_SHORTEST_LINE = 28
# A vector of a cipher or a MAC: beside the key stand what goes in and what comes out, all in hex.
_HEX = re.compile(rb"[0-9a-fA-F]{16,}")
_GIVEN = rb"[\"']?[ \t]{0,4}[:=(, ]\s{0,40}(?:[\w.]{1,30}\([ \t]?)?(?:0x|b?[\"'])?[0-9a-fA-F]{16}"
_INPUT = re.compile(
    rb"(?i)(?:\b|with|set)(?:plain_?text|aad|pt|msg|message|data|input|in|aad|iv|nonce)" + _GIVEN
)
_OUTPUT = re.compile(
    rb"(?i)(?:\b|with|set)(?:cipher_?text|ct|expected|output|out|tag|mac|digest|md|result|okm)"
    + _GIVEN
)
_OWNER = re.compile(rb"(?i)api|secret|token|passw|auth|private|master|signing|prod|live")
_REACH = 600

ANCHORS = (_BEGIN,)


def without_public(anchored: Anchored, findings: Iterator[Finding]) -> Iterator[Finding]:
    """Yield the findings but for those that anybody may see."""
    text = anchored.text
    blocks = [block.span() for at in anchored.at([_BEGIN]) if (block := _BLOCK.match(text, at))]
    for finding in findings:
        start, end = finding.start, finding.end
        if not (
            _MARKED.match(text, start)
            or _JOSE_HEADER.fullmatch(text, start, end)
            or _PRINTED.search(text, start, end)
            or any(first < start < last for first, last in blocks)
            or _is_of_vector(text, start, end)
            or _is_wrapped(text, start, end)
        ):
            yield finding


def _is_wrapped(text: bytes, start: int, end: int) -> bool:
    """Tell whether a line is one of several, of which the first begins as public keys do."""
    if end - start < _SHORTEST_LINE:
        return False
    end = text.rfind(b"\n", 0, start)
    for _ in range(_MOST_LINES):
        line = text.rfind(b"\n", 0, max(end, 0)) + 1
        wrapped = _WRAPPED.fullmatch(text, line, end) if end > line else None
        if wrapped is None:
            return False
        if _MARKED.match(wrapped["piece"]):
            return True
        end = line - 1
    return False


def _is_of_vector(text: bytes, start: int, end: int) -> bool:
    if not _HEX.fullmatch(text, start, end):
        return False
    line = text.rfind(b"\n", 0, start) + 1
    if _OWNER.search(text, max(line, start - 80), start):
        return False
    near = max(0, start - _REACH), end + _REACH
    return bool(_INPUT.search(text, *near) and _OUTPUT.search(text, *near))
