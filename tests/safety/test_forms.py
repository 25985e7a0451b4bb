# ruff: noqa: E501 - a row of a table reads better on one line
"""Classes of secrets by where they stand and what they are made of, drawn as they come.

What a service draws has now and then no digit, or few changes of case: unlike those of
``planted.py``, these draws are not made to look drawn.
"""

from __future__ import annotations

import base64
import json
import string
from collections.abc import Callable

import pytest

from corpus.languages import LANGUAGES
from corpus.safety.scrub import Scrubber
from tests.safety.planted import ALNUM, B64URL, DIGITS, HEX, LOWER, UPPER, Draw, pem

DRAWS = 60
WORDS = [
    "absorb",
    "cactus",
    "debris",
    "employ",
    "fabric",
    "galaxy",
    "hazard",
    "idle",
    "jungle",
    "kidney",
    "lounge",
    "mango",
    "napkin",
    "oxygen",
    "pepper",
    "quantum",
    "ribbon",
    "saddle",
    "tomato",
    "useful",
    "velvet",
    "walnut",
    "youth",
    "zebra",
]


def _person(d: Draw) -> str:
    """Draw a password as people make them: a word and a number, with a sign or none."""
    word = "".join(d.of("bdfgklmnprstvz", 1) + d.of("aeiou", 1) for _ in range(3))
    return d.random.choice(
        [word + d.of(DIGITS, 5), word.capitalize() + d.of("!#$&*", 1) + d.of(DIGITS, 4)]
    )


def _worded(d: Draw) -> str:
    """Draw a password of words and a number, as people remember them."""
    words = d.random.sample(WORDS, 2)
    return d.random.choice(
        ["-".join([*words, d.of(DIGITS, 2)]), f"{words[0].capitalize()}_{d.of(DIGITS, 3)}"]
    )


def _leet(d: Draw) -> str:
    """Draw a password of a word that has digits or signs for some letters, and a number."""
    word = d.random.choice([word for word in WORDS if set(word[1:-1]) & set("ae")])
    return (
        word[0].upper()
        + word[1:-1].translate(str.maketrans("ae", "@3"))
        + word[-1]
        + d.of("2456789", 3)
    )


def _codes(d: Draw) -> str:
    return f"{d.hex(4)}{d.of(DIGITS, 1)}-{d.of(DIGITS, 1)}{d.hex(4)}"


def _product(d: Draw) -> str:
    return "-".join(d.of(UPPER + DIGITS, 5) for _ in range(5))


def _signed(d: Draw) -> str:
    return d.of(LOWER, 4).capitalize() + d.of(DIGITS, 3) + d.of("!#*?", 1) + d.of(LOWER, 3)


def _groups(d: Draw) -> str:
    return " ".join(d.mixed(4) for _ in range(6))


def _bytes(d: Draw) -> str:
    return "".join(f"\\x{byte:02x}" for byte in d.random.randbytes(24))


def _django(d: Draw) -> str:
    return d.of(LOWER + DIGITS + "!@#$%^&*(-_=+)", 50)


def _packed(d: Draw) -> str:
    login = {"auths": {"r.acme.net": {"username": "bob", "password": d.mixed(14)}}}
    return base64.b64encode(json.dumps(login).encode()).decode()


# Class: how the value is made, a line it stands in, and the share that must be found.
FORMS: dict[str, tuple[Callable[[Draw], str], str, float]] = {
    "marked, in a sentence": (lambda d: "acme_" + d.of(ALNUM, 40), "For staging use @ until March.", 0.95),
    "marked, with dashes": (lambda d: "ACMEX-" + d.of(B64URL, 42), "Client(@)", 0.9),
    "marked, in capitals": (lambda d: "ACME-" + d.of(UPPER + DIGITS, 40), 'x = "@"', 0.9),
    "marked, hex": (lambda d: "key-" + d.of(HEX, 32), 'x = "@"', 1),
    "drawn, in a sentence": (lambda d: d.of(ALNUM, 40), "The old value was @ and is gone.", 0.85),
    "drawn, in an example": (lambda d: d.of(ALNUM, 40), "Example: client = Client('@')", 0.95),
    "drawn, small letters": (lambda d: d.of(LOWER + "234567", 52), "const pat = '@';", 0.85),
    "two parts": (lambda d: d.of(DIGITS, 10) + ":" + d.of(B64URL, 35), "bot(@)", 0.8),
    "escaped quotes": (lambda d: d.of(ALNUM, 20), r'String s = "{\"password\": \"@\"}";', 0.97),
    "default of a look-up": (lambda d: d.of(ALNUM, 14), "const pw = process.env.DB_PASSWORD || '@';", 0.95),
    "default of a look-up, ??": (lambda d: d.of(ALNUM, 14), "const pw = env.DB_PASSWORD ?? '@';", 0.95),
    "typed": (_person, 'const DB_PASSWORD: &str = "@";', 1),
    "of a person, quoted": (_person, 'password = "@"', 1),
    "of a person, bare": (_person, "storePassword=@\nkeyAlias=release", 1),
    "of a person, in a DSN": (_person, "Server=db7;User ID=crm;Password=@;Encrypt=True;", 1),
    "letters only": (lambda d: d.of(string.ascii_letters, 20), 'password = "@"', 0.8),
    "letters only, bare": (lambda d: d.of(string.ascii_letters, 20), "RADIUS_SECRET=@", 0.8),
    "app password": (lambda d: "-".join(d.of(LOWER, 4) for _ in range(4)), 'APP_PASSWORD = "@"', 1),
    "said": (lambda d: d.of(ALNUM + "!%#", 16), "The password of the mail server is @ from now on.", 0.5),
    "salt of a framework": (lambda d: d.of(ALNUM + "!@#%^&*()-_[]{}<>~+=,.;:/?|", 64), "define('AUTH_KEY', '@');", 0.9),
    "signed with": (lambda d: d.of(ALNUM, 24), "const t = jwt.sign({ id: 1 }, '@');", 0.9),
    "oracle": (lambda d: d.of(ALNUM, 12), "jdbc:oracle:thin:scott/@@//ora1:1521/ORCL", 0.9),
    "seed of one-time passwords": (lambda d: d.of(UPPER + "234567", 16), "TOTP_SECRET=@", 0.95),
    "hook": (lambda d: d.of(LOWER + DIGITS, 9), "https://hooks.acme.net/catch/1204/@/", 0.7),
    "kubernetes": (lambda d: base64.b64encode(d.of(ALNUM, 15).encode()).decode(), "  password: @", 0.75),
    "words and a number": (_worded, 'password = "@"', 1),
    "words and a number, bare": (_worded, "POSTGRES_PASSWORD=@", 1),
    "words and a number, told": (_worded, "The password for the wiki is @.", 1),
    "words and a number, in bold": (_worded, "**Wiki password**: @", 1),
    "told in the next paragraph": (_worded, "Rotate the database password\n\nIt was @ until now.", 1),
    "told by what it is used as": (_worded, "Revert \"use @ as database password\"", 1),
    "at the end of a sentence": (lambda d: d.mixed(14), "Oops, the wiki password was in the log: @", 0.95),
    "short, in a sentence": (lambda d: d.mixed(14), "Add database password @ for the nightly job", 0.75),
    "short, behind a colon": (_worded, "FTP login, password (@) included", 1),
    "beside a user": (_signed, "Credentials: admin / @", 1),
    "in a table": (_worded, "| Host | User | Password |\n|---|---|---|\n| db1 | root | @ |\n", 1),
    "in a column": (_worded, "user,password,host\nbob,@,db1\n", 1),
    "in SQL": (lambda d: d.mixed(13), "INSERT INTO users (name, password) VALUES ('admin', '@');", 0.85),
    "in a call": (lambda d: d.mixed(15), 'basic_auth("bob", Some("@"))', 0.9),
    "in a constructor": (_worded, 'new PasswordAuthentication("bob", "@".toCharArray());', 1),
    "of a key store": (lambda d: d.mixed(12), 'new X509Certificate2("c.pfx", "@")', 1),
    "behind an id": (lambda d: d.hex(32), "search('B1G2GM9NG0', '@')", 1),
    "a user and a password": (_signed, 'user = "bob:@"', 1),
    "a command's": (_signed, "openssl enc -k @ -in a", 1),
    "a command's, glued": (_signed, "7z a -p@ backup.7z data", 1),
    "a command's, with a user": (lambda d: d.mixed(12), "cqlsh -u admin -p @ db1", 1),
    "told a server": (_signed, "rabbitmqctl add_user worker @", 1),
    "in braces": (_signed, "Driver={X};Uid=app;Pwd={@};", 1),
    "kept as it is": (lambda d: d.mixed(14), 'withUser("admin").password("{noop}@")', 1),
    "of attributes": (_worded, '<wsse:Password Type="#PasswordText">@</wsse:Password>', 1),
    "of a class": (lambda d: d.mixed(16), "public $secret = '@';", 0.95),
    "of a cache": (_signed, "REDIS_CACHE_PASSWORD=@", 1),
    "a salt that hashes": (lambda d: d.of(B64URL, 74), "$settings['hash_salt'] = '@';", 0.9),
    "in groups": (_groups, "WP_APP_PASSWORD='@'", 0.95),
    "of bytes": (_bytes, "app.secret_key = b'@'", 1),
    "of a framework, told": (_django, "Set `SECRET_KEY` to `@` first.", 0.9),
    "JSON in base64": (_packed, "  .dockerconfigjson: @", 1),
    "a login in base64": (lambda d: base64.b64encode(f"bob:{_signed(d)}".encode()).decode(), "| `AUTH` | `@` |", 0.9),
    "behind a word in a path": (lambda d: d.of(B64URL, 43), "https://acme.net/with/key/@", 0.9),
    "a bot's": (lambda d: d.of("123456789", 9) + ":A" + "A" + d.of(B64URL, 33), "https://api.telegram.org/bot@/send", 0.95),
    "a UUID with a mark": (lambda d: "RGAPI-" + d.uuid(), 'Watcher("@")', 1),
    "a primary key that was drawn": (lambda d: d.mixed(32), "primary_key: @", 0.9),
    "XML's key": (lambda d: d.base64(128), "<RSAKeyValue><Exponent>AQAB</Exponent><D>@</D></RSAKeyValue>", 1),
    "a server's": (lambda d: "md5" + d.hex(32), '"app" "@"', 1),
    "digits for letters": (_leet, 'basic_auth("bob", "@")', 0.95),
    "an equals sign in it": (lambda d: f"{d.mixed(12)}={d.of(DIGITS, 1)}", "db.password=@", 0.85),
    "a number joined to it": (lambda d: f"{d.mixed(12)}_{d.of(DIGITS, 1)}", "Log in as admin with the password @ first.", 0.85),
    "not the first of a list": (_worded, "passwords:\n  - tiger-orbit-332\n  - @", 1),
    "not the first of an array": (lambda d: d.of(ALNUM, 24), "API_TOKENS = [\n    'aB3kd9Kd02mfkWkd93kdQwz4',\n    '@',\n]", 0.9),
    "nested": (_signed, '{"adminPassword": {"value": "@"}}', 1),
    "of users": (_signed, 'USERS = {"admin": "@"}', 1),
    "of a new user": (_signed, 'create_user("bob", "bob.example", "@")', 1),
    "changed": (_worded, "Change the root password from @ to something better", 1),
    "in an insert": (_worded, "INSERT INTO users (login, password) VALUES ('root', '@');", 1),
    "wrapped": (lambda d: d.hex(64), "crypto.createCipheriv('aes-256-cbc', Buffer.from('@', 'hex'), iv);", 1),
    "verifies": (lambda d: d.hex(32), 'SignatureVerifier("@")', 1),
    "of a provider": (lambda d: d.hex(40), "provider :github, ENV['GITHUB_ID'], '@', scope: 'user'", 1),
    "behind an account": (lambda d: d.hex(32), "twilio('AC0123456789abcdef0123456789abcdef', '@')", 1),
    "joined to an address": (lambda d: d.of(ALNUM, 32), "const url = 'https://api.acme.net/v2?appid=' + '@';", 0.95),
    "into a file": (_signed, "echo '@' > .vault_pass", 1),
    "unseals": (lambda d: d.base64(32), "vault operator unseal @", 0.95),
    "of a network": (_signed, "snmp-server community @ RW", 1),
    "of an account": (lambda d: "$6$" + d.mixed(16) + "$" + d.mixed(86), "usermod -p '@' deploy", 1),
    "of a cookie parser": (_signed, "app.use(cookieParser('@'));", 0.8),
    "of bytes, a constant": (_bytes, "SECRET_KEY = b'@'", 1),
    "of a framework, by its mark": (lambda d: "django-insecure-" + _django(d), "The old one was @ until now.", 0.9),
    "of a nonce": (lambda d: d.of(ALNUM + "!@#%^&*()-_[]{}<>~+=,.;:/?|", 64), "define('NONCE_SALT', '@');", 0.9),
    "of a product": (_product, "slmgr /ipk @", 0.95),
    "recovers": (_codes, "backup_codes:\n  - 95b27-3b12a\n  - @", 0.95),
    "a PIN": (lambda d: d.of("1379", 2) + d.of(DIGITS, 4), 'val unlockPin = "@"', 0.8),
    "of a Makefile": (_signed, "DB_PASS := @", 1),
    "in C++": (_worded, 'std::string db_password{"@"};', 1),
    "quotes in quotes": (lambda d: d.mixed(16), r'buildConfigField("String", "API_SECRET", "\"@\"")', 0.9),
    "bytes as numbers": (lambda d: ", ".join(f"0x{byte:02x}" for byte in d.random.randbytes(32)), "byte[] SECRET_KEY = { @ };", 1),
    "default of a template": (_worded, "  DBPassword:\n    Type: String\n    Default: @", 1),
    "of a tagged value": (_worded, "password: !unsafe '@'", 1),
    "behind an arrow": (lambda d: d.mixed(14), "New wifi password -> @", 0.9),
    "logs in with": (_worded, "log in with admin:@", 1),
    "wallet": (lambda d: " ".join(d.random.sample(WORDS, 12)), 'wallet_mnemonic = "@"', 1),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_forms(scrubber: Scrubber, form: str) -> None:
    make, line, share = FORMS[form]
    draw = Draw(3)
    missed = []
    for _ in range(DRAWS):
        value = make(draw)
        start, _, end = line.partition("@")
        if value.encode() in scrubber.scrub((start + value + end).encode()).text:
            missed.append(value)
    assert len(missed) <= (1 - share) * DRAWS, missed


# How the DER of a key begins (RFC 8017, 5208, 5915, 8410, 7292), and how many bytes follow.
BARE_KEYS = {
    "RSA, PKCS#1": ("308204a40201000282010100", 1180),
    "RSA, PKCS#1, 4096 bits": ("308209280201000282020100", 2340),
    "RSA, PKCS#8": ("308204be020100300d06092a864886f70d0101010500048204a8308204a40201000282010100", 1180),
    "RSA, with a password": ("3082051c304e06092a864886f70d01050d3041", 1290),
    "EC, SEC 1": ("30770201010420", 114),
    "EC, PKCS#8": ("308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420", 102),
    "EC, PKCS#8, no public key": ("3041020100301306072a8648ce3d020106082a8648ce3d0301070427302502010104", 33),
    "EC, with a password": ("3081ec305706092a864886f70d01050d304a", 220),
    "EC, P-384": ("3081a40201010430", 159),
    "EC, P-384, PKCS#8": ("3081b6020100301006072a8648ce3d020106052b8104002204819e30819b0201010430", 150),
    "Ed25519": ("302e020100300506032b657004220420", 32),
    "PKCS#12": ("30820a2b020103308209f106092a864886f70d010701", 2500),
}  # fmt: skip


@pytest.mark.parametrize("kind", BARE_KEYS)
@pytest.mark.parametrize("joiner", ["", '" +\n    "'])
def test_keys_without_armour(scrubber: Scrubber, kind: str, joiner: str) -> None:
    """The bytes of a key in base64, in one string or in several, whatever they are called."""
    head, size = BARE_KEYS[kind]
    key = bytes.fromhex(head) + Draw(5).random.randbytes(size)
    body = base64.b64encode(key).decode()
    lines = [body[at : at + 76] for at in range(0, len(body), 76)]
    scrubbed = scrubber.scrub(f'x = "{joiner.join(lines)}"\n'.encode()).text.decode()
    assert not [line for line in lines if len(line) > 16 and line in scrubbed]


def test_an_encoded_key_in_lines(scrubber: Scrubber) -> None:
    """Each line of it goes, the short one at the end, too."""
    encoded = base64.b64encode(pem(Draw(2), "RSA PRIVATE " + "KEY").encode()).decode()
    lines = [encoded[at : at + 76] for at in range(0, len(encoded), 76)]
    text = "data:\n  tls.key: |\n    " + "\n    ".join(lines) + "\n  tls.crt: x\n"
    scrubbed = scrubber.scrub(text.encode()).text.decode()
    assert not [line for line in lines if line in scrubbed]
    assert scrubbed.count("\n") == text.count("\n")
    assert scrubbed.endswith("\n  tls.crt: x\n")


@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        ("bash", "curl -u deploy:'", "' https://nexus.corp.example/"),
        ("go", "package a\n\nfunc f() {\n\t// ", "\n\t// and no more\n}\n"),
    ],
)
def test_what_holds_it_stays(scrubber: Scrubber, language: str, before: str, after: str) -> None:
    key = pem(Draw(2), "RSA PRIVATE " + "KEY").strip().replace("\n", "\n\t// ")
    secret = key if language == "go" else "Copper5433$"
    scrubbed = scrubber.scrub(f"{before}{secret}{after}".encode(), LANGUAGES[language])
    assert scrubbed.reason is None
    text = scrubbed.text.decode()
    assert text.startswith(before)
    assert text.endswith(after)
    assert text.count("\n") == (before + secret + after).count("\n")


@pytest.mark.parametrize(
    "line",
    [
        'assert digest(key) == "{hex64}"',
        "expect(hash('password')).toBe('{hex64}');",
        'git_sha, token_count = "{hex40}", 4096',
        'tx = "0x{hex64}"',
        "K = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAGu5x0s2gDR2PAwsPBXIyEGz6TkEC0k1HxxfeZ8PdRu'",
        'ulong[] MultVal64Power10By16Inv = new',
        'settings.get("Krb5FileContents", key)',
        "PRIVATE_KEY_TYPES = CertificateIssuerPrivateKeyTypes",
        'id_pattern = r"^sg-[a-f0-9]{{8,17}}$"',
        "GPIO_PIN = 100000",
        "byte[] SECRET_KEY = {{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 }};",
        "Pin: 2.4.1, the recovery code reads utf-8 and sha-256 from iso-8859-1",
        "'user:password@host/database?authMechanism=SCRAM-SHA-256'",
        "tokens = ['first_token', 'second_token', 'third_token_of_3']",
        "A mnemonic is a word that helps people to keep long lists of other things in mind.",
    ],
)  # fmt: skip
def test_left_alone(scrubber: Scrubber, line: str) -> None:
    draw = Draw(4)
    text = line.format(hex40=draw.hex(40), hex64=draw.hex(64)).encode()
    assert scrubber.scrub(text).text == text
