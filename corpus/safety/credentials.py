"""Rules for secrets that have no form of their own: the name that they are given to tells them.

Kingfisher's rules know what providers' keys look like. These know what programs call a secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.safety.anchors import Anchored
from corpus.safety.findings import Finding
from corpus.safety.measures import is_no_name
from corpus.safety.names import NOT_SECRET
from corpus.safety.passwords import (
    is_bare_password,
    is_encoded_login,
    is_encoded_password,
    is_full_password,
    is_no_word,
    is_password,
    is_short_drawn,
    is_strong_password,
    is_worded_password,
)
from corpus.safety.stand_ins import is_encoded_stand_in, is_placeholder
from corpus.safety.values import is_drawn, is_random, is_seed, is_uuid

ANCHORS = (
    b"pass", b"pw", b"secret", b"token", b"key", b"auth", b"cred", b"bearer", b"salt", b"hmac",
    b"psk", b"totp", b"otp_", b"mfa", b"cookie", b"fernet", b"jwt", b"_pat", b"wallet", b"encrypt",
    b"securestring", b"identified by", b"pepper", b"session",
    b"kennwort", b"contrase", b"senha", b"wachtwoord", b"parola",
    *(word.encode() for word in ("пароль", "密码", "パスワード")),
)  # fmt: skip
# What such a call gives, or what is bound beside such a name, is no secret if it is hex.
_RESOURCE = re.compile(rb"\barn:aws[\w-]*:[\w:/-]*\Z")
_HASHED = re.compile(rb"(?i)(?:hash|digest|sha[-_]?\d*|md5|checksum|crc)\w*(?:\([\"'`]?|, ?)\Z")
_HEX = re.compile(rb"[0-9a-fA-F]+")
# Of a key of OpenPGP.
_FINGERPRINT = re.compile(rb"(?i)(?:gpg|pgp|recv)[_-]?keys?\Z")
_NAME_BEFORE = re.compile(rb"[\w$.-]*\Z")
_KEY_BEFORE = re.compile(rb"(?:\b[Pp]ublic )?[\w$.-]*\Z")
# From the end of the word that tells: the rest of the name, an operator (or what a call, a mapping,
# an element, a command line has in its place), and the value.
_ASSIGNED = re.compile(
    rb"""(?x)
    (?P<rest>[\w$\x80-\xff-]{0,40}(?:[ ]\d)?) (?:\\?["'`\])*]){0,3} [ \t]{0,8}
    (?:
      (?: (?:(?::|[Aa]s[ ])[ \t]{0,4}[\w\[\]<>.,|?&'* ]{1,40}?[ \t]{0,4}|[ ]?[Ss]tring[ ])?
          (?:={1,3}|!==?)
        | [ \t]?\{[\s\#*/]{1,40}(?:\w+\s{0,9}=[^\n]{0,80}\n[\s\#*/]{0,40}){0,4}default[ \t]{0,9}=
       | :=? | => | <- | (?:\|\||\?\?|&&)=? | or\b | [ \t]?\{[ ]get;[^{}\n]{0,40}\}[ ]=
        | \([^()\n]{0,60}\)[^\n]{0,40}[:{]\s{1,20}return\b
        | (?P<listed>,)(?![ \t]*\n) | \( | [ \t]is:? | [ \t](?=["'])
        | (?:\(\)\))?
          \.(?!(?:en|de)code|l?strip|replace|split|join|starts|ends|find|index|match)\w{1,20}\(
        | [ \t]by[ \t]\w{1,12}[ \t]?\{ | [ \t](?:by|BY)(?=[ ]["']) | ,[ \t]{0,4}default[ \t]?=
        | [ ]?\{[ ]?(?=["'])
        | ,?\s{0,40}["']?[vV]alue["']?[ \t]{0,4}[:=]
      ) \s{0,40}
      (?:\[\s{0,40}|\{\s{0,40}["'][vV]alue["'][ ]?:[ ]?|(?:[\w.:]{1,40}[({][ \t]{0,4}){0,2})
      (?:![\w-]{1,12}[ ]|["'](?=\\["']))?(?:[bBrRuUfFLN@$]{0,2}(?P<quote>\\?["'`]))
      (?:(?:Basic|Bearer|Token|token|bearer)\ )?
      (?P<quoted>(?:[^"'`\n\\ ]|(?!(?P=quote))`){6,5000})(?=(?P=quote)|\\n)
    | [ \t]{0,2}(?:[ ][\w:]{1,30}="[^"<>\n]{0,80}"){0,3}(?:</\w{1,10}>[\s\#*/]{0,40}<\w{1,10})?>
      \s{0,40}(?P<element>[^<>\s]{6,500})\s{0,40}</
    | (?: [:?+]?= | :\*{0,2} | [ \t](?:is:?|[=-]>)[ \t] | \n\s{0,20}value: | :\r?\n[ ]{0,40}-[ ]
        | :(?:\r?\n[ ]{1,40}\w{1,20}:[^\n]{0,60}){0,3}\r?\n[ ]{1,40}[Dd]efault:
        | (?P<flag>[ \t](?:\(|--[\w-]{1,20}[ ])?)
      ) [ \t]{0,4}
      (?:(?:Basic|Bearer|Token|token|bearer)\ )?
      (?P<bare>(?![&*]?(?:[\w.]|[?!]{1,2}\.){1,200}[(\[{])(?:[^\s"'`,;(){}\[\]<>|&\\]|&(?!\w+=|[&\s])){6,500})
    )"""
)
# The next of a list: `"X", "Y"`, `- X`.
_ITEM = re.compile(
    rb"[\"']?(?:,\s{0,40}[\"']|\r?\n[ ]{0,40}-[ ][\"']?)"
    rb"(?P<value>[^\s\"',\[\]{}]{6,500})(?=[\"']|\r?\n|\Z)"
)
# A name that only begins so stands in a list of other things.
_WHOLE_NAME = re.compile(
    r"(?i)(?:pass(?:word|wd|phrase|code)?|pwd|secrets?|tokens?|keys?|salt|auth|credentials?)$"
)
# How a value is kept, before it: `{noop}X`.
_KEPT_AS = re.compile(
    rb"\{(?:noop|plain|clear|cleartext|xor|aes|crypt|bcrypt|s?sha\d*|s?md5)\}", re.I
)
_NO_SECRET = re.compile(
    r"(?i)author(?!iz|is)|keyword|keyboard|compass|passive|bypass|password_?(?:reset|field|input|label)"
    r"|passage|tokeni[sz]|next_?token|page_?token|sync_?token|continuation|(?:etag|uuid|guid|(?<!secret_)id)$|_pat(?:h|tern|ch)$"
    r"|site_?key|verif\w{1,7}_?key|sort_?key|websocket|key_?id$|(?:key|cookie|token|secret|session)_?name$|kid$|csrf|xsrf|authenticity_?token|verification_?token$|form_?key|authenticate$|error$|nonce(?!_?(?:salt|key))|key_?code|restore-keys|monkey|turkey"
)
# A key of a table, unless it was drawn.
_ROLE = re.compile(r"(?i)primary|foreign")
_HASHED_NAME = re.compile(rb"(?i)_?hash(?:ed|er)?_?(?=.*pass)|(?<=passw)(?:ord|d)_?hash")
# What says nothing of a salt, or of a password: `hash_salt`, `CACHE_PASSWORD`.
_NOT_TOLD = re.compile(r"(?i)hash(?=_?(?:salt|secret))|(?:cache|public)(?=.*pass)")
_PASSWORD = re.compile(
    r"(?i)pass(?:w|p|\b|_|$|-|code|e$)|pwd|pass$|pw$|psk|securestring|identified|kennwort|contrase|senha"
    r"|wachtwoord|parola|pre_?-?shared|пароль|密码|パスワード"
)
_STRONG = re.compile(
    r"(?i)secret|credential|passphrase|api[_-]?key|access[_-]?key|auth[_-]?(?:key|token)|private[_-]?key|encrypt$"
)
# What stands unquoted behind an operator may as well be looked up, called or assigned.
_EXPRESSION = re.compile(
    r"^[A-Za-z_][\w.]*\.[A-Za-z_]\w*$|::|->|://|^[-+*=@](?![\w+/-]{31})|^\w+=\w+$|^[a-zA-Z_:.-]+=$"
)
# Keys that services draw as UUIDs.
_UUID_KEY = re.compile(
    r"(?i)(?:record|licen[sc]e|subscription|ingest(?:ion)?|instrumentation|write|server|deploy)"
    r"[_-]?key$|^--(?:[\w-]+-)?key$"
)
_KEY = re.compile(r"(?i)[a-z0-9][_.-]?key|key[_-]?(?:base|material|data|secret)|^KEY(?: \d)?$")


def find_credentials(anchored: Anchored) -> Iterator[Finding]:
    """Yield secrets told by the name that they are given to."""
    text = anchored.text
    for word in ANCHORS:
        for at in anchored.at([word]):
            if match := _ASSIGNED.match(text, at + len(word)):
                before = (_KEY_BEFORE if word == b"key" else _NAME_BEFORE).search(
                    text, max(0, at - 60), at
                )
                yield from _assigned(text, before.start() if before else at, match)


def _assigned(text: bytes, begin: int, match: re.Match[bytes]) -> Iterator[Finding]:
    """Yield the value that a name is given, and those that follow it in a list."""
    name = text[begin : match.end("rest")]
    group = next(g for g in ("quoted", "element", "bare") if match[g] is not None)
    value, start = match[group], match.start(group)
    if group == "bare":
        # A sentence may end with what a password may, too: `PASSWORD=Orbit.Granite17!`.
        signed = value.rstrip(b".?:")
        value = signed if is_full_password(_text(signed)) else value.rstrip(b".!?:")
    if kept := _KEPT_AS.match(value):
        start, value = start + kept.end(), value[kept.end() :]
    end = start + len(value)
    if (
        _RESOURCE.search(text, max(0, begin - 80), match.start())
        or (match["listed"] and not _WHOLE_NAME.search(_text(name)))
        or (_HEX.fullmatch(value) and _HASHED.search(text, max(0, begin - 40), begin))
        or (_HEX.fullmatch(value) and _FINGERPRINT.search(name))
        or (match["flag"] and not (_follows(name, value) or _is_all_of_line(text, begin, end)))
    ):
        return
    # What is hashed was a password before: `password_hash("X")`.
    if text[match.end("rest") : match.end("rest") + 1] == b"(":
        name = _HASHED_NAME.sub(b"", name)
    is_item = text[match.end("rest") : start].rstrip(b" \t\r\n\"'").endswith((b"[", b"-"))
    while _is_secret(_text(name), _text(value), group):
        yield Finding(start, end, "secret", "assigned")
        item = _ITEM.match(text, end) if is_item else None
        if item is None:
            return
        value, (start, end) = item["value"], item.span("value")


def _follows(name: bytes, value: bytes) -> bool:
    """Tell whether a value may stand behind a name with nothing between: `--password X`, `ENV P X`.

    Of a word in running text more is asked.
    """
    if name.startswith(b"-") or name.isupper():
        return True
    return is_no_word(_text(value)) or is_worded_password(_text(value))


def _is_all_of_line(text: bytes, start: int, end: int) -> bool:
    """Tell whether a line of a file of settings is a name and a value: `password X`."""
    line = text.rfind(b"\n", 0, start) + 1
    return not text[line:start].strip() and text[end : end + 1] in (b"", b"\n", b"\r")


def _is_secret(name: str, value: str, place: str) -> bool:
    """Judge a value by what it is called; what is bare, not quoted, may be an expression."""
    is_bare = place == "bare"
    if _ROLE.search(name) and not is_drawn(value):
        return False
    if (
        _NO_SECRET.search(name)
        or NOT_SECRET.search(_NOT_TOLD.sub("", name).encode())
        or is_placeholder(value)
        or is_encoded_stand_in(value)
    ):
        return False
    if is_bare and value[:1] in "-+*=" and is_full_password(value[1:]):
        return True
    if (
        is_bare
        and not name.startswith("-")
        and _EXPRESSION.search(value)
        and not _is_made_of_drawn(value)
    ):
        return False
    if re.search(r"(?i)otp|mfa|2fa", name) and is_seed(value):
        return True
    if is_encoded_login(value) or (place != "quoted" and is_encoded_password(value)):
        return True
    if "session" in name.lower() and not re.search(r"(?i)secret|key|token|cookie", name):
        return is_random(value, 32)
    if _UUID_KEY.search(name) and is_uuid(value):
        return True
    if _PASSWORD.search(name):
        return is_bare_password(value) if is_bare else is_password(value)
    if _STRONG.search(name):
        return (
            _has_random(value, 12)
            or is_uuid(value[-36:])
            or (is_full_password(value) if is_bare else is_strong_password(value))
        )
    if _KEY.search(name) or not re.search(r"(?i)key", name):
        if name.lower().endswith("token") and is_uuid(value[-36:]):
            return True
        is_login = re.search(r"(?i)(?:auth(?:tok)?|token)$", name) and is_full_password(value)
        return bool(is_login) or _has_random(value, 20 if is_bare else 16)
    return False


def _is_made_of_drawn(value: str) -> bool:
    """Tell whether what looks like a member or an assignment can't be one: a part was drawn."""
    name, _, _ = value.partition("=")
    member = value.rpartition(".")[2]
    return is_short_drawn(name) or (is_no_name(member) and is_random(member, 16))


def _has_random(value: str, fewest: int) -> bool:
    """Tell whether a value is drawn, or what stands behind an id in it: `1/1204:9f8e...`."""
    return is_random(value, fewest) or is_random(value.rpartition(":")[2], max(fewest, 20))


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
