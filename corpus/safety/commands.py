"""Rules for the secrets of command lines: behind a flag, a verb or a user, or piped into a tool."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.safety.anchors import Anchored
from corpus.safety.findings import Finding, judged
from corpus.safety.passwords import is_bare_password, is_password, is_told_password
from corpus.safety.stand_ins import is_stand_in
from corpus.safety.values import is_key

_COMMAND_LINE = re.compile(
    rb"""(?x)
    (?: sshpass\s{1,4}-p\s{0,4} | ssh-keygen\b[^\n]{0,200}?\s-[NP]\s{1,4}
      | (?:curl|wget|http|ftp|mysql|psql|redis-cli|mongo(?:sh|dump)?|htpasswd)\b[^\n]{0,200}?
        \s(?: (?:-[ua]\s{0,2}|--(?:user|auth)[=\ ])["']?[\w.@-]{1,60}:["']? | -p(?=[^\s-]) | -a\s )
      | snmp-server\scommunity\s | snmp[a-z]{2,10}\b[^\n]{0,100}?\s-[cAX]\s{1,4} | isakmp\skey\s
    )["']?
    (?P<value>[^\s"'`]{6,100})"""
)
_COMMANDS = (
    b"curl", b"wget", b"http -", b"ftp ", b"sshpass", b"ssh-keygen", b"mysql", b"psql ",
    b"redis-cli", b"mongo", b"htpasswd ", b"snmp", b"isakmp key",
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
    rb"[\"']?(?P<value>[^\s\"'`<>(){}=,;/]{8,64})(?=[\"']?[ \t]?(?:/add)?\r?(?:\n|\Z))",
    re.IGNORECASE,
)
# What reads a password from its input, as `chpasswd` and `sudo -S` do, or a file that is named so.
_PIPED = re.compile(
    rb"(?:echo|printf)[ \t]{1,4}(?:-\w[ \t]{1,4})?[\"']?(?:[\w.-]{1,40}:)?"
    rb"(?P<value>[^\s\"'`|]{8,100})[\"']?[ \t]{0,4}"
    rb"(?:\||>{1,2}[ \t]?[^\s|]{0,80}?(?:pass|pwd|secret|cred))"
)
_PIPES = (b"echo ", b"printf ")
# `tool login KEY`, `tool auth --with KEY`, `vault operator unseal KEY`.
_LOGIN = re.compile(
    rb"(?:login|auth|authtoken|authenticate|unseal)[ \t]{1,4}(?:--?[\w-]{1,30}[ \t=])?"
    rb"(?P<value>[\w.+/-]{20,200}={0,2})(?=[\s\"'`]|\Z)"
)
# `composer config http-basic.HOST bob X`
_HOST = re.compile(rb"http-basic\.\S{3,100}[ \t]\S{1,60}[ \t][\"']?(?P<value>[\w.+/-]{20,200})")
_HOST_NAME = b"http-basic."
# What joins a node to a Kubernetes cluster.
_BOOTSTRAP = re.compile(
    rb"token[ \t=:\"'`]{1,4}(?P<value>[a-z0-9]{6}\.(?=[a-z]{0,15}\d)[a-z0-9]{16})(?![\w.])"
)

ANCHORS = (
    *_COMMANDS,
    *_FLAGS,
    *_PIPES,
    b"user",
    b"login",
    b"auth",
    b"unseal",
    b"token",
    _HOST_NAME,
)


def find_commands(anchored: Anchored) -> Iterator[Finding]:
    """Yield what a command line gives for a password or a key."""
    text = anchored.text
    for at in anchored.at(_COMMANDS):
        yield from judged(_COMMAND_LINE.match(text, at), "command", is_password)
    for at in anchored.at(_FLAGS):
        line = text.rfind(b"\n", 0, at) + 1
        judge = (
            is_bare_password
            if _USER_FLAG.search(text, max(line, at - 120), at + 1)
            else is_told_password
        )
        yield from judged(_FLAG.match(text, at), "command", judge)
    for at in anchored.at(_PIPES):
        yield from judged(_PIPED.match(text, at), "command", is_told_password)
    for at in anchored.at([b"user", b"auth"]):
        yield from judged(_TOLD.match(text, at), "command", is_told_password)
    for at in anchored.at([b"login", b"auth", b"unseal"]):
        yield from judged(_LOGIN.match(text, at), "command", is_key)
    for at in anchored.at([_HOST_NAME]):
        yield from judged(_HOST.match(text, at), "command", is_key)
    for at in anchored.at([b"token"]):
        yield from judged(_BOOTSTRAP.match(text, at), "command", _is_no_stand_in)


def _is_no_stand_in(value: str) -> bool:
    return not is_stand_in(value)
