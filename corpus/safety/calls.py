"""Rules for the secrets of calls: the argument of one that logs in, signs or opens a store."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.safety.anchors import Anchored
from corpus.safety.findings import Finding, judged
from corpus.safety.passwords import (
    is_bare_password,
    is_full_password,
    is_login,
    is_password,
    is_told_password,
)
from corpus.safety.values import is_random

# From a word of `_CALLS`: the rest of the name, and the arguments, of which one behind the first is
# the password: `connect("h", "bob", "X")`, `login: ["bob", "X"]`, `provider :github, ID, "X"`.
_CALL = re.compile(
    rb"\w{2,24}(?:(?:\.|::|->)\w{1,20})?[\"']?"
    rb"(?:[ \t]{0,3}[=:]?(?:\)[ ]values[ ])?[ \t]{0,3}[(\[]|[ ]:\w{1,30}(?=,))"
    rb"(?P<arguments>(?:(?!\);)[^\n]){0,300})",
    re.IGNORECASE,
)
_ARGUMENT = re.compile(
    rb",[ \t]{0,4}(?:[\w.]{1,30}\()?[bru]?([\"'])"
    rb"(?P<value>[^\"'`\s,]{8,100}|[a-z]{4}(?: [a-z]{4}){3})\1"
)
_ONLY = re.compile(rb"[bru]?([\"'])(?P<value>[^\"'`\s,]{8,100})\1\)")
_LOGS_IN = re.compile(rb"(?i)auth|login|credential|client|passw|api\(|signer|verifier|provider")
# What opens a store of keys.
_STORE = re.compile(
    rb"\.(?:pfx|p12|jks|keystore)[\"'][^\n\"']{0,20}[,(=:][ \t]{0,4}[\"']"
    rb"(?P<value>[^\s\"']{6,100})[\"']"
)
_STORES = (b".pfx", b".p12", b".jks", b".keystore")
# Java's passwords are arrays.
_CHARS = re.compile(rb"\"(?P<value>[^\s\"()]{8,100})\"\Z")
_CHARS_SIGN = b".tochararray("
_CALLS = (
    b"login", b"signin", b"sign_in", b"connect", b"auth", b"credential", b"pdo", b"ftp", b"smtp",
    b"imap", b"ssh", b"bind", b"_pw", b"jwt.", b"hmac", b"cipher", b"crypt", b"passw",
    b"database", b"sequelize", b"mysqli", b"keystore", b"wifi", b"client", b"api(",
    b"_user(", b"createuser(", b"adduser(", b"cookieparser", b"cookiesession", b"signer(",
    b"verifier(", b"provider :",
)  # fmt: skip
# A cipher's first argument is its key.
_FIRST = re.compile(rb"(?i:new)?\((?:[\w.]{1,30}\(){0,2}[bru]?([\"'])(?P<value>[\w+/=-]{32,128})\1")
_CIPHERS = (
    b"aes.", b"des3.", b"aesgcm", b"chacha20.", b"chacha20poly1305", b"chacha20_poly1305.",
    b"blowfish.", b"secretbox", b"secretkeyspec", b"arc4.",
)  # fmt: skip

ANCHORS = (*_CALLS, *_CIPHERS, *_STORES, _CHARS_SIGN)


def find_calls(anchored: Anchored) -> Iterator[Finding]:
    """Yield what calls that want a password or a key are given."""
    text = anchored.text
    for at in anchored.at(_CALLS):
        if call := _CALL.match(text, at):
            judge = is_login if _LOGS_IN.match(text, at) else _is_password_or_key
            for argument in _ARGUMENT.finditer(text, call.start("arguments"), call.end()):
                yield from judged(argument, "call", judge)
            judge = _is_only_key if judge is is_login else is_full_password
            yield from judged(_ONLY.match(text, call.start("arguments")), "call", judge)
    for cipher in _CIPHERS:
        for at in anchored.at([cipher]):
            yield from judged(_FIRST.match(text, at + len(cipher)), "call", _is_long_key)
    for at in anchored.at([_CHARS_SIGN]):
        yield from judged(_CHARS.search(text, max(0, at - 103), at), "call", is_bare_password)
    for at in anchored.at(_STORES):
        yield from judged(_STORE.match(text, at), "store", is_password)


def _is_password_or_key(value: str) -> bool:
    return is_told_password(value) or _is_long_key(value)


def _is_long_key(value: str) -> bool:
    return is_random(value, 32)


def _is_only_key(value: str) -> bool:
    return is_full_password(value) or _is_long_key(value)
