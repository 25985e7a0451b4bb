"""Rules for secrets that have no form of their own: the name that they are given to tells them.

Kingfisher's rules know what providers' keys look like. These know what programs call a secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.safety.anchors import Anchored
from corpus.safety.findings import Finding
from corpus.safety.names import NOT_SECRET
from corpus.safety.values import (
    is_bare_password,
    is_encoded_login,
    is_encoded_password,
    is_encoded_stand_in,
    is_password,
    is_placeholder,
    is_random,
    is_seed,
    is_signed_password,
    is_strong_password,
    is_uuid,
)

ANCHORS = (
    b"pass", b"pw", b"secret", b"token", b"key", b"auth", b"cred", b"bearer", b"salt", b"hmac",
    b"psk", b"totp", b"otp_", b"mfa", b"cookie", b"fernet", b"jwt", b"_pat", b"wallet", b"encrypt",
    b"securestring", b"identified by",
    b"kennwort", b"contrase", b"senha", b"wachtwoord", b"parola",
    *(word.encode() for word in ("пароль", "密码", "パスワード")),
)  # fmt: skip
# What such a call gives, or what is bound beside such a name, is no secret if it is hex.
_HASHED = re.compile(rb"(?i)(?:hash|digest|sha[-_]?\d*|md5|checksum|crc)\w*(?:\([\"'`]?|, ?)\Z")
_HEX = re.compile(rb"[0-9a-fA-F]+")
_NAME_BEFORE = re.compile(rb"(?:\b[Pp]ublic )?[\w$.-]*\Z")
# From the end of the word that tells: the rest of the name, an operator (or what a call, a mapping,
# an element, a command line has in its place), and the value.
_ASSIGNED = re.compile(
    rb"""(?x)
    (?P<rest>[\w$\x80-\xff-]{0,40}(?:[ ]\d)?) (?:\\?["'`\])]){0,3} [ \t]{0,8}
    (?:
      (?: (?:(?::|[Aa]s[ ])[ \t]{0,4}[\w\[\]<>.,|?&'* ]{1,40}?[ \t]{0,4})?(?:={1,3}|!==?)
        | [ \t]?\{[\s\#*/]{1,40}(?:\w+\s{0,9}=[^\n]{0,80}\n[\s\#*/]{0,40}){0,4}default[ \t]{0,9}=
       | :=? | => | <- | (?:\|\||\?\?|&&)=? | or\b | [ \t]?\{[ ]get;[^{}\n]{0,40}\}[ ]=
        | \([^()\n]{0,60}\)[^\n]{0,40}[:{]\s{1,20}return\b
        | (?P<listed>,)(?![ \t]*\n) | \( | [ \t]is:? | [ \t](?=["'])
        | \.(?!(?:en|de)code|l?strip|replace|split|join|starts|ends|find|index|match)\w{1,20}\(
        | [ \t]by[ \t]\w{1,12}[ \t]?\{ | ,?\s{0,40}["']?[vV]alue["']?[ \t]{0,4}[:=]
      ) \s{0,40}
      (?:[\w.:]{1,40}[({][ \t]{0,4}){0,2}
      (?:[bBrRuUfFL@$]{0,2}(?P<quote>\\?["'`]))
      (?:(?:Basic|Bearer|Token|token|bearer)\ )?(?P<quoted>[^"'`\n\\ ]{6,5000})(?=(?P=quote)|\\n)
    | [ \t]{0,2}(?:</\w{1,10}>[\s\#*/]{0,40}<\w{1,10})?>
      \s{0,40}(?P<element>[^<>\s]{6,500})\s{0,40}</
    | (?:[=:]|[ \t]is:?[ \t]|\n\s{0,20}value:|(?P<flag>[ \t])) [ \t]{0,4}
      (?:(?:Basic|Bearer|Token|token|bearer)\ )?
      (?P<bare>(?:[^\s"'`,;(){}\[\]<>|&\\]|&(?!\w+=|[&\s])){6,500})(?![(\[])
    )"""
)
# A name that only begins so stands in a list of other things.
_WHOLE_NAME = re.compile(
    r"(?i)(?:pass(?:word|wd|phrase|code)?|pwd|secrets?|tokens?|keys?|auth|credentials?)$"
)
_NO_SECRET = re.compile(
    r"(?i)primary|foreign"
    r"|author(?!iz|is)|keyword|keyboard|compass|passive|bypass|password_?(?:reset|field|input|label)"
    r"|passage|tokeni[sz]|next_?token|page_?token|sync_?token|continuation|(?:etag|uuid|guid|(?<!secret_)id)$"
    r"|site_?key|sort_?key|websocket|key_?(?:id|name)$|kid$|csrf|xsrf|form_?key|authenticate$|nonce|key_?code|monkey|turkey"
)
_PASSWORD = re.compile(
    r"(?i)pass(?:w|p|\b|_|$|-|code|e$)|pwd|pass$|pw$|psk|securestring|identified|kennwort|contrase|senha"
    r"|wachtwoord|parola|пароль|密码|パスワード"
)
_STRONG = re.compile(
    r"(?i)secret|credential|passphrase|api[_-]?key|access[_-]?key|auth[_-]?(?:key|token)|private[_-]?key|encrypt$"
)
_KEY = re.compile(r"(?i)[a-z0-9][_.-]?key|key[_-]?(?:base|material|data|secret)|^KEY(?: \d)?$")


def find_credentials(anchored: Anchored) -> Iterator[Finding]:
    """Yield secrets told by the name that they are given to."""
    text = anchored.text
    for word in ANCHORS:
        for at in anchored.at([word]):
            if match := _ASSIGNED.match(text, at + len(word)):
                before = _NAME_BEFORE.search(text, max(0, at - 60), at)
                begin = before.start() if before else at
                name = text[begin : match.end("rest")]
                group = next(g for g in ("quoted", "element", "bare") if match[g] is not None)
                value = match[group]
                if group == "bare":
                    value = value.rstrip(b".!?:")
                if match["listed"] and not _WHOLE_NAME.search(_text(name)):
                    value = b""
                if _HEX.fullmatch(value) and _HASHED.search(text, max(0, begin - 40), begin):
                    value = b""
                if match["flag"] and not _follows(name, value):
                    value = b""
                if _is_secret(_text(name), _text(value), is_bare=group == "bare"):
                    start = match.start(group)
                    yield Finding(start, start + len(value), "secret", "assigned")


def _follows(name: bytes, value: bytes) -> bool:
    """Tell whether a value may stand behind a name with nothing between: `--password X`, `ENV P X`.

    Of a word in running text more is asked.
    """
    return name.startswith(b"-") or name.isupper() or is_signed_password(_text(value))


def _is_secret(name: str, value: str, *, is_bare: bool) -> bool:
    """Judge a value by what it is called; what is not quoted may be an expression."""
    if (
        _NO_SECRET.search(name)
        or NOT_SECRET.search(name.encode())
        or is_placeholder(value)
        or is_encoded_stand_in(value)
    ):
        return False
    if is_bare and re.search(
        r"^[A-Za-z_][\w.]*\.[A-Za-z_]\w*$|::|->|://|^[-+*=@](?![\w+/-]{31})|^\w+=\w+$|^[a-zA-Z_]+=$",
        value,
    ):
        return False
    if re.search(r"(?i)otp|mfa|2fa", name) and is_seed(value):
        return True
    if is_encoded_login(value) or (is_bare and is_encoded_password(value)):
        return True
    if _PASSWORD.search(name):
        return is_bare_password(value) if is_bare else is_password(value)
    if _STRONG.search(name):
        return (
            _has_random(value, 12) or is_uuid(value) or (is_strong_password(value) and not is_bare)
        )
    if _KEY.search(name) or not re.search(r"(?i)key", name):
        if name.lower().endswith("token") and is_uuid(value):
            return True
        return _has_random(value, 20 if is_bare else 16)
    return False


def _has_random(value: str, fewest: int) -> bool:
    """Tell whether a value is drawn, or what stands behind an id in it: `1/1204:9f8e...`."""
    return is_random(value, fewest) or is_random(value.rpartition(":")[2], max(fewest, 20))


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
