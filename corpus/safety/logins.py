"""Rules for secrets in the place where a program, a command or a file wants one: logins."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from corpus.safety.anchors import Anchored
from corpus.safety.findings import Finding
from corpus.safety.values import (
    is_drawn_letters,
    is_full_password,
    is_password,
    is_placeholder,
    is_random,
    is_signed_password,
    is_uuid,
)

_URL = re.compile(
    rb"://(?P<user>[^\s:/@\"'`<>{}$]{0,100}):(?P<password>[^\s/\"'`<>]{1,200}?)@(?=[\w\[%$.-])"
)
_SCHEME = re.compile(rb"[A-Za-z][\w+.-]*\Z")
_WEB = ("http", "https", "ftp", "ws", "wss", "git", "ssh", "svn", "socks5", "proxy")
# Go's drivers write `user:password@tcp(host:port)/name`.
_DRIVER = re.compile(rb"[\w.-]{1,40}:(?P<value>[^\s\"'`@:/]{6,100})\Z")
_DRIVER_SIGNS = (b"@tcp(", b"@unix(")
# Oracle's write `user/password@//host` or `user/password@name`.
_ORACLE = re.compile(
    rb"(?:oracle:(?:thin|oci\d?):|sqlplus[ \t](?:-\w+[ \t])*)[\"']?[\w$#.-]{1,40}"
    rb"/(?P<value>[^\s\"'`@/]{6,100})@"
)
_ORACLE_SIGNS = (b"oracle:", b"sqlplus")
_COMMAND_LINE = re.compile(
    rb"""(?x)
    (?: sshpass\s{1,4}-p\s{0,4}
      | (?:curl|wget|http|ftp|mysql|psql|redis-cli|mongo(?:sh|dump)?|htpasswd)\b[^\n]{0,200}?
        \s(?: (?:-u\s{0,2}|--user[=\ ])["']?[\w.@-]{1,60}: | -p(?=[^\s-]) | -a\s )
    )["']?
    (?P<value>[^\s"'`]{6,100})"""
)
_COMMANDS = (b"curl", b"wget", b"sshpass", b"mysql", b"redis-cli", b"mongo")
# The flags behind which most command line tools want a password.
_FLAG = re.compile(
    rb"[ \t](?:-[pwax][ \t]{1,2}|/p:|-u[ \t]{0,2}[\w.@-]{1,60}%|/user:\S{1,60}[ \t]{1,3})[\"']?"
    rb"(?P<value>[^\s\"'`=,/]{8,100})",
    re.IGNORECASE,
)
_FLAGS = (b" -p ", b" -w ", b" -a ", b" -x ", b" -u", b" /p:", b" /user:")
# What reads a password from its input, as `chpasswd` and `sudo -S` do.
_PIPED = re.compile(
    rb"(?:echo|printf)[ \t]{1,4}(?:-\w[ \t]{1,4})?[\"']?(?:[\w.-]{1,40}:)?"
    rb"(?P<value>[^\s\"'`|]{8,100})[\"']?[ \t]{0,4}\|"
)
_PIPES = (b"echo ", b"printf ")
# `tool login KEY`, `tool auth --with KEY`.
_LOGIN = re.compile(
    rb"(?:login|auth|authtoken|authenticate)[ \t]{1,4}(?:--?[\w-]{1,30}[ \t=])?"
    rb"(?P<value>[\w.-]{20,200})(?=[\s\"'`]|\Z)"
)
# The arguments of a call that logs in, of which one behind the first is the password.
_CALL = re.compile(
    rb"(?:login|sign_?in|connect|auth|credential|pdo|ftp|smtp|imap|ssh|bind|_pw"
    rb"|jwt\.|hmac|cipher)[a-z_]{0,14}[\"']?"
    rb"[ \t]{0,3}[=:]?"
    rb"[ \t]{0,3}[(\[](?P<arguments>(?:(?!\);)[^\n]){0,300})",
    re.IGNORECASE,
)
_ARGUMENT = re.compile(rb",[ \t]{0,4}[bru]?([\"'])(?P<value>[^\"'`\s,]{8,100})\1")
_CALLS = (
    b"login", b"signin", b"sign_in", b"connect", b"auth", b"credential", b"pdo", b"ftp", b"smtp",
    b"imap", b"ssh", b"bind", b"_pw", b"jwt.", b"hmac", b"cipher",
)  # fmt: skip
_HEADER = re.compile(
    rb"(?:authorization[\"'`]?[ \t]{0,3}[:=,][ \t]{0,3}[\"'`]?[\w-]{2,20}[ ]"
    rb"|cookie(?:: ?|\", ?\"(?:value\": ?\")?)[\w.-]{1,60}=)(?P<value>[^\s\"'`,;<>]{16,500})",
    re.IGNORECASE,
)
_HEADERS = (b"authorization", b"cookie:", b'cookie"')
# On a line that speaks of passwords, what looks like nothing else is one.
_SPOKEN_OF = (b"password", b"passwd", b"pwd")
_WORD = re.compile(
    rb"(?<![^\s\"'`:|(>,])(?P<value>[\w!@#$%^&*?~+-]{8,64})(?=[\s\"'`|)<,;.]|\\[rnt]|$)"
)
_SIGN = re.compile(rb"[!@#$%^&*?~+]")
# "The password for the mail server is X", "old token was X".
_IS = re.compile(
    rb"[^\n.;=(){}]{0,60}?[ \t](?:is|was|to)(?: now)?:?[ \t]{1,2}[\"'`]?"
    rb"(?P<value>[^\s\"'`<>(){}]{8,64}?)"
    rb"(?=[\"'`.,;)]{0,2}(?:\s|$))"
)
# What lies in files of logins: .netrc, .pgpass, htpasswd and shadow.
_NETRC = re.compile(rb"login[ \t]{1,4}\S{1,100}[ \t\n]{1,8}password[ \t]{1,4}(?P<value>\S{6,100})")
_PGPASS = re.compile(rb":(?:\d{4,5}|\*):[\w*.-]{1,60}:[\w*.-]{1,60}:(?P<value>[^\s\"'`]{6,100})")
_PORTS = (b":5432:", b":5433:", b":6432:", b":*:")
_CRYPT = re.compile(
    rb"(?<=\w):(?P<value>\$(?:apr1|1|2[abxy]|5|6|7|y|gy)\$[./\w$=,]{20,200}|\{SHA\}[\w+/]{20,}=*)"
)
_CRYPTS = (b":$", b":{sha}")

ANCHORS = (
    *_DRIVER_SIGNS,
    *_ORACLE_SIGNS,
    *_COMMANDS,
    *_FLAGS,
    *_PIPES,
    *_CALLS,
    *_HEADERS,
    *_SPOKEN_OF,
    *_PORTS,
    *_CRYPTS,
)


def find_logins(anchored: Anchored) -> Iterator[Finding]:
    """Yield what stands where a password or a key is wanted."""
    text = anchored.text
    yield from _in_urls(text)
    for at in anchored.at(_DRIVER_SIGNS):
        yield from _judged(_DRIVER.search(text, max(0, at - 150), at), "url")
    for at in anchored.at(_ORACLE_SIGNS):
        yield from _judged(_ORACLE.match(text, at), "url")
    if anchored.has(_COMMANDS):
        for match in _COMMAND_LINE.finditer(text):
            yield from _judged(match, "command")
    for at in anchored.at(_FLAGS):
        yield from _judged(_FLAG.match(text, at), "command", is_signed_password)
    for at in anchored.at(_PIPES):
        yield from _judged(_PIPED.match(text, at), "command", is_signed_password)
    for at in anchored.at([b"login", b"auth"]):
        yield from _judged(_LOGIN.match(text, at), "command", _is_key)
        yield from _judged(_NETRC.match(text, at), "netrc")
    for at in anchored.at(_CALLS):
        if call := _CALL.match(text, at):
            for argument in _ARGUMENT.finditer(text, call.start("arguments"), call.end()):
                yield from _judged(argument, "call", is_signed_password)
    for at in anchored.at(_HEADERS):
        yield from _judged(_HEADER.match(text, at), "header", _is_key)
    for at in anchored.at(_SPOKEN_OF):
        line = max(text.rfind(b"\n", 0, at) + 1, at - 200), text.find(b"\n", at, at + 200)
        yield from _on_line(text, line[0], line[1] if line[1] >= 0 else at + 200)
    for at in anchored.at((*_SPOKEN_OF, b"credential")):
        yield from _judged(_IS.match(text, at), "spoken_of", _is_drawn_password)
    for at in anchored.at(_PORTS):
        yield from _judged(_PGPASS.match(text, at), "pgpass")
    for at in anchored.at(_CRYPTS):
        yield from _judged(_CRYPT.match(text, at), "htpasswd", bool)


def _on_line(text: bytes, start: int, end: int) -> Iterator[Finding]:
    if _SIGN.search(text, start, end):
        for match in _WORD.finditer(text, start, min(end, len(text))):
            yield from _judged(match, "spoken_of", is_full_password)


def _is_drawn_password(value: str) -> bool:
    return is_signed_password(value) or (is_password(value) and is_drawn_letters(value, 10))


def _is_key(value: str) -> bool:
    return not is_placeholder(value) and (is_random(value, 20) or is_uuid(value))


def _judged(
    match: re.Match[bytes] | None, rule: str, judge: Callable[[str], bool] = is_password
) -> Iterator[Finding]:
    if match and judge(match["value"].decode("utf-8", "replace")):
        yield Finding(match.start("value"), match.end("value"), "secret", rule)


def _in_urls(text: bytes) -> Iterator[Finding]:
    for match in _URL.finditer(text):
        scheme = _SCHEME.search(text, max(0, match.start() - 20), match.start())
        password = match["password"].decode("utf-8", "replace")
        if scheme is None or is_placeholder(password):
            continue
        is_web = scheme[0].decode().lower().removeprefix("git+") in _WEB
        if is_password(password) or is_random(password) or (not is_web and len(password) > 5):
            yield Finding(match.start("password"), match.end("password"), "secret", "url")
