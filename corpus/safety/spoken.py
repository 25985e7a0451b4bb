"""Passwords that are told: in a sentence, in the lines below it, under the heading of a table.

``credentials.py`` wants an operator between name and value. Where only words, or nothing that
tells, stand between them, a value must look like nothing but a password.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.safety.anchors import Anchored
from corpus.safety.findings import Finding, Judge, judged
from corpus.safety.passwords import (
    is_bare_password,
    is_drawn_in_groups,
    is_full_password,
    is_no_word,
    is_short_drawn,
    is_told_password,
)

_PASSWORDS = (
    b"assword",
    b"passwd",
    b"passphrase",
    b"pwd",
    b"asswort",
    b"pass:",
    b"pw ",
    b"mot de passe",
)
_SECRETS = (*_PASSWORDS, b"secret", b"credential", b"token", b"_key", b" key")
_REACH = 140
_SIGN = re.compile(rb"[!@#$%^&*?~+]")
_WORD = re.compile(
    rb"(?<![^\s\"'`:|(>,])(?P<value>(?:[\w!@#$%^&*?~+-]|=(?=\w)){8,64})(?=[\s\"'`|)<,;]|\.(?:\s|$)|\\[rnt]|$)"
)
# "The password for the mail server is X", "old token was X", "set `DB_PASSWORD` to `X`".
_IS = re.compile(
    rb"[^\n.;=(){}]{0,60}?[ \t](?:is|was|to|TO|from|be|lautet|ist|est)(?: now)?:?[ \t]{1,2}[\"'`]?"
    rb"(?P<value>[^\s\"'`<>(){}]{8,64}?)"
    rb"(?=[\"'`.,;)]{0,2}(?:\s|$))"
)
# "Set `DB_PASSWORD` to `X`", "the password of the mail server is `X`": whole, in quotes.
_QUOTED = re.compile(
    rb"[\w.-]{0,30}[\"'`]?[^\n;:,={}()\[\]\"'`]{1,50}[ \t]([\"'`])"
    rb"(?P<value>[^\s\"'`<>(){}]{8,64})\1(?=[\s.,;:)]|$)"
)
# `| DB_PASSWORD | X |`
_CELL = re.compile(
    rb"\w{0,20}[\"'`]?[ \t]*\|[ \t]*[\"'`*]{0,2}(?P<value>[^\s\"'`<>(){}|*]{8,64})[\"'`* \t]*\|"
)
# "Rotate the password", and in the next sentence or paragraph: "It was X".
_BELOW = re.compile(
    rb"[^\n]{0,60}\n{1,2}[^\n.]{0,24}\b(?:was|is|from|old|new)(?: set to)?:?[ \t]{1,2}[\"'`]?"
    rb"(?P<value>[^\s\"'`<>(){}]{8,64}?)(?=[\"'`.,;)]{0,2}(?:\s|$))"
)
# What Django draws: fifty small letters, digits and signs.
_NOISE = re.compile(
    rb"[^\n]{0,60}?(?<![\w!@#$%^&*(=+)-])=?(?:django-insecure-)?"
    rb"(?P<value>[a-z0-9!@#$%^&*(_=+)-]{50})(?![\w!@#$%^&*(=+)-])"
)
# "Credentials: admin / X", `bob@corp.example:X` on its own.
_PAIR = re.compile(
    rb"(?:ential)?s?:?[ \t]{1,2}(?:(?:with|as)[ \t])?[\"'`]?[\w.@-]{2,60}[\"'`]?"
    rb"[ \t]?[/:][ \t]?[\"'`]?"
    rb"(?P<value>[^\s\"'`<>(){}/]{8,64}?)(?=[\"'`.,;)]{0,2}(?:\s|$))"
)
_PAIRS = (b"credential", b"cred", b"login", b"log in", b"sign in", b"account", b"user")
_OF_ADDRESS = re.compile(
    rb"@[\w-]{1,40}(?:\.[\w-]{1,40}){1,4}:(?P<value>[^\s\"'`<>/:]{8,64})(?=\s|\Z)"
)
_ALONE = re.compile(rb"\s[^\s]+\n|\n[^\s]+\s")
# "The password was in the log: X", "use X as the password".
_LAST = re.compile(
    rb"\w{0,20}[ \t][\w \t-]{2,60}:[ \t][\"'`]?(?P<value>[^\s\"'`<>(){}]{8,64}?)"
    rb"[\"'`.]{0,2}[ \t]*(?=\r?\n|\Z)"
)
_USED = re.compile(
    rb"\b[Uu]s(?:e|ed|ing)[ \t]{1,2}[\"'`]?(?P<value>[^\s\"'`<>(){}]{8,64})[\"'`]?"
    rb"[ \t]as[ \t][^\n.]{0,40}\Z"
)
# "Set db_password to X."
_TO = re.compile(
    rb"\w{0,12}[\"'`]?[ \t](?:is|was|to|from|lautet|est)[ \t]"
    rb"(?P<value>[^\s\"'`<>(){}]{8,64}?)(?=[.,;]?(?:\s|\Z))"
)
# "bob / X to log in"
_BEFORE = re.compile(rb"\w[ \t]/[ \t](?P<value>[^\s\"'`<>(){}/]{8,64})\Z")
_LOGS_IN = (b" to log in", b" to login", b" to sign in")
# As WordPress and Google draw passwords for one application.
_GROUPS = re.compile(
    rb"\w{0,20}[\W_](?:[^\n]{0,60}[^\w])??(?P<value>[A-Za-z0-9]{4}(?: [A-Za-z0-9]{4}){3,5})\b"
)
_HEADING = re.compile(rb"[ \t]*\|[^\n]*\|[ \t]*|\w+(?P<sign>[,;\t])\w+(?:(?P=sign)\w+){0,20}")
_RULER = re.compile(rb"[ \t|:-]+")
# What may follow a word for a password, and what must stand there.
_SENTENCES: tuple[tuple[re.Pattern[bytes], Judge], ...] = (
    (_QUOTED, is_bare_password),
    (_IS, is_told_password),
    (_TO, is_bare_password),
    (_CELL, is_bare_password),
    (_LAST, is_bare_password),
    (_BELOW, is_bare_password),
    (_GROUPS, is_drawn_in_groups),
)
_MOST_ROWS = 40
_LONGEST_ALONE = 24
_GIVEN = re.compile(rb"[ \t]*=(?![=>])")  # behind the name of a variable

ANCHORS = (*_SECRETS, b"django-insecure-", *_PAIRS, *_LOGS_IN, b"@")


def find_spoken(anchored: Anchored) -> Iterator[Finding]:
    """Yield passwords that stand in words about them."""
    text = anchored.text
    for at in anchored.at(_SECRETS):
        yield from judged(_IS.match(text, at), "spoken_of", is_no_word)
        yield from judged(_QUOTED.match(text, at), "spoken_of", is_no_word)
    for word in _PAIRS:
        for at in anchored.at([word]):
            yield from judged(_PAIR.match(text, at + len(word)), "spoken_of", is_told_password)
    for at in anchored.at(_LOGS_IN):
        yield from judged(_BEFORE.search(text, max(0, at - 80), at), "spoken_of", is_told_password)
    for at in anchored.at([b"@"]):
        yield from judged(_OF_ADDRESS.match(text, at), "spoken_of", is_told_password)
    for at in anchored.at((b"secret", b"credential", b"django-insecure-")):
        yield from _near(text, at, at, is_full_password)
        yield from judged(_NOISE.match(text, at), "spoken_of", _is_noise)
    for at in anchored.at(_PASSWORDS):
        line = max(text.rfind(b"\n", max(0, at - 200), at) + 1, at - 200)
        yield from _near(text, line, at, _is_full_or_drawn)
        for sentence, judge in _SENTENCES:
            yield from judged(sentence.match(text, at), "spoken_of", judge)
        used = _USED.search(text, max(line, at - 120), at)
        yield from judged(used, "spoken_of", is_bare_password)
        yield from _in_table(text, line, at)


def _near(text: bytes, start: int, at: int, judge: Judge) -> Iterator[Finding]:
    """Yield what can be nothing else, on the line of a word and in the few below it.

    What is drawn and alone on its line is a part of something large.
    """
    end = at
    for _ in range(3):
        stop = text.find(b"\n", end + 1, at + _REACH)
        end = stop if stop >= 0 else min(at + _REACH, len(text))
    for match in _WORD.finditer(text, start, end):
        value = match["value"].decode("utf-8", "replace")
        if not judge(value) or _GIVEN.match(text, match.end()):
            continue
        is_chosen = len(value) <= _LONGEST_ALONE and is_full_password(value)
        if is_chosen or not _ALONE.search(text, match.start() - 1, match.end() + 1):
            yield Finding(*match.span("value"), "secret", "spoken_of")


def _is_full_or_drawn(value: str) -> bool:
    return is_full_password(value) or is_short_drawn(value)


def _is_noise(value: str) -> bool:
    return len(set(_SIGN.findall(value.encode()))) >= 4 and sum(map(str.isdigit, value)) >= 3


def _in_table(text: bytes, start: int, at: int) -> Iterator[Finding]:
    """Yield the cells below a heading, in Markdown or in comma separated values."""
    end = text.find(b"\n", at, at + 300)
    heading = _HEADING.fullmatch(text, start, end) if end >= 0 else None
    if heading is None:
        return
    sign = heading["sign"] or b"|"
    column = text.count(sign, start, at)
    for _ in range(_MOST_ROWS):
        begin, end = end + 1, text.find(b"\n", end + 1, end + 400)
        row = text[begin : end if end >= 0 else begin + 400]
        cells = row.split(sign)
        if len(cells) != heading[0].count(sign) + 1:
            return
        value = cells[column].strip(b" \t\"'`*")
        if not _RULER.fullmatch(row) and is_bare_password(value.decode("utf-8", "replace")):
            before = sum(len(cell) + 1 for cell in cells[:column])
            offset = begin + before + cells[column].index(value)
            yield Finding(offset, offset + len(value), "secret", "table")
        if end < 0:
            return
