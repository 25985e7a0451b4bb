# ruff: noqa: E501 - a row of a table reads better on one line
"""Secrets of many kinds, and what looks like them, drawn anew from a seed.

Nothing here is a secret, and no scanner of this repo may take it for one: every value is put
together from parts at run time.
"""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass

LOWER, UPPER, DIGITS = string.ascii_lowercase, string.ascii_uppercase, string.digits
ALNUM = LOWER + UPPER + DIGITS
HEX = DIGITS + "abcdef"
B64 = ALNUM + "+/"
B64URL = ALNUM + "-_"


@dataclass(frozen=True)
class Planted:
    """A kind of secret: ``value`` is what must not stay, ``line`` is the code that it stands in."""

    kind: str
    value: str
    line: str


class Draw:
    """Draws strings; the same seed draws the same."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def of(self, characters: str, count: int) -> str:
        return "".join(self.random.choices(characters, k=count))

    def mixed(self, count: int, characters: str = ALNUM) -> str:
        """Draw until digits and both cases are there, as in any key of that length but a freak."""
        while True:
            drawn = self.of(characters, count)
            if (
                sum(c.isdigit() for c in drawn) > 1
                and any(c.isupper() for c in drawn)
                and any(c.islower() for c in drawn)
            ):
                return drawn

    def hex(self, count: int) -> str:
        return self.of(HEX, count)

    def base64(self, count: int) -> str:
        return base64.b64encode(self.random.randbytes(count)).decode()

    def uuid(self) -> str:
        return "-".join(self.hex(n) for n in (8, 4, 4, 4, 12))

    def password(self) -> str:
        return (
            self.of(LOWER, 4).capitalize()
            + self.of(DIGITS, 3)
            + self.of("!#*?", 1)
            + self.of(LOWER, 3)
        )


def dashes(word: str) -> str:
    return "-" * 5 + word + "-" * 5


def pem(draw: Draw, label: str, joiner: str = "\n") -> str:
    """Return a private key's armour around random lines."""
    body = base64.b64encode(b"0\x82\x04\xa4" + draw.random.randbytes(608)).decode()
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    return joiner.join([dashes("BEGIN " + label), *lines, dashes("END " + label)]) + joiner


def jwt(draw: Draw) -> str:
    def part(data: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")

    head = part({"alg": "HS" + "256", "typ": "JWT"})
    return f"{head}.{part({'sub': draw.of(DIGITS, 10), 'iat': 1516239022})}.{draw.of(B64URL, 43)}"


Make = Callable[[Draw], tuple[str, str]]

# Kind: how the value is made, and the line it stands in, with `@` for the value.
KINDS: dict[str, tuple[Callable[[Draw], str], str]] = {
    # Keys with a form of their own.
    "aws_access_key_id": (lambda d: "AK" + "IA" + d.of(UPPER + "234567", 16), 'aws_access_key_id = "@"'),
    "aws_secret_access_key": (lambda d: d.mixed(40, B64), 'AWS_SECRET_ACCESS_KEY = "@"'),
    "github_pat": (lambda d: "gh" + "p_" + d.mixed(36), 'TOKEN = "@"'),
    "github_oauth": (lambda d: "gh" + "o_" + d.mixed(36), 'oauth = "@"'),
    "github_app": (lambda d: "gh" + "s_" + d.mixed(36), 'x = "@"'),
    "github_fine_grained": (lambda d: "github" + "_pat_" + d.mixed(22) + "_" + d.mixed(59), 'auth = "@"'),
    "gitlab_pat": (lambda d: "gl" + "pat-" + d.mixed(20), 'gitlab = "@"'),
    "slack_bot": (lambda d: "xo" + "xb-" + d.of(DIGITS, 12) + "-" + d.of(DIGITS, 13) + "-" + d.mixed(24), 'slack = "@"'),
    "slack_user": (lambda d: "xo" + "xp-" + d.of(DIGITS, 12) + "-" + d.of(DIGITS, 12) + "-" + d.of(DIGITS, 12) + "-" + d.hex(32), 'slack = "@"'),
    "slack_webhook": (lambda d: "https://hooks.slack" + ".com/services/T" + d.of(UPPER + DIGITS, 8) + "/B" + d.of(UPPER + DIGITS, 10) + "/" + d.mixed(24), 'url = "@"'),
    "stripe_live": (lambda d: "sk" + "_live_" + d.mixed(24), 'stripe.api_key = "@"'),
    "stripe_restricted": (lambda d: "rk" + "_live_" + d.mixed(24), 'stripe.api_key = "@"'),
    "google_api": (lambda d: "AI" + "za" + d.mixed(35, B64URL), 'maps = "@"'),
    "google_oauth_secret": (lambda d: "GOC" + "SPX-" + d.mixed(28, B64URL), 'client_secret = "@"'),
    "openai": (lambda d: "sk" + "-proj-" + d.mixed(20) + "T3Blbk" + "FJ" + d.mixed(20), 'openai.api_key = "@"'),
    "anthropic": (lambda d: "sk-" + "ant-api03-" + d.mixed(93, B64URL) + "AA", 'key = "@"'),
    "huggingface": (lambda d: "h" + "f_" + d.of(LOWER + UPPER, 34), 'login(token="@")'),
    "npm": (lambda d: "np" + "m_" + d.mixed(36), '//registry.npmjs.org/:_authToken=@'),
    "pypi": (lambda d: "pypi-" + "AgEIcHlwaS5vcmc" + d.mixed(70, B64URL), 'password = "@"'),
    "sendgrid": (lambda d: "SG" + "." + d.mixed(22, B64URL) + "." + d.mixed(43, B64URL), 'sendgrid = "@"'),
    "twilio_key": (lambda d: "S" + "K" + d.hex(32), 'twilio_api_key = "@"'),
    "twilio_auth": (lambda d: d.hex(32), 'TWILIO_AUTH_TOKEN = "@"'),
    "mailgun": (lambda d: "key" + "-" + d.hex(32), 'MAILGUN_API_KEY = "@"'),
    "mailchimp": (lambda d: d.hex(32) + "-us" + "12", 'mailchimp_api_key = "@"'),
    "digitalocean": (lambda d: "dop" + "_v1_" + d.hex(64), 'do = "@"'),
    "shopify": (lambda d: "shp" + "at_" + d.hex(32), 'shopify = "@"'),
    "square": (lambda d: "EAAA" + d.mixed(60, B64URL), 'square_access_token = "@"'),
    "telegram": (lambda d: d.of("123456789", 1) + d.of(DIGITS, 9) + ":AA" + d.mixed(33, B64URL), 'telegram_bot_token = "@"'),
    "discord_bot": (lambda d: "M" + d.mixed(23) + "." + d.mixed(6) + "." + d.mixed(38, B64URL), 'discord_token = "@"'),
    "discord_webhook": (lambda d: "https://discord" + ".com/api/webhooks/" + d.of("123456789", 18) + "/" + d.mixed(68, B64URL), 'hook = "@"'),
    "jwt": (jwt, 'headers["Authorization"] = "Bearer @"'),
    "dockerhub": (lambda d: "dckr" + "_pat_" + d.mixed(27, B64URL), 'docker_token = "@"'),
    "heroku": (lambda d: d.uuid(), 'HEROKU_API_KEY = "@"'),
    "datadog": (lambda d: d.hex(32), 'DD_API_KEY = "@"'),
    "newrelic": (lambda d: "NR" + "AK-" + d.of(UPPER + DIGITS, 27), 'newrelic = "@"'),
    "grafana": (lambda d: "gls" + "a_" + d.mixed(32) + "_" + d.hex(8), 'grafana = "@"'),
    "databricks": (lambda d: "da" + "pi" + d.hex(32), 'databricks_token = "@"'),
    "azure_storage": (lambda d: d.base64(64), 'conn = "DefaultEndpointsProtocol=https;AccountName=acc;AccountKey=@;EndpointSuffix=core.windows.net"'),
    "azure_client_secret": (lambda d: d.of(ALNUM, 3) + "8Q~" + d.mixed(34, ALNUM + "~._-"), 'AZURE_CLIENT_SECRET = "@"'),
    "vault": (lambda d: "hv" + "s." + d.mixed(90, B64URL), 'vault = "@"'),
    "terraform": (lambda d: d.mixed(14) + "." + "atlasv1" + "." + d.mixed(64), 'tf_token = "@"'),
    "linear": (lambda d: "lin" + "_api_" + d.mixed(40), 'linear = "@"'),
    "notion": (lambda d: "ntn" + "_" + d.of(DIGITS, 11) + d.mixed(35), 'notion = "@"'),
    "figma": (lambda d: "fig" + "d_" + d.mixed(40, B64URL), 'figma = "@"'),
    "postman": (lambda d: "PM" + "AK-" + d.hex(24) + "-" + d.hex(34), 'postman = "@"'),
    "sentry": (lambda d: "sntry" + "u_" + d.hex(64), 'sentry = "@"'),
    "cloudflare": (lambda d: d.mixed(40, B64URL), 'CLOUDFLARE_API_TOKEN = "@"'),
    "age": (lambda d: "AGE-SECRET" + "-KEY-1" + d.of("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58), 'identity = "@"'),
    # Private keys.
    "rsa_key": (lambda d: pem(d, "RSA PRIVATE " + "KEY"), 'KEY = """@"""'),
    "pkcs8_one_line": (lambda d: pem(d, "PRIVATE " + "KEY", "\\n"), 'KEY = "@"'),
    "openssh_key": (lambda d: pem(d, "OPENSSH PRIVATE " + "KEY"), 'KEY = """@"""'),
    "ec_key_joined": (lambda d: pem(d, "EC PRIVATE " + "KEY", '\\n"\n    "'), 'KEY = (\n    "@"\n)'),
    "pgp_key": (lambda d: pem(d, "PGP PRIVATE " + "KEY BLOCK"), 'KEY = """@"""'),
    "pem_in_base64": (lambda d: base64.b64encode(pem(d, "RSA PRIVATE " + "KEY").encode()).decode(), 'TLS = "@"'),
    "jwk": (lambda d: d.mixed(43, B64URL), """jwk = {'kty': 'EC', 'crv': 'P-256', 'd': '@'}"""),
    # Connection strings.
    "postgres": (lambda d: d.password(), 'url = "postgres://app:@@db.corp.net:5432/shop"'),
    "mysql": (lambda d: d.mixed(14), 'url = "mysql+pymysql://root:@@10.0.0.5/shop"'),
    "mongodb": (lambda d: d.mixed(16), 'url = "mongodb+srv://svc:@@cluster0.ab1cd.mongodb.net/"'),
    "redis": (lambda d: d.mixed(20), 'url = "redis://:@@cache.corp.net:6379/0"'),
    "amqp": (lambda d: d.password(), 'url = "amqp://worker:@@mq.corp.net/"'),
    "https_basic": (lambda d: d.mixed(20), 'remote = "https://deploy:@@git.corp.net/app.git"'),
    "jdbc": (lambda d: d.password(), 'url = "jdbc:postgresql://db/shop?user=app&password=@"'),
    "ado": (lambda d: d.password(), 'c = "Server=db;Database=shop;User Id=sa;Password=@;"'),
    # Names that tell.
    "password": (lambda d: d.password(), 'password = "@"'),
    "password_dict": (lambda d: d.password(), '{"user": "app", "password": "@"}'),
    "password_call": (lambda d: d.password(), 'connect(host="db", passwd="@")'),
    "password_java": (lambda d: d.password(), 'dataSource.setPassword("@")'),
    "password_env": (lambda d: d.password(), 'os.environ.get("DB_PASSWORD", "@")'),
    "password_comment": (lambda d: d.password(), "# password: @"),
    "password_xml": (lambda d: d.password(), 's = "<password>@</password>"'),
    "password_flag": (lambda d: d.password(), 'cmd = "mysqldump --password=@ shop"'),
    "curl_user": (lambda d: d.password(), "cmd = 'curl -u deploy:@ https://ci.corp.net/job'"),
    "passphrase": (lambda d: d.password(), 'passphrase = "@"'),
    "django": (lambda d: "".join(d.random.choices("abcdefghijklmnopqrstuvwxyz0123456789!@#^&*(-_=+", k=50)), "SECRET_KEY = '@'"),
    "flask": (lambda d: d.hex(48), 'app.secret_key = "@"'),
    "rails": (lambda d: d.hex(128), 'secret_key_base = "@"'),
    "jwt_secret": (lambda d: d.base64(32), 'JWT_SECRET = "@"'),
    "generic_hex": (lambda d: d.hex(40), 'api_key = "@"'),
    "generic_base64": (lambda d: d.base64(32), 'encryption_key = "@"'),
    "generic_token": (lambda d: d.mixed(32), 'auth_token = "@"'),
    "client_secret": (lambda d: d.mixed(24), '"client_secret": "@",'),
    "basic_header": (lambda d: base64.b64encode(b"deploy:" + d.password().encode()).decode(), 'headers = {"Authorization": "Basic @"}'),
    "bearer_header": (lambda d: d.mixed(40), 'curl -H "Authorization: Bearer @" https://api.corp.net'),
    "signing_key": (lambda d: d.hex(64), "signingKey: '@'"),
}  # fmt: skip


def planted(seed: int) -> list[Planted]:
    """Return one secret of every kind."""
    return plant(KINDS, seed)


def plant(kinds: Mapping[str, tuple[Callable[[Draw], str], str]], seed: int) -> list[Planted]:
    """Draw a secret of each of ``kinds``: how a value is made, and its line, `@` for the value."""
    draw, made = Draw(seed), []
    for kind, (make, line) in kinds.items():
        value = make(draw)
        made.append(Planted(kind, value, line.replace("@", value, 1)))
    return made


def pieces(secret: Planted) -> list[str]:
    """Return what of a secret must not be found again: of a private key every line of its body."""
    if "BEGIN" not in secret.value:
        return [secret.value]
    lines = secret.value.replace("\\n", "\n").replace('"', "").split("\n")
    return [line.strip() for line in lines if line.strip() and "-----" not in line]
