"""Rules for secrets in the place where a program, a command or a file wants one: logins."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from corpus.safety.anchors import Anchored
from corpus.safety.findings import Finding
from corpus.safety.passwords import (
    is_bare_password,
    is_full_password,
    is_no_word,
    is_password,
    is_short_drawn,
    is_told_password,
)
from corpus.safety.values import is_no_name, is_placeholder, is_random, is_uuid

_URL = re.compile(
    rb"://(?P<user>[^\s:/@\"'`<>{}$]{0,100}):(?P<password>[^\s/\"'`<>]{1,200}?)@(?=[\w\[%$.-])"
)
_SCHEME = re.compile(rb"[A-Za-z][\w+.-]*\Z")
_WEB = ("http", "https", "ftp", "ws", "wss", "git", "ssh", "svn", "socks5", "proxy")
# Go's drivers write `user:password@tcp(host:port)/name`.
_DRIVER = re.compile(rb"[\w.-]{1,40}:(?P<value>[^\s\"'`@:/]{6,100})\Z")
_DRIVER_SIGNS = (b"@tcp(", b"@unix(", b"@/")
# ODBC's write `Pwd={X}`, which is how programs fill in a name, too.
_BRACED = re.compile(rb"(?:word)?=\{(?P<value>[^\s{}\"'`]{8,64})\}[;\"'`\s]")
_BRACED_SIGNS = (b"pwd", b"pass")
# Oracle's write `user/password@//host` or `user/password@name`.
_ORACLE = re.compile(
    rb"(?:oracle:(?:thin|oci\d?):|sqlplus[ \t](?:-\w+[ \t])*)[\"']?[\w$#.-]{1,40}"
    rb"/(?P<value>[^\s\"'`@/]{6,100})@"
)
_ORACLE_SIGNS = (b"oracle:", b"sqlplus")
_COMMAND_LINE = re.compile(
    rb"""(?x)
    (?: sshpass\s{1,4}-p\s{0,4} | ssh-keygen\b[^\n]{0,200}?\s-[NP]\s{1,4}
      | (?:curl|wget|http|ftp|mysql|psql|redis-cli|mongo(?:sh|dump)?|htpasswd)\b[^\n]{0,200}?
        \s(?: (?:-[ua]\s{0,2}|--(?:user|auth)[=\ ])["']?[\w.@-]{1,60}: | -p(?=[^\s-]) | -a\s )
    )["']?
    (?P<value>[^\s"'`]{6,100})"""
)
_COMMANDS = (
    b"curl", b"wget", b"http -", b"sshpass", b"ssh-keygen", b"mysql", b"redis-cli", b"mongo",
)  # fmt: skip
# The flags behind which most command line tools want a password, and names before one.
_FLAG = re.compile(
    rb"[ \t](?:-[pwaxk][ \t]{1,2}|-p(?=[^\s-])|/p:"
    rb"|-(?:u|-[\w-]{0,12}user)[ \t=]{0,2}[\w.@-]{1,60}[%:,]"
    rb"|/user:\S{1,60}[ \t]{1,3})[\"']?(?P<value>[^\s\"'`=,/]{8,100})",
    re.IGNORECASE,
)
_FLAGS = (
    b" -p", b" -w ", b" -a ", b" -x ", b" -k ", b" -u", b" --user", b" --proxy-user", b" /p:",
    b" /user:",
)  # fmt: skip
_USER_FLAG = re.compile(rb"[ \t](?:-u|-U|--user(?:name)?)[ \t=]?[\w.@-]+[ \t]")
# `rabbitmqctl add_user bob X`, `net user bob X`, and what servers are told: `AUTH X`.
_TOLD = re.compile(
    rb"(?:user[ \t]{1,2}[\w.@-]{1,60}[ \t]{1,2}|auth[ \t]{1,2}(?:[\w.-]{1,60}:)?)"
    rb"(?P<value>[^\s\"'`<>(){}=,;/]{8,64})(?=[ \t]?(?:/add)?\r?(?:\n|\Z))",
    re.IGNORECASE,
)
# Names by which addresses give keys, beside those that tell.
_QUERY = re.compile(rb"[?&](?:app_?id|apikey|key|code|auth|sid)=(?P<value>[\w.~%+-]{24,200})")
_QUERIES = (b"appid=", b"app_id=", b"apikey=", b"key=", b"code=", b"auth=", b"sid=")
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
    rb"|jwt\.|hmac|cipher|crypt|passw|database|sequelize|mysqli|keystore|wifi|client|api(?=\())\w{0,14}(?:\.\w{1,20})?[\"']?"
    rb"[ \t]{0,3}[=:]?"
    rb"[ \t]{0,3}[(\[](?P<arguments>(?:(?!\);)[^\n]){0,300})",
    re.IGNORECASE,
)
_ARGUMENT = re.compile(rb",[ \t]{0,4}(?:Some\()?[bru]?([\"'])(?P<value>[^\"'`\s,]{8,100})\1")
_ONLY = re.compile(rb"[bru]?([\"'])(?P<value>[^\"'`\s,]{8,100})\1\)")
_LOGS_IN = re.compile(rb"(?i)auth|login|credential|client|passw|api\(")
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
)  # fmt: skip
# `user = "bob:X"`, `CURLOPT_USERPWD, "bob:X"`.
_PAIR = re.compile(
    rb"[\w-]{0,20}[\"'`\])]{0,2}[ \t]{0,3}[:=,(][ \t]{0,3}[\"'][\w.@-]{1,60}:"
    rb"(?P<value>[^\s\"'`,:/]{8,64})[\"']"
)
_PAIRS = (b"user =", b"user=", b"userpwd", b"login", b"auth", b"cred")
_HEADER = re.compile(
    rb"(?:authorization[\"'`]?[ \t]{0,3}[:=,][ \t]{0,3}[\"'`]?[\w-]{2,20}[ ]"
    rb"|cookie(?:: ?|\", ?\"(?:value\": ?\")?)[\w.-]{1,60}=)(?P<value>[^\s\"'`,;<>]{16,500})",
    re.IGNORECASE,
)
_HEADERS = (b"authorization", b"cookie:", b'cookie"')
# What lies in files of logins: .netrc, .pgpass, htpasswd and shadow.
_NETRC = re.compile(rb"login[ \t]{1,4}\S{1,100}[ \t\n]{1,8}password[ \t]{1,4}(?P<value>\S{6,100})")
_PGPASS = re.compile(rb":(?:\d{4,5}|\*):[\w*.-]{1,60}:[\w*.-]{1,60}:(?P<value>[^\s\"'`]{6,100})")
_PORTS = (b":5432:", b":5433:", b":6432:", b":*:")
_CRYPT = re.compile(
    rb"(?<=\w):(?P<value>\$(?:apr1|1|2[abxy]|5|6|7|y|gy)\$[./\w$=,]{20,200}|\{SHA\}[\w+/]{20,}=*)"
)
_CRYPTS = (b":$", b":{sha}")
# As PostgreSQL and its poolers keep them.
_SERVER_HASH = re.compile(
    rb"(?<!\w)(?P<value>md5[0-9a-f]{32}\b|SCRAM-SHA-256\$\d{2,7}:[\w+/=$:]{40,200})"
)
_SERVER_HASHES = (b"md5", b"scram-sha-256$")
_WIFI = re.compile(rb"wifi:(?:[^\s;]{1,40};){0,4}?P:(?P<value>[^\s;]{8,63});", re.IGNORECASE)

ANCHORS = (
    *_DRIVER_SIGNS,
    *_ORACLE_SIGNS,
    *_BRACED_SIGNS,
    *_COMMANDS,
    *_FLAGS,
    *_PIPES,
    b"user",
    *_QUERIES,
    *_CALLS,
    *_HEADERS,
    *_PAIRS,
    *_PORTS,
    *_CRYPTS,
    *_SERVER_HASHES,
    b"wifi:",
    _CHARS_SIGN,
    *_STORES,
)


def find_logins(anchored: Anchored) -> Iterator[Finding]:
    """Yield what stands where a password or a key is wanted."""
    text = anchored.text
    yield from _in_urls(text)
    for at in anchored.at(_DRIVER_SIGNS):
        yield from _judged(_DRIVER.search(text, max(0, at - 150), at), "url")
    for word in _BRACED_SIGNS:
        for at in anchored.at([word]):
            yield from _judged(_BRACED.match(text, at + len(word)), "dsn", is_no_word)
    for at in anchored.at(_ORACLE_SIGNS):
        yield from _judged(_ORACLE.match(text, at), "url", _is_filled_in)
    if anchored.has(_COMMANDS):
        for match in _COMMAND_LINE.finditer(text):
            yield from _judged(match, "command")
    for at in anchored.at(_FLAGS):
        line = text.rfind(b"\n", 0, at) + 1
        judge = (
            is_bare_password
            if _USER_FLAG.search(text, max(line, at - 120), at + 1)
            else is_told_password
        )
        yield from _judged(_FLAG.match(text, at), "command", judge)
    for at in anchored.at(_PIPES):
        yield from _judged(_PIPED.match(text, at), "command", is_told_password)
    for at in anchored.at(_QUERIES):
        yield from _judged(_QUERY.match(text, at - 1), "url", _is_key)
    for at in anchored.at([b"user", b"auth"]):
        yield from _judged(_TOLD.match(text, at), "command", is_told_password)
    for at in anchored.at([b"login", b"auth"]):
        yield from _judged(_LOGIN.match(text, at), "command", _is_key)
        yield from _judged(_NETRC.match(text, at), "netrc")
    for at in anchored.at(_CALLS):
        if call := _CALL.match(text, at):
            judge = _is_login if _LOGS_IN.match(text, at) else is_told_password
            for argument in _ARGUMENT.finditer(text, call.start("arguments"), call.end()):
                yield from _judged(argument, "call", judge)
            judge = _is_only_key if judge is _is_login else is_full_password
            yield from _judged(_ONLY.match(text, call.start("arguments")), "call", judge)
    for at in anchored.at(_PAIRS):
        yield from _judged(_PAIR.match(text, at), "pair", _is_login)
    for at in anchored.at([_CHARS_SIGN]):
        yield from _judged(_CHARS.search(text, max(0, at - 103), at), "call", is_bare_password)
    for at in anchored.at(_STORES):
        yield from _judged(_STORE.match(text, at), "store")
    for at in anchored.at(_HEADERS):
        yield from _judged(_HEADER.match(text, at), "header", _is_key)
    for at in anchored.at(_PORTS):
        yield from _judged(_PGPASS.match(text, at), "pgpass")
    for at in anchored.at(_CRYPTS):
        yield from _judged(_CRYPT.match(text, at), "htpasswd", bool)
    for at in anchored.at(_SERVER_HASHES):
        yield from _judged(_SERVER_HASH.match(text, at), "server", bool)
    for at in anchored.at([b"wifi:"]):
        yield from _judged(_WIFI.match(text, at), "wifi", _is_filled_in)


def _is_only_key(value: str) -> bool:
    return is_full_password(value) or is_random(value, 32)


def _is_filled_in(value: str) -> bool:
    return not is_placeholder(value)


def _is_login(value: str) -> bool:
    is_key = is_no_name(value) and is_random(value, 14)
    return is_told_password(value) or is_short_drawn(re.sub(r"[-_]", "", value)) or is_key


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
        if scheme is None or match["password"] == match["user"] or is_placeholder(password):
            continue
        is_web = scheme[0].decode().lower().removeprefix("git+") in _WEB
        if is_password(password) or is_random(password) or (not is_web and len(password) > 5):
            yield Finding(match.start("password"), match.end("password"), "secret", "url")
