"""Tells a secret from what merely stands where one could: placeholders, names, prose, hashes."""

from __future__ import annotations

import base64
import re
from collections import Counter
from itertools import pairwise
from math import log2
from urllib.parse import unquote

from corpus.safety.letters import are_drawn

# Words that people write instead of a secret, or around one, and names of algorithms. What is left
# of a value without them is judged.
_STAND_INS = re.compile(
    r"(?i)example|sample|dummy|placeholder|change[_-]?(?:me|it|this)|your|insert|replace|enter|todo"
    r"|fixme|redacted|removed|hidden|masked|foo|bar|baz|qux|test(?:ing|er)?|fake|mock|stub|secret"
    r"|password|passwd|passwort|passphrase|pass|pwd|token|credentials?|default|undefined|invalid"
    r"|s3cr3t|wrong|correct|valid|expired|missing|random|none|null|true|false|admin|root|guest|user(?:name)?"
    r"|value|string|here|some|goes|lorem|ipsum|qwerty|uiop|asdf(?:ghjkl)?|zxcv(?:bnm)?|letmein|welcome|abc|xyz|deadbeef|cafebabe"
    r"|super|very|top|the|api|auth|client|server|access|bearer|basic|login|email|key|name|hash"
    r"|old|new|my|sha-?(?:1|224|256|384|512)|md5|hs(?:256|384|512)|rs(?:256|384|512)|pbkdf2|bcrypt|argon2(?:id|i|d)?"
    r"|oauth2?|base64|utf-?8|x509|aes[_-]?(?:128|192|256)?|rsa|ed25519|hmac|v\d\b|\d+bit"
)
# Text that a program fills in, or that stands for something else. A URL or path is not a secret.
_REFERENCE = re.compile(
    r"^\$\w|\$[{(]|\$[A-Z_]{3}|\{\{|%(?:\(|[sdrv](?![A-Za-z0-9]))|#\{"
    r"|\{[A-Za-z_]|\{\}|<[^<>]*>|\[[A-Za-z_ -]+\]|__\w+__|^[./~\\]|://|\\[xu]"
    r"|^\w+\(|^[A-Z]+\d{0,2}(?:_[A-Z]+\d{0,2})+$|^[~^<>=v]{0,2}\d+\.\d+\.\d"
    r"|^(?:workspace|catalog|npm|file|link|portal|patch|github):|^\d{4}-\d\d-\d\dT"
    r"|^(?=.{16})[\dMmHhVvLlZzCcSsQqTtAa., -]+$"
    # Placeholders of our own: what was scanned is scanned once more.
    r"|(?<![A-Za-z])(?:SECRET|EMAIL|IP|PHONE|NAME|HOST)_\d"
    # Patterns, what is cut short, and names of files below folders.
    r"|\[[^\]]{0,40}(?:A-Z|a-z)|\w\.{3}|/[\w-]+\.[a-z]{1,4}$"
    # Dates, shapes of SVG, names of files, and the passwords of jokes and manuals.
    r"|\.(?:css|m?js|map|png|jpe?g|gif|svg|woff2?|html?|json|ya?ml|txt|pem|crt|pub)$"
    r"|^(?:hunter2|s3cr3t|[Pp][a@]ssw0rd)$"
    # Names of encodings, as of `password.encode("latin1")`.
    r"|(?i:^(?:latin[-_]?\d|iso[-_]?8859[-_]?\d+|cp\d{3,4}|windows[-_]?\d+|utf[-_]?\d+(?:[-_]?[lb]e)?|gb\d+|big5|shift_jis)$)"
)
# Names with dots, and Java's members. Unless a part was drawn.
_DOTTED = re.compile(r"[A-Za-z_]+(?:\.[A-Za-z_]\w*)+|(?:[A-Z][a-z]+[A-Z]\w*|[A-Z]{3,})#[A-Za-z_].*")
_FILLED_IN = re.compile(r"\{[\w. ]*\}")
_PERIODIC = re.compile(r"(.{1,16}?)\1{2,}")  # `h4x0rh4x0rh4x0r`
_UUID = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HEX = re.compile(r"(?:[0-9a-f]+|[0-9A-F]+)")
_WORDS = re.compile(r"[a-z]{4,}|[A-Z][a-z]{2,}")
_CONSONANTS = re.compile(r"(?i)[bcdfghj-np-tv-z]{4}")
_BLOB = re.compile(r"/[A-Za-z0-9+/]{39,}={0,2}")  # base64 that looks like a path
_BASE32 = re.compile(r"[A-Z2-7]{16,}|[a-z2-7]{32,}")
_ADDRESS = re.compile(r"0x[0-9A-Fa-f]{40}")  # Ethereum's, which are public
_SIGN = re.compile(r"[^\w\s]")
_SPECIAL = re.compile(r"[!@#$^&*?~%+=]")
_FEWEST_RANDOM = 16
_FEWEST_HEX = 20
_LONG_DRAWN = 22


def is_placeholder(value: str) -> bool:
    """Tell whether a value only stands for a secret: filled in later, made up, or masked."""
    return _is_reference(value) or is_stand_in(value)


def _is_reference(value: str) -> bool:
    if _BLOB.fullmatch(value) and share_of_changes(value) >= 0.3:
        return False
    fixed = _FILLED_IN.sub("", value)
    signs = len(set(_SIGN.findall(fixed)))
    is_noise = _is_noisy(fixed) or signs >= 8 or (signs >= 6 and len(fixed) >= 60)
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
    left = re.sub(r"[\W_]+", "", _STAND_INS.sub("", written))
    return len(left) < 4 or _is_sequence(left)


def is_random(value: str, fewest: int = _FEWEST_RANDOM) -> bool:
    """Tell whether a value looks drawn by a machine: long, mixed, and without order."""
    core = value.rstrip("=")
    if len(core) < fewest or re.search(r"\s", core) or _is_reference(value):
        return False
    if _UUID.fullmatch(value) or _ADDRESS.fullmatch(value):
        return False
    digits_of_hex = core.replace("-", "")
    if _HEX.fullmatch(digits_of_hex):
        if len(digits_of_hex) < max(fewest, _FEWEST_HEX) or digits_of_hex.isdigit():
            return False
        return _entropy(core) >= 2.9 and not _is_sequence(core)
    if _BASE32.fullmatch(core) and share_of_changes(core) >= (0.1 if len(core) < 32 else 0.03):
        return _entropy(core) >= 3.2
    # Of 16 random letters and digits one in 10 has fewer than two digits, of 24 one in 30.
    digits = sum(character.isdigit() for character in core)
    if digits < 2 and is_drawn_letters(re.sub(r"\d", "", core), max(fewest - 1, 15)):
        return True
    if are_drawn(core, max(fewest - 6, 10)):
        return not _is_sequence(core)
    if digits < 2 and not (len(core) >= 24 and digits and share_of_changes(core) > 0.4):
        return False
    fewest_changes = 0.05 if _is_noisy(core) else 0.25
    return (
        _entropy(core) >= 3.2
        and share_of_changes(core) >= fewest_changes
        and not _is_sequence(core)
    )


def is_drawn(value: str) -> bool:
    """Tell whether letters and digits can't be but drawn: all three classes, well mixed."""
    mixed = all(any(map(test, value)) for test in (str.islower, str.isupper, str.isdigit))
    in_words = sum(map(len, _WORDS.findall(value)))
    return (
        mixed
        and in_words < 0.7 * len(value)
        and share_of_changes(value) >= 0.42
        and is_random(value, _LONG_DRAWN)
    )


def is_no_name(value: str) -> bool:
    """Tell whether hardly a word stands in a value, as in names, be they of whatever case."""
    return sum(map(len, _WORDS.findall(value))) < 0.5 * len(value)


def is_drawn_case(value: str) -> bool:
    """Tell whether letters of one case and digits can't be but drawn. Hex may be a hash."""
    is_one = (
        value in (value.lower(), value.upper()) and value.isalnum() and not _HEX.fullmatch(value)
    )
    fewest_changes = 0.25 if len(value) < 40 else 0.15
    return is_one and share_of_changes(value) >= fewest_changes and is_random(value, 26)


def is_drawn_letters(value: str, fewest: int) -> bool:
    """Tell whether letters without a digit can't be but drawn: their case follows no words."""
    if len(value) < fewest or not (value.isascii() and value.isalpha()):
        return False
    if share_of_changes(value) >= 0.42 and _CONSONANTS.search(value):
        return True
    return share_of_changes(value) >= 0.4 and sum(map(len, _WORDS.findall(value))) < 0.5 * len(
        value
    )


def is_encoded_stand_in(value: str) -> bool:
    """Tell whether a value is plain words in base64: `username:password`, "the sample nonce"."""
    try:
        content = base64.b64decode(value, validate=True)
        words = content.decode("ascii")
    except ValueError:
        return False
    if _is_even(content):
        return True
    if is_drawn_letters(words, 12):
        return False
    spaced = words.replace(":", "", 1) if " " in words else words
    is_text = spaced.replace(" ", "").isalpha() or bool(
        re.fullmatch(r"(?:[\w,.'-]+ ){3,}\S+", words)
    )
    return words.isprintable() and (is_placeholder(words) or is_text)


def is_seed(value: str) -> bool:
    """Tell whether a value is a seed of one-time passwords (RFC 4648 base32, RFC 6238)."""
    return bool(_BASE32.fullmatch(value)) and _entropy(value) >= 3.0


def is_uuid(value: str) -> bool:
    """Tell whether a value is a UUID: a name for most, a key for some services."""
    core = value.replace("-", "")
    return bool(_UUID.fullmatch(value)) and _entropy(core) > 2.9 and not _is_sequence(core)


def is_key(value: str) -> bool:
    """Tell whether a value that stands where a key is wanted is one: it was drawn."""
    return not is_placeholder(value) and (is_random(value, 20) or is_uuid(value))


def _is_noisy(value: str) -> bool:
    """Tell whether signs were drawn, too, as frameworks do; classes change less often then."""
    return len(set(_SPECIAL.findall(value))) >= 4


def _entropy(value: str) -> float:
    """Return Shannon's entropy in bits a character."""
    size = len(value)
    return -sum(n / size * log2(n / size) for n in Counter(value).values())


def _class(character: str) -> int:
    return (
        0 if character.isdigit() else 1 if character.islower() else 2 if character.isupper() else 3
    )


def share_of_changes(value: str) -> float:
    """Return how often the class changes from one character to the next, of 1.

    Random letters and digits: 0.6; random hex: 0.45; camelCase words: 0.3; words_with_digits2: 0.1.
    """
    classes = [_class(character) for character in value]
    changes = sum(a != b for a, b in pairwise(classes) if a < 3 > b)
    return changes / max(len(value) - 1, 1)


def _is_sequence(value: str) -> bool:
    """Tell whether a value only counts on or repeats: its digits and its letters, or its bytes.

    So `1a2b3c`, and the keys of test vectors: `000102...0e0f`, `f0f1f2...`.
    """
    if _HEX.fullmatch(value) and len(value) % 2 == 0 and _is_even(bytes.fromhex(value)):
        return True
    for part in (re.sub(r"\D", "", value), re.sub(r"[^a-z]", "", value.lower())):
        steps = Counter((ord(b) - ord(a)) for a, b in pairwise(part))
        in_order = steps[0] + steps[1] + steps[-1]
        if len(part) > 1 and in_order < 0.7 * (len(part) - 1):
            return False
    return True


def _is_even(content: bytes) -> bool:
    """Tell whether bytes follow each other at one distance, but for a few."""
    steps = Counter(after - before for before, after in pairwise(content))
    return len(content) > 3 and max(steps.values()) >= 0.7 * (len(content) - 1)
