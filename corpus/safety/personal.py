"""Personal data: addresses of people and machines, telephone numbers, names in author tags."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator

from corpus.safety.anchors import Anchored
from corpus.safety.findings import Finding

_DOMAIN = re.compile(
    rb"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,18}(?![\w-]|\.\w|\()"
)
_LOCAL = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._%+-]*\Z")
# RFC 2606 and RFC 6761 keep these for examples; the rest are file names and members that look like
# top-level domains. "git@host" is how git says ssh, "zlib@openssh.com" how ssh names its
# own algorithms (RFC 4251, 6). Of the domains of one letter in .com only x.com has mail.
_NO_DOMAIN = re.compile(
    r"(?i)(?:^|\.)(?:example(?:\.\w+)?|test|invalid|localhost|local|[\w-]*domain\.[a-z]+|(?:company|test|acme|email)\.(?:com|net|org)|openssh\.com|libssh\.org|foo\.com"
    r"|bar\.com|[a-wyz]\.com|noreply\.[a-z.]+|png|jpe?g|gif|svg|webp|js|ts|tsx|jsx|css|html?|py|rb|java|go|rs|kt|swift|cs|cpp|php|fixture|json|xml|ya?ml|md"
    r"|txt|sh|dot|shape|mean|sum|size|conj|real|imag|data|values?|dtype|get|set|map|class)$"
)
_NO_MAILBOX = re.compile(
    r"(?i)(?:git|svn|hg|user(?:name)?|you(?:r\w*)?|me|name|e?mail|foo|bar|test|x+|someone|nobody)\d*"
    r"|no-?reply|this|super|return"
)
_IPV4 = re.compile(rb"\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\w]|\.\d|-\d)")
_FIRST_OCTET = re.compile(rb"(?<![\w.-])\d{1,3}\Z")
_IPV6 = re.compile(rb"2[0-9A-Fa-f]{3}:[0-9A-Fa-f:]{4,40}")
_NO_ADDRESS = re.compile(
    rb"(?i)version|release|\bv\d|\boid\b|section|chapter|rfc|user-?agent|mozilla|chrome|driver"
    rb"|build|firmware|identifier|asn"
)
# Servers that answer to everyone: naming them names nobody.
_WELL_KNOWN = frozenset(
    """
    8.8.8.8 8.8.4.4 1.1.1.1 1.0.0.1 9.9.9.9 1.2.3.4 4.3.2.1 5.6.7.8 208.67.222.222
    2001:4860:4860::8888 2001:4860:4860::8844 2606:4700:4700::1111 2606:4700:4700::1001
    """.split()  # noqa: SIM905
)
# Networks and versions, hosts of made-up networks, and object identifiers (X.500, Ed25519).
_NO_MACHINE = re.compile(r"\.0\Z|::\Z|\.0\.0\.|\A2\.5\.(?:4|29)\.|\A1\.3\.101\.")
_INTERNATIONAL = re.compile(rb"\+(?!\d{4}-\d\d-\d\d)[1-9][0-9 ().-]{7,20}[0-9](?![\w])")
_LOCAL_NUMBER = re.compile(
    rb"(?:phone|mobile|fax|tel)(?:[_ -]?(?:number|no))?[\"']?\s{0,3}[.:=]{1,2}\s{0,3}[\"']?"
    rb"(?P<number>\(?[0-9][0-9 ()./-]{6,18}[0-9])(?![\w.])"
)
_BEFORE_NUMBERS = (b"", b'"', b"'", b" ", b":", b"\n")
_MADE_UP = (b"55501", b"123456", b"5551212", b"5555", b"00000")
_PHONE_WORDS = (b"phone", b"mobile", b"fax", b"tel")
# A letter that may begin a name, in UTF-8, and one within it: `O'Brien` too.
_FIRST = rb"[A-Za-z\x80-\xff]"
_WITHIN = rb"(?:[^\n<>\"'(){}\[\]@|;=#$%&*+/\\:0-9]|(?<=[A-Za-z])'(?=[A-Z\x80-\xff]))"
_NAME = _FIRST + _WITHIN + rb"{2,60}"
_AUTHOR_TAG = re.compile(
    rb"(?:[@\\]authors?(?:\{|\b)|__authors?__\s?=\s?[\"'\[(]{1,2}|:[Aa]uthors?:|\b[Aa]uthors?:|\bAUTHORS?:"
    rb"|\b(?:Signed-off|Co-[Aa]uthored|Reviewed|Acked|Tested|Reported|Suggested)-[Bb]y:"
    rb"|\b(?:Created|Written|Maintained) by(?= [A-Z][\w.-]+ [A-Z]| [\w.-]+ on \d))[ \t]*(?P<name>"
    + _NAME + rb")"
)  # fmt: skip
# Behind a tag the first is a name however it is written; those listed after it have two words.
_PERSON = re.compile(
    rb"(?:\A|(?:[,;&]|\band\b)[ \t]{0,3}"
    rb"(?=[A-Z\x80-\xff][\w.'\x80-\xff-]* [A-Z\x80-\xff]))(?P<name>"
    + _FIRST
    + rb"(?:(?! (?:on|at|for|in|from|and|with|-) )(?!,)"
    + _WITHIN
    + rb"){2,60})"
    rb"(?:[ \t]*(?:<[^<>\n]*>|\([^()\n]*\)))?"
)
# What is declared by the name of an author is of a type: `author: User;`, `val author: User`,
# `author: Option<Str>`, `lambda author: Book(author)`.
_TYPED = re.compile(
    rb"authors?\??:[ \t]*(?:(?:&|impl|dyn|mut)\s*)*[A-Z]\w*(?:[?!]?\s*[|=;)}]|[?!]?[\[({]|::"
    rb"|[?!]?,\s*(?:[})]|[\w*&]+\??:|\Z)|<(?![^<>\n]*@))"
)
_DECLARED = re.compile(
    rb"\b(?:va[lr]|let|const|pub(?:\(\w+\))?|private|protected|public|readonly|static|final|def|fn"
    rb"|func?|function|fun)\b[^\n]*\Z"
)
_NO_LIST = re.compile(rb"(?<![A-Z])\. |[\"}\]]|'(?![A-Z])|(?<![A-Za-z])'")
_AUTHOR_WORDS = (b"author", b"-by:", b"created by", b"written by", b"maintained by")
_NO_NAME = re.compile(
    r"(?i)\b(?:the|team|inc|ltd|llc|gmbh|corp(?:oration)?|foundation|project|contributors?|authors?"
    r"|company|group|j(?:ohn|ane) (?:doe|smith)|(?:first|last|full)name"
    r"|none|null|name|unknown|str|string|optional|required|of|is|bot|copilot|and|or)\b|^NAME_"
)

ANCHORS = (*_PHONE_WORDS, *_AUTHOR_WORDS)


def find_emails(anchored: Anchored) -> Iterator[Finding]:
    """Yield e-mail addresses that are nobody's example."""
    text = anchored.text
    for match in _DOMAIN.finditer(text):
        local = _LOCAL.search(text, max(0, match.start() - 64), match.start())
        if local is None or _is_part_of_url(text, local.start()):
            continue
        domain = match[0][1:].decode()
        if domain.isupper() and not local[0].isupper():
            continue  # a principal of Kerberos, whose realms are in capitals (RFC 4120)
        if not _NO_DOMAIN.search(domain) and not _NO_MAILBOX.fullmatch(local[0].decode()):
            yield Finding(local.start(), match.end(), "email", "email")


def _is_part_of_url(text: bytes, start: int) -> bool:
    """Tell whether what looks like a mailbox is the user or the password of a URL, or a path."""
    before = text[max(0, start - 7) : start]
    return before.endswith((b"/", b":")) and not before.endswith(b"mailto:")


def find_ips(anchored: Anchored) -> Iterator[Finding]:
    """Yield addresses on the public internet, but for those that everybody knows."""
    text = anchored.text
    for match in _IPV4.finditer(text):
        first = _FIRST_OCTET.search(text, max(0, match.start() - 4), match.start())
        if first and _is_public(text, first.start(), match.end()):
            yield Finding(first.start(), match.end(), "ip", "ipv4")
    for match in _IPV6.finditer(text):
        if text[match.start() - 1 : match.start()] in (b":", b".") or match[0].count(b":") < 3:
            continue
        if _is_public(text, match.start(), match.end()):
            yield Finding(match.start(), match.end(), "ip", "ipv6")


def _is_public(text: bytes, start: int, end: int) -> bool:
    written = text[start:end].decode()
    if _NO_MACHINE.search(written):
        return False
    try:
        address = ipaddress.ip_address(written)
    except ValueError:
        return False
    if str(address) in _WELL_KNOWN or not address.is_global or address.is_multicast:
        return False
    # Section numbers and versions count in small numbers; 12.34.56.78 is nobody's.
    if address.version == 4:
        steps = {b - a for a, b in zip(address.packed, address.packed[1:], strict=False)}
        if max(address.packed) < 50 or len(steps) == 1:
            return False
    line = text[text.rfind(b"\n", 0, start) + 1 : start]
    return not _NO_ADDRESS.search(line[-80:])


def find_phones(anchored: Anchored) -> Iterator[Finding]:
    """Yield telephone numbers: in international form, or beside a word that says so."""
    text = anchored.text
    for match in _INTERNATIONAL.finditer(text):
        before = text[match.start() - 1 : match.start()]
        digits = sum(48 <= byte <= 57 for byte in match[0])
        is_sum = before.isalnum() or before in (b")", b"]", b"_", b"+", b".")
        is_number = b" " in match[0] or b"-" in match[0] or before in _BEFORE_NUMBERS
        if is_number and not is_sum and 9 <= digits <= 15 and not _is_made_up(match[0]):
            yield Finding(match.start(), match.end(), "phone", "phone")
    for at in anchored.at(_PHONE_WORDS):
        if local := _LOCAL_NUMBER.match(anchored.lower, at):
            digits = sum(48 <= byte <= 57 for byte in local["number"])
            if 7 <= digits <= 15 and not _is_made_up(local["number"]):
                yield Finding(local.start("number"), local.end("number"), "phone", "phone")


def _is_made_up(number: bytes) -> bool:
    """Tell whether a number is kept for fiction (555-01xx), or counts on: 1234567."""
    digits = bytes(byte for byte in number if 48 <= byte <= 57)
    return len(set(digits)) < 3 or any(run in digits for run in _MADE_UP)


def find_names(anchored: Anchored) -> Iterator[Finding]:
    """Yield the people that author tags and commit trailers name. Copyright notices must stay."""
    text = anchored.text
    for at in anchored.at(_AUTHOR_WORDS):
        match = _AUTHOR_TAG.search(text, max(0, at - 12), at + 120)
        if match is None or match.start() > at or _is_typed(text, match):
            continue
        end = text.find(b"\n", match.end())
        people = text[match.start("name") : end if end >= 0 else len(text)]
        for person in _PERSON.finditer(_NO_LIST.split(people)[0]):
            name = person["name"].rstrip(b" \t.,-")
            if len(name) >= 3 and not _NO_NAME.search(name.decode("utf-8", "replace")):
                start = match.start("name") + person.start("name")
                yield Finding(start, start + len(name), "name", "author")


def _is_typed(text: bytes, tag: re.Match[bytes]) -> bool:
    """Tell whether a tag is the name of a parameter, a field or a variable, before its type."""
    start = tag.start()
    if not text.startswith(b"author", start):
        return False
    line = text.rfind(b"\n", 0, start) + 1
    return bool(_TYPED.match(text, start) or _DECLARED.search(text, line, start))


def host_pattern(hosts: Iterable[str]) -> re.Pattern[bytes] | None:
    """Compile the hosts of a policy; ``*.corp`` is every host below ``corp``."""
    parts = []
    for host in hosts:
        bare = host.lower().removeprefix("*.")
        below = rb"(?:[\w-]+\.)+" if host.startswith("*.") else rb"(?:[\w-]+\.)*"
        parts.append(below + re.escape(bare.encode()))
    if not parts:
        return None
    joined = b"|".join(parts)
    return re.compile(
        rb"(?i)(?<![\w.-])(?:\w+://)?(?:" + joined + rb")(?![\w-]|\.\w)(?::\d+)?[\w/.%-]*"
    )
