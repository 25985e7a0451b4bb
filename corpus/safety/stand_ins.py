"""Tells what stands where a secret could, and only stands for one: placeholders, references."""

from __future__ import annotations

import base64
import re
from urllib.parse import unquote

from corpus.safety.letters import are_drawn
from corpus.safety.measures import (
    is_drawn_letters,
    is_even,
    is_no_name,
    is_noisy,
    is_sequence,
    share_of_changes,
)

# Words that people write instead of a secret, or around one, and names of algorithms. What is left
# of a value without them is judged.
_STAND_INS = re.compile(
    r"(?i)example|sample|dummy|placeholder|change[_-]?(?:me|it|this)|your|insert|replace|enter|todo"
    r"|fixme|redacted|removed|hidden|masked|foo|bar|baz|qux|test(?:ing|er)?|fake|mock|stub|secret"
    r"|password|passwd|passwort|passphrase|pass|pwd|token|credentials?|default|undefined|invalid"
    r"|s[e3]cr[e3]t|wrong|correct|valid|expired|missing|random|none|null|true|false|admin|root|guest|user(?:name)?"
    r"|value|string|here|some|goes|lorem|ipsum|qwerty|uiop|asdf(?:ghjkl)?|zxcv(?:bnm)?|letmein|welcome|abc|xyz|deadbeef|cafebabe"
    r"|super|very|top|the|word|domain|host|api|auth|client|server|access|bearer|basic|login|email|key|name|hash"
    r"|old|new|my|sha-?(?:1|224|256|384|512)|md5|hs(?:256|384|512)|rs(?:256|384|512)|pbkdf2|bcrypt|argon2(?:id|i|d)?"
    r"|with|and|cbc|gcm|ecb|pbe|triple|des|pem|pkcs#?\d+|padding|private|public|encoded|sign(?:ing|ed)?|oidc|jwt|secp\d{3}[rk]\d|ml_?kem_?\d+|x25519|ecdhe?|ecdsa"
    r"|chacha20|poly1305|scram|oauth2?|base64|utf-?8|x509|aes[_-]?(?:128|192|256)?|rsa|ed25519|hmac|v\d\b|\d+bit"
)
# Text that a program fills in, or that stands for something else. A URL or path is not a secret.
_REFERENCE = re.compile(
    r"^\$\w|\$[{(]|\$[A-Z_]{3}|\$[a-z]{3,}(?:[A-Z][a-z]{2,})+$|^--[a-z]|^\*.*\*$|\{\{|%(?:\(|[sdrv](?![A-Za-z0-9]))|#\{"
    r"|\{[A-Za-z_]|\{\}|<[^<>]*>|\[[A-Za-z_ -]+\]|__\w+__|^[./~\\]|://|\\[xu]"
    r"|^\w+\(|^[A-Z]+\d{0,2}(?:_[A-Z]+\d{0,2})+$|^[~^<>=v]{0,2}\d+\.\d+\.\d"
    r"|^(?:workspace|catalog|npm|file|link|portal|patch|github):|^\d{4}-\d\d-\d\dT"
    r"|^(?=.{16})[\dMmHhVvLlZzCcSsQqTtAa., -]+$"
    # Pods of Kubernetes.
    r"|^[a-z][a-z0-9-]*-[0-9a-f]{8,10}-[a-z0-9]{5}$"
    # Placeholders of our own: what was scanned is scanned once more.
    r"|(?<![A-Za-z])(?:SECRET|EMAIL|IP|PHONE|NAME|HOST)_\d"
    # Patterns, lists of ciphers, what is cut short, and names of files below folders.
    r"|\[[^\]]{0,40}(?:A-Z|a-z)|:![\w-]+:!|\w\.{3}|/[\w-]+\.[a-z]{1,4}$"
    # Dates, shapes of SVG, names of files, and the passwords of jokes and manuals.
    r"|\.(?:css|m?js|map|png|jpe?g|gif|svg|woff2?|html?|json|ya?ml|xml|csv|txt|log|lock|bak|buf|tmp|gz|zip|pem|crt|pub)$"
    r"|^(?:hunter2|s3cr3t|[Pp][a@]ssw0rd)$"
    # A connection string, percent-encoded.
    r"|(?:%3[BbDd]\w+){2}"
    # What anonymous FTP is given, at a domain that is kept for examples (RFC 2606).
    r"|@example\.(?:com|net|org)$"
    # Names of encodings, as of `password.encode("latin1")`.
    r"|(?i:^(?:latin[-_]?\d|iso[-_]?8859[-_]?\d+|cp\d{3,4}|windows[-_]?\d+|utf[-_]?\d+(?:[-_]?[lb]e)?|gb\d+|big5|shift_jis)$)"
)
# Names with dots, and Java's members. Unless a part was drawn.
_DOTTED = re.compile(
    r"[A-Za-z_]+(?:\.[A-Za-z_]\w*)+(?:\$[A-Z]\w*)?|(?:[A-Z][a-z]+[A-Z]\w*|[A-Z]{3,})#[A-Za-z_].*"
)
_CLASS = re.compile(r"\[\^?(?:[a-z]-[a-z]|[A-Z]-[A-Z]|\d-\d)")  # of a regular expression
_FILLED_IN = re.compile(r"\{[\w. ]*\}")
_PERIODIC = re.compile(r"(.{1,16}?)\1{2,}")  # `h4x0rh4x0rh4x0r`
_BLOB = re.compile(r"/[A-Za-z0-9+/]{39,}={0,2}")  # base64 that looks like a path
# A password that says so: `pass;option`, `new_secured_password`.
_SAYS_SO = re.compile(r"(?i)(?=.*(?:pass|pwd|secret))[a-z]+(?:[-_.,;:@/= ][a-z]+)*")
_MARKERS = re.compile(r"-----(?:BEGIN|END) [A-Z ]+-----")  # of a key, with nothing between
_SIGN = re.compile(r"[^\w\s]")


def is_placeholder(value: str) -> bool:
    """Tell whether a value only stands for a secret: filled in later, made up, or masked."""
    return is_reference(value) or is_stand_in(value)


def is_reference(value: str) -> bool:
    """Tell whether a value names, addresses or is filled in by something else."""
    if _CLASS.search(value):
        return True
    if _BLOB.fullmatch(value) and share_of_changes(value) >= 0.3:
        return False
    fixed = _FILLED_IN.sub("", value)
    signs = len(set(_SIGN.findall(fixed)))
    is_noise = is_noisy(fixed) or signs >= 8 or (signs >= 6 and len(fixed) >= 60)
    if len(fixed) >= 40 and is_noise:
        return False
    if _DOTTED.fullmatch(value) and not _is_drawn_member(value):
        return True
    is_scoped = "::" in value and not re.search(r"[0-9a-f]{32}", value)
    return is_scoped or bool(_REFERENCE.search(value))


def _is_drawn_member(value: str) -> bool:
    """Tell whether no word stands in what looks like a dotted name, but a digit does."""
    return any(map(str.isdigit, value)) and is_no_name(value) and are_drawn(value, 8)


def is_stand_in(value: str) -> bool:
    """Tell whether a value is made of the words, letters and digits that examples are made of."""
    if len(set(value.lower())) < 4 or value.endswith(("EXAMPLE", "EXAMPLEKEY")):
        return True
    if _PERIODIC.fullmatch(value):
        return True
    written = unquote(value) if "%" in value else value
    parts = [part for part in re.split(r"[\W_]+", _STAND_INS.sub("", written)) if part]
    left = "".join(parts)
    if len(left) < 4 or is_sequence(left):
        return True
    are_words = not any(are_drawn(part, 6) or is_drawn_letters(part, 8) for part in parts)
    return are_words and bool(_SAYS_SO.fullmatch(written))


def is_encoded_stand_in(value: str) -> bool:
    """Tell whether a value is plain words in base64: `username:password`, "the sample nonce"."""
    try:
        content = base64.b64decode(value, validate=True)
        words = content.decode("ascii")
    except ValueError:
        return False
    if is_even(content):
        return True
    if is_drawn_letters(words, 12):
        return False
    spaced = words.replace(":", "", 1) if " " in words else words
    is_text = re.sub(r"[ ,.'_-]", "", spaced).isalpha() or bool(
        re.fullmatch(r"(?:[\w,.'-]+ ){3,}\S+", words)
    )
    if not _MARKERS.sub("", words).strip():
        return True
    return words.isprintable() and (is_placeholder(words) or is_text)
