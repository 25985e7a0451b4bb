"""Rules for files whose form says what is secret: a Secret of Kubernetes, a wallet's accounts."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

from corpus.safety.anchors import Anchored
from corpus.safety.findings import Finding, judged
from corpus.safety.stand_ins import is_placeholder
from corpus.safety.values import is_random

# All under `data` and `stringData` of a Secret, whatever its name: the first in base64.
_KIND = b"kind: secret"
_END = re.compile(rb"^[ \t]*(?:---|```)", re.MULTILINE)
_BLOCK = re.compile(
    rb"^(?P<indent>[ \t>*#]*)(?P<plain>stringData|data):[ \t]*\r?\n"
    rb"(?P<entries>(?:(?P=indent)[ \t][^\n]{1,20000}(?:\n|\Z)){1,100})",
    re.MULTILINE,
)
_ENTRY = re.compile(
    rb"^[ \t>*#]*[\"']?[\w./-]{1,100}[\"']?:[ \t]+[\"']?"
    rb"(?P<value>[^\s\"'|>]{8,20000})[\"']?[ \t]*\r?$",
    re.MULTILINE,
)
_REACH = 20_000
# As Hardhat and Truffle read them: `accounts: ["0x..."]`. An address has 40 digits, not 64.
_ACCOUNTS = re.compile(
    rb"accounts[\"']?[ \t]{0,3}[:=][ \t]{0,3}\[\s{0,40}[\"'](?P<value>(?:0x)?[0-9a-fA-F]{64})[\"']"
)
_ACCOUNTS_NAME = b"accounts"

ANCHORS = (_KIND, _ACCOUNTS_NAME)


def find_in_manifests(anchored: Anchored) -> Iterator[Finding]:
    """Yield what stands where such a file has its secrets."""
    text, read = anchored.text, 0
    for at in anchored.at([_KIND]):
        if at < read:
            continue
        begin = max(read, at - _REACH)
        begin = max((end.end() for end in _END.finditer(text, begin, at)), default=begin)
        after = _END.search(text, at, at + _REACH)
        read = after.start() if after else at + _REACH
        for block in _BLOCK.finditer(text, begin, read):
            judge = _is_encoded if block["plain"] == b"data" else _is_filled_in
            for entry in _ENTRY.finditer(text, *block.span("entries")):
                yield from judged(entry, "manifest", judge)
    for at in anchored.at([_ACCOUNTS_NAME]):
        yield from judged(_ACCOUNTS.match(text, at), "account", is_random)


def _is_filled_in(value: str) -> bool:
    return not is_placeholder(value) and not value.isalpha()


def _is_encoded(value: str) -> bool:
    """Tell whether a value is in base64, and no name."""
    try:
        content = base64.b64decode(value, validate=True)
    except ValueError:
        return False
    words = content.decode("utf-8", "replace").strip()
    return not is_placeholder(words) and not re.fullmatch(r"[a-z][a-z.-]*", words)
