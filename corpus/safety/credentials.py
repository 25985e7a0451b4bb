"""Rules for secrets that have no form of their own: only what stands beside them tells them.

Kingfisher's rules know what providers' keys look like. These know what programs call a secret.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator

from corpus.safety.anchors import Anchored
from corpus.safety.findings import Finding
from corpus.safety.values import (
    is_drawn,
    is_encoded_login,
    is_encoded_stand_in,
    is_password,
    is_placeholder,
    is_random,
    is_stand_in,
    is_strong_password,
    is_uuid,
)

_TELLING = (
    b"pass", b"pw", b"secret", b"token", b"key", b"auth", b"cred", b"bearer", b"salt", b"hmac",
    b"psk", b"kennwort", b"contrase", b"senha", b"wachtwoord", b"parola",
)  # fmt: skip
_NAME_BEFORE = re.compile(rb"[\w$.-]*\Z")
# From the end of the word that tells: the rest of the name, an operator (or what a call, a mapping,
# an element, a command line has in its place), and the value.
_ASSIGNED = re.compile(
    rb"""(?x)
    (?P<rest>[\w$\x80-\xff-]{0,40}) ["'`\])]{0,3} [ \t]{0,8}
    (?:
      (?: (?::[ \t]{0,4}[\w\[\]<>.,|? ]{1,40}?[ \t]{0,4})?(?:={1,3}|!==?) | :=? | => | <-
        | (?P<listed>,)(?![ \t]*\n) | \( | [ \t]is:? | [ \t](?=["']) | \.\w{1,20}\(
        | [ \t]by[ \t]\w{1,12}[ \t]?\{ ) \s{0,40}
      (?:[\w.:]{1,40}[({][ \t]{0,4}){0,2}
      (?:[bBrRuUfFL@$]{0,2}(?P<quote>\\?["'`]))
      (?:(?:Basic|Bearer|Token|token|bearer)\ )?(?P<quoted>[^"'`\n\\ ]{6,500})(?=(?P=quote)|\\n)
    | [ \t]{0,2}> \s{0,40}(?P<element>[^<>\s]{6,500})\s{0,40}</
    | (?:[=:]|[ \t]is:?[ \t]|(?P<flag>[ \t])) [ \t]{0,4}(?:(?:Basic|Bearer|Token|token|bearer)\ )?
      (?P<bare>[^\s"'`,;(){}\[\]<>|&\\]{6,500})(?![(\[])
    )"""
)
# A name that only begins so stands in a list of other things.
_WHOLE_NAME = re.compile(
    r"(?i)(?:pass(?:word|wd|phrase|code)?|pwd|secrets?|tokens?|keys?|auth|credentials?)$"
)
_NO_SECRET = re.compile(
    r"(?i)hash|digest|thumbprint|checksum|fingerprint|public|pub_?key|signature|cache|primary|foreign"
    r"|author(?!iz|is)|keyword|keyboard|compass|passive|bypass|password_?(?:reset|field|input|label)"
    r"|passage|tokeni[sz]|next_?token|page_?token|sync_?token|continuation|(?:etag|uuid|guid|id)$"
    r"|site_?key|sort_?key|key_?(?:id|name)$|kid$|csrf|xsrf|nonce|key_?code|monkey|turkey"
)
_PASSWORD = re.compile(
    r"(?i)pass(?:w|p|\b|_|$|-|code)|pwd|pass$|pw$|kennwort|contrase|senha|wachtwoord|parola"
)
_STRONG = re.compile(
    r"(?i)secret|credential|passphrase|api[_-]?key|access[_-]?key|auth[_-]?(?:key|token)|private[_-]?key"
)
_KEY = re.compile(r"(?i)[a-z0-9][_.-]?key|key[_-]?(?:base|material|data|secret)|^KEY$")

_URL = re.compile(
    rb"://(?P<user>[^\s:/@\"'`<>{}$]{0,100}):(?P<password>[^\s/\"'`<>]{1,200}?)@(?=[\w\[%$.-])"
)
_SCHEME = re.compile(rb"[A-Za-z][\w+.-]*\Z")
_WEB = ("http", "https", "ftp", "ws", "wss", "git", "ssh", "svn", "socks5", "proxy")
_COMMAND_LINE = re.compile(
    rb"""(?x)
    (?: sshpass\s{1,4}-p\s{0,4}
      | (?:curl|wget|http|ftp|mysql|psql|redis-cli|mongo(?:sh|dump)?|htpasswd)\b[^\n]{0,200}?
        \s(?: (?:-u\s{0,2}|--user[=\ ])["']?[\w.@-]{1,60}: | -p(?=[^\s-]) | -a\s )
    )["']?
    (?P<password>[^\s"'`]{6,100})"""
)
_COMMANDS = (b"curl", b"wget", b"sshpass", b"mysql", b"redis-cli", b"mongo")
# An AWS secret access key has no prefix, but its id has, and the two stand together.
_AWS_ID = re.compile(rb"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b")
_AWS_SECRET = re.compile(rb"(?<![\w+/=-])[A-Za-z0-9+/]{40}(?![\w+/=-])")
_NEAR = 400
# Many services put a short mark of theirs before what they drew: so whole a string is a key, also
# where nothing around it says so. A hash has no such mark but its own name.
_MARKED = re.compile(
    rb"[\"'`=](?P<whole>(?!sha\d|md5|blake|ssh|data|rgb|chunk|file)[A-Za-z]{2,12}[_.-]"
    rb"(?:[A-Za-z0-9]{1,8}[_.-]){0,2}(?P<drawn>[A-Za-z0-9]{24,200})"
    rb"(?:[_.-][A-Za-z0-9]{8,200})?)(?=[\"'`\s]|$)"
)
_LONGEST_MARK = 32  # from the quote to the sign before what was drawn
_ALNUM = (string.ascii_letters + string.digits).encode()
_FLAT = bytes.maketrans(_ALNUM + b"_.-" + b'"`=', b"a" * len(_ALNUM) + b"___" + b"'''")
_LONG_RUN = b"_" + b"a" * 24
# Whoever knows such an address may post to it, or read what is behind it until it runs out.
_HOOK = re.compile(rb"https?://[^\s\"'`<>]{0,60}?hook[^\s\"'`<>/]{0,30}/[^\s\"'`<>]{20,300}")
_SIGNED = re.compile(rb"[?&](?:sig|X-Amz-Signature|X-Goog-Signature)=(?P<value>[\w%+/=-]{32,600})")
_SIGNATURES = (b"sig=", b"x-amz-signature=", b"x-goog-signature=")

ANCHORS = (*_TELLING, *_COMMANDS, *_SIGNATURES, b"hook", b"akia", b"asia")


def find_credentials(anchored: Anchored) -> Iterator[Finding]:
    """Yield secrets told by the name that they are given to, or by the URL that they stand in."""
    yield from _assigned(anchored)
    yield from _in_commands(anchored)
    text = anchored.text
    yield from _in_urls(text)
    yield from _marked(text)
    for match in _HOOK.finditer(text) if anchored.has([b"hook"]) else ():
        if any(is_random(part, 20) for part in _text(match[0]).split("/")):
            yield Finding(match.start(), match.end(), "secret", "webhook")
    for at in anchored.at(_SIGNATURES):
        if signed := _SIGNED.match(text, max(0, at - 1)):
            yield Finding(signed.start("value"), signed.end("value"), "secret", "signed_url")
    yield from _aws(anchored)


def _aws(anchored: Anchored) -> Iterator[Finding]:
    text = anchored.text
    for key_id in _AWS_ID.finditer(text) if anchored.has([b"akia", b"asia"]) else ():
        if is_stand_in(key_id[0].decode()):
            continue
        yield Finding(key_id.start(), key_id.end(), "secret", "aws_access_key")
        near = max(0, key_id.start() - _NEAR), key_id.end() + _NEAR
        for match in _AWS_SECRET.finditer(text, *near):
            if is_random(match[0].decode(), 40):
                yield Finding(match.start(), match.end(), "secret", "aws_secret")


def _assigned(anchored: Anchored) -> Iterator[Finding]:
    text = anchored.text
    for word in _TELLING:
        for at in anchored.at([word]):
            if match := _ASSIGNED.match(text, at + len(word)):
                before = _NAME_BEFORE.search(text, max(0, at - 60), at)
                name = (before[0] if before else b"") + text[at : match.end("rest")]
                group = next(g for g in ("quoted", "element", "bare") if match[g] is not None)
                value = match[group]
                if group == "bare":
                    value = value.rstrip(b".!?:")
                if match["listed"] and not _WHOLE_NAME.search(_text(name)):
                    value = b""
                if match["flag"] and not name.startswith(b"-"):
                    value = b""
                if _is_secret(_text(name), _text(value), is_bare=group == "bare"):
                    start = match.start(group)
                    yield Finding(start, start + len(value), "secret", "assigned")


def _is_secret(name: str, value: str, *, is_bare: bool) -> bool:
    """Judge a value by what it is called; what is not quoted may be an expression."""
    if _NO_SECRET.search(name) or is_placeholder(value) or is_encoded_stand_in(value):
        return False
    if is_bare and re.search(
        r"^[A-Za-z_][\w.]*\.[A-Za-z_]\w*$|::|->|://|^[-+*/=@]|^\w+=\w*$", value
    ):
        return False
    if is_encoded_login(value):
        return True
    if _PASSWORD.search(name):
        return is_strong_password(value) if is_bare else is_password(value)
    if _STRONG.search(name):
        return is_random(value, 12) or is_uuid(value) or (is_strong_password(value) and not is_bare)
    if _KEY.search(name) or not re.search(r"(?i)key", name):
        return is_random(value, 20 if is_bare else 16)
    return False


def _in_urls(text: bytes) -> Iterator[Finding]:
    for match in _URL.finditer(text):
        scheme = _SCHEME.search(text, max(0, match.start() - 20), match.start())
        password = _text(match["password"])
        if scheme is None or is_placeholder(password):
            continue
        is_web = _text(scheme[0]).lower().removeprefix("git+") in _WEB
        if is_password(password) or is_random(password) or (not is_web and len(password) > 5):
            yield Finding(match.start("password"), match.end("password"), "secret", "url")


def _marked(text: bytes) -> Iterator[Finding]:
    """Look at ``_MARKED`` only where a long run of letters and digits stands behind a sign."""
    flat, done = text.translate(_FLAT), 0
    at = flat.find(_LONG_RUN)
    while at >= 0:
        begin = max(flat.rfind(b"'", max(0, at - _LONGEST_MARK), at), 0)
        if begin >= done and (match := _MARKED.match(text, begin)):
            done = match.end()
            if is_drawn(_text(match["drawn"])):
                yield Finding(match.start("whole"), match.end("whole"), "secret", "marked")
        at = flat.find(_LONG_RUN, at + len(_LONG_RUN))


def _in_commands(anchored: Anchored) -> Iterator[Finding]:
    if anchored.has(_COMMANDS):
        for match in _COMMAND_LINE.finditer(anchored.text):
            if is_password(_text(match["password"])):
                yield Finding(match.start("password"), match.end("password"), "secret", "command")


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
