"""Rules for the secrets of addresses, headers and files of logins, which have a place for them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.safety.anchors import Anchored
from corpus.safety.findings import Finding, judged
from corpus.safety.passwords import is_login, is_no_word, is_password
from corpus.safety.stand_ins import is_encoded_stand_in, is_placeholder
from corpus.safety.values import is_key, is_random

_URL = re.compile(
    rb"://(?P<user>[^\s:/@\"'`<>{}$]{0,100}):(?P<password>[^\s/\"'`<>]{1,200}?)@(?=[\w\[%$.-])"
)
# Where a plain word keeps nobody out: one's own machine, and names that are kept for examples.
_AT_HOME = re.compile(
    rb"[a-z]+@(?:localhost|127\.|0\.0\.0\.0|\[?::1|host(?:name)?\b|server\b|(?:[\w-]+\.)*example\b"
    rb"|[\w.-]+\.(?:example|test|invalid|localhost)\b)"
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
# Names by which addresses give keys, beside those that tell.
_QUERY = re.compile(
    rb"[?&](?:app_?id|apikey|key|code|auth|sid)=(?:[\"'`][ ]?[+.][ ]?[\"'`])?"
    rb"(?P<value>[\w.~%+-]{24,200})"
)
_QUERIES = (b"appid=", b"app_id=", b"apikey=", b"key=", b"code=", b"auth=", b"sid=")
# `user = "bob:X"`, `CURLOPT_USERPWD, "bob:X"`, `USERS = {"bob": "X"}`.
_PAIR = re.compile(
    rb"[\w-]{0,20}[\"'`\])]{0,2}[ \t]{0,3}[:=,(][ \t]{0,3}"
    rb"(?:\{\s{0,20})?[\"'][\w.@-]{1,60}(?:[\"'][ ]?:[ ]?[\"']|:)"
    rb"(?P<value>[^\s\"'`,:/]{8,64})[\"']"
)
# `NEXUS_CREDS=ci:X`, with no quotes.
_BARE_PAIR = re.compile(rb"[\w-]{0,20}=[\w.@-]{1,60}:(?P<value>[^\s\"'`,:/$]{8,64})(?=[\"'`\s]|\Z)")
# A token where GitHub wants a user, and a login for a host: `X:x-oauth-basic`.
_AS_USER = re.compile(rb"(?<![\w-])(?P<value>[\w-]{20,100})\Z")
_AS_USER_SIGN = b":x-oauth-basic"
_PAIRS = (b"user =", b"user=", b"users =", b"users: {", b"userpwd", b"login", b"auth", b"cred")
_HEADER = re.compile(
    rb"(?:authorization[\"'`]?[ \t]{0,3}[:=,][ \t]{0,3}[\"'`]?[\w-]{2,20}[ ]"
    rb"|cookie(?:\"?: ?\"?|\", ?\"(?:value\": ?\")?)[\w.-]{1,60}=)(?P<value>[^\s\"'`,;<>]{16,500})",
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
# Of the accounts of a system, wherever they stand: SHA-256, SHA-512 and yescrypt.
_SYSTEM_CRYPT = re.compile(
    rb"(?P<value>\$(?:(?:5|6)\$(?:rounds=\d{1,9}\$)?[./\w]{1,16}\$(?:[./\w]{86}|[./\w]{43})"
    rb"|g?y\$[./\w]{3,9}\$[./\w]{22}\$[./\w]{43}))(?![./\w])"
)
_SYSTEM_CRYPTS = (b"$5$", b"$6$", b"$y$", b"$gy$")
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
    *_QUERIES,
    *_HEADERS,
    *_PAIRS,
    *_PORTS,
    *_CRYPTS,
    *_SYSTEM_CRYPTS,
    *_SERVER_HASHES,
    _AS_USER_SIGN,
    b"wifi:",
)


def find_logins(anchored: Anchored) -> Iterator[Finding]:
    """Yield what stands where an address, a header or a file of logins has a secret."""
    text = anchored.text
    yield from _in_urls(text)
    for at in anchored.at(_DRIVER_SIGNS):
        yield from judged(_DRIVER.search(text, max(0, at - 150), at), "url", is_password)
    for word in _BRACED_SIGNS:
        for at in anchored.at([word]):
            yield from judged(_BRACED.match(text, at + len(word)), "dsn", is_no_word)
    for at in anchored.at(_ORACLE_SIGNS):
        yield from judged(_ORACLE.match(text, at), "url", _is_filled_in)
    for at in anchored.at(_QUERIES):
        yield from judged(_QUERY.match(text, at - 1), "url", is_key)
    for at in anchored.at(_PAIRS):
        yield from judged(_PAIR.match(text, at), "pair", is_login)
        yield from judged(_BARE_PAIR.match(text, at), "pair", is_login)
    for at in anchored.at([_AS_USER_SIGN]):
        yield from judged(_AS_USER.search(text, max(0, at - 101), at), "pair", is_key)
    for at in anchored.at(_HEADERS):
        yield from judged(_HEADER.match(text, at), "header", _is_header)
    for at in anchored.at([b"login"]):
        yield from judged(_NETRC.match(text, at), "netrc", is_password)
    for at in anchored.at(_PORTS):
        yield from judged(_PGPASS.match(text, at), "pgpass", is_password)
    for at in anchored.at(_CRYPTS):
        yield from judged(_CRYPT.match(text, at), "htpasswd", bool)
    for at in anchored.at(_SYSTEM_CRYPTS):
        yield from judged(_SYSTEM_CRYPT.match(text, at), "shadow", bool)
    for at in anchored.at(_SERVER_HASHES):
        yield from judged(_SERVER_HASH.match(text, at), "server", bool)
    for at in anchored.at([b"wifi:"]):
        yield from judged(_WIFI.match(text, at), "wifi", _is_filled_in)


def _is_filled_in(value: str) -> bool:
    return not is_placeholder(value)


def _is_header(value: str) -> bool:
    return is_key(value) and not is_encoded_stand_in(value)


def is_word_at_home(text: bytes, start: int) -> bool:
    """Tell whether an address's password is a plain word for a machine that is nobody else's."""
    return bool(_AT_HOME.match(text, start))


def _in_urls(text: bytes) -> Iterator[Finding]:
    for match in _URL.finditer(text):
        scheme = _SCHEME.search(text, max(0, match.start() - 20), match.start())
        password = match["password"].decode("utf-8", "replace")
        if scheme is None or match["password"] == match["user"] or is_placeholder(password):
            continue
        if is_word_at_home(text, match.start("password")):
            continue
        is_web = scheme[0].decode().lower().removeprefix("git+") in _WEB
        if is_password(password) or is_random(password) or (not is_web and len(password) > 5):
            yield Finding(match.start("password"), match.end("password"), "secret", "url")
