# ruff: noqa: E501 - a row of a table reads better on one line
"""What is meant to be seen, though it looks drawn, beside secrets that stand in the same forms."""

from __future__ import annotations

import base64
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpus.safety.gate import check
from corpus.safety.scrub import Scrubber
from tests.safety.planted import ALNUM, B64URL, DIGITS, LOWER, UPPER, Draw, dashes

D = Draw(8)
UUID, HEX, SHA1, SHA256 = D.uuid(), D.hex(32), D.hex(40), D.hex(64)
LINES = [D.base64(48) for _ in range(4)]
FONT = "".join(line.replace("AMC", "A") for line in LINES) * 8 + f"+ABa{'x' * 80}+AMC{LINES[0]}"
UUID22 = base64.urlsafe_b64encode(bytes.fromhex(UUID.replace("-", ""))).decode().rstrip("=")


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _wrapped(mark: str) -> str:
    return "KEY = (\n" + "".join(f'    "{line}"\n' for line in [mark + LINES[0], *LINES[1:]]) + ")"


PUBLIC = {
    "an advisory's number": 'if err != nil { // the token is checked (see GHSA-j8px-rmrx-76h9)',
    "an index": "keys := addrToProtocolToKeyWithParsedKeys[addr]",
    "a key that counts on": f'KEY = bytes.fromhex("{bytes(range(32)).hex()}")',
    "in base64": f'KEY = b64decode("{base64.b64encode(bytes(range(24))).decode()}")',
    "a value that repeats": f'login("{"h4x0r" * 6}")',
    "a vector": f'key = fromhex("{HEX}")\nplaintext = fromhex("{D.hex(32)}")\nciphertext = fromhex("{D.hex(32)}")',
    "a vector in one line": f'check(key="{HEX}", data="{D.hex(32)}", expected="{D.hex(32)}")',
    "FIPS 197": 'KEY = "2b7e1516' + '28aed2a6abf7158809cf4f3c"',
    "the seed of manuals": 'totp_secret = "JBSWY3DP' + 'EHPK3PXP"',
    "a token's header": "Authorization: Bearer " + _b64('{"alg":"HS256","typ":"JWT"}') + "...",
    "plain words": f"Authorization: Basic {_b64('username:password')}",
    "RFC 7617": f"Authorization: Basic {_b64('Aladdin:open sesame')}",
    "a hook of manuals": "https://hooks.slack.com/services/T00000000/B00000000/" + "X" * 24,
    "a form's token": f'<input name="authenticity_token" value="{D.mixed(86, B64URL)}">',
    "a fingerprint": f"ENV GPG_KEY {SHA1.upper()}",
    "of keys to get": f"gpg --recv-keys {SHA1.upper()}",
    "of a key server": f"[signing_key]: https://keyserver.ubuntu.com/pks/lookup?search={SHA1}",
    "of SSH": f"key: SHA256:{D.mixed(43)} deploy",
    "a cache's key": f'"""The cache key of an entry, such as {SHA256}."""',
    "a digest header": f"opaque=\"{HEX}\" in headers['Authorization']",
    "a key of a form": f"https://docs.example.org/viewform?formkey={D.mixed(34)}",
    "go.sum": f"github.com/aws/credentials v1.19.2 h1:{D.base64(32)}",
    "a package": '"@scope/password-field": "workspace:*", "password-hash": "^2.0.0-beta1"',
    "an encoding": 'password = password.encode("latin1")',
    "a variable": "KRB5_PASSWORD_ENV = 'KRB5_PASSWORD'",
    "a pattern": "PASSWORD_RE = re.compile(r'^~[_.A-Za-z0-9][-_.A-Za-z0-9]*$')",
    "a path": f'token_path = fixture_path("packs/pack-{SHA1}.idx")',
    "cut short": "SESSION_SECRET=99ae8af...snip...ec0f262ac",
    "signs in percent": '"password": "%60%7B%7D"',
    "an SSH key": _wrapped("AAAAB3NzaC1yc2E"),
    "a password that says so": 'url = "imap://user:pass;option@server/path"; login.secret = "new_secured_password"',
    "in percent": 'url = "db://username:pass%2Fword@hostspec/database"',
    "a word at home": 'create_engine("postgresql://scott:tiger@localhost/test")',
    "an encoded connection string": '"odbc_connect=DSN%3Ddb%3BUID%3Ded%3BPWD%3Dpass%2Bword"',
    "a mailbox for FTP": '#define DEFAULT_PASSWORD "ftp@example.com"',
    "a pinned key": f"curl --pinnedpubkey 'sha256//{LINES[0][:22]}' $URL",
    "a key of X": "-----BEGIN PRIVATE" + " KEY-----\n" + ("X" * 64 + "\n") * 3 + "-----END PRIVATE" + " KEY-----",
    "a certificate alone": 'const testCert = `MIIDCTCCAfGgAwIBAgIU' + "\n".join(LINES) + "`",
    "a certificate in a key's place": f"{dashes('BEGIN CERTIFICATE')}\n{LINES[1]}\n{dashes('END CERTIFICATE')}\n{dashes('BEGIN PUBLIC KEY')}\n{LINES[1]}\n{dashes('END PUBLIC KEY')}",
    "an advisory": "# the token is not expanded here (see GHSA-j8px-rmrx-76h9)",
    "Gerrit's change": f"# taken from I{SHA1}, as the key is",
    "an identifier": "DH *key = EVP_PKEY_get0_DH(pubkey); kem = hpke.KEM_X25519_HKDF_SHA256 // key",
    "indexed": "keysByToken := addrToProtocolToKeyWithParsedKeys[addr]",
    "a literal of Go": 'changePassword := &serverpb.AuthUserChangePasswordRequest{Name: "n"}',
    "a call of Kotlin": "encodedPassword = value?.encodeURLParameter()",
    "camel case": "The password form is `OAuth2PasswordRequestForm`.\nzkSslKeyStoreType = password()\n",
    "a name with a number": "$buildToolsKey = 'MSBuildToolsPath32'",
    "a UUID in base64": f'setClusterId("{UUID22}"); new Cluster("{UUID22}"); "topic-0-{UUID22}"',
    "GitHub's ids": f"node_id: '{_b64('04:User499550')}'",
    "an algorithm": 'SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512"); KEY_CURVE = "SecP256r1MLKEM768"',
    "a list of ciphers": "'ciphers' => '!aNULL:!DES:!PSK:!aECDH:!EDH-DSS-DES-CBC3-SHA:!KRB5-DES-CBC3-SHA'",
    "to be filled in": "https://token:MY_BITBUCKET_TOKEN@bitbucket.org/acme/repo.git",
    "a set of characters": "GITHUB_TOKEN_REGEX = '{^([a-f0-9]{12,}|gh[a-z]_[a-zA-Z0-9_.-]+|github_pat_[a-zA-Z0-9_]+)$}'",
    "a tracked link": f"https://blog.example.org/?fbclid=IwAR2SrqYg_{D.mixed(43)}",
    "a cookie's name": f'# cookies with braces, such as ISAWPLB{{{UUID.upper()}}}\nexpectedCookieName: "_my_BACKEND-v1.0~rc1"',
    "a template": 'BasicAuthCredentials("user$credentialCounter", "pass$credentialCounter")',
    "a flag": '"--authkey=" + authKey, "--advertise-routes=172.31.42.0/24"',
    "joined words": f"cookie={_b64('first, cookie')}",
    "an empty key": f"tls.key: {_b64(dashes('BEGIN PRIVATE' + ' KEY') + chr(10) + dashes('END PRIVATE' + ' KEY'))}",
    "a pod": '"token": {"value": "traefik-74b4cf85d8-nkqqf"}',
    "a snapshot": f"CLI version: 3.6.0-SNAPSHOT-{SHA1}, built on Monday",
    "a vector of a builder": f'.withKey(\n    "{D.hex(82)}")\n.withNonce("{D.hex(24)}")\n.withCiphertext(\n    "{D.hex(64)}")',
    "claims": f'String payload = "{_b64(chr(123) + chr(34) + "exp" + chr(34) + ":99999999999999999}").rstrip("=")}";',
    "a glob": '["*test_func*0*PASS*", "*test_func*1*PASS*"]',
    "a type of C": "typedef struct r123array2x64 philox4x64_ukey_t;",
    "the middle of a file": f'"data:font/woff2;base64,{FONT}"',
    "a public key": "\n".join([dashes("BEGIN PUBLIC KEY"), *LINES, dashes("END PUBLIC KEY")]),
    "a Secret's user": "kind: Secret\ndata:\n  user: YWRtaW4=\n  tls.crt: " + _b64("\n".join([dashes("BEGIN CERTIFICATE"), *LINES * 4, dashes("END CERTIFICATE")])),
}  # fmt: skip

DRAWN = D.of(LOWER + UPPER, 20)
PASSWORD = "Orbit.Granite" + D.of("123456789", 4) + "!"
SECRET = {
    "a line of a Secret": (f"kind: Secret\ntype: Opaque\ndata:\n  x: {_b64(DRAWN)}\n", _b64(DRAWN)),
    "above its kind": (f"data:\n  dsn: {_b64(PASSWORD)}\nkind: Secret\n", _b64(PASSWORD)),
    "in the clear": (f"kind: Secret\nstringData:\n  x: {PASSWORD}\n", PASSWORD),
    "an account": (f'accounts: ["0x{SHA256}"]', SHA256),
    "with a sign at its end": (f"ENV ADMIN_PASSWORD={PASSWORD}", PASSWORD),
    "with a dot in it": ('db_password = "M.WYh' + 'JL89SdApq"', "M.WYh" + "JL89SdApq"),
    "of a page": (f"The old FB_PAGE_ACCESS_TOKEN was {SHA1}x9", f"{SHA1}x9"),
    "a record key": (f'"recordKey": "{UUID}"', UUID),
    "a cipher's": (f'AES.new(bytes.fromhex("{SHA256}"), AES.MODE_GCM)', SHA256),
    "a community": ("snmpwalk -v2c -c Tr4nq" + "uil77X 10.0.0.1", "Tr4nq" + "uil77X"),
    "a cluster's": ("kubeadm token d4vb5b." + "7szeazu9bh2bgruc", "d4vb5b." + "7szeazu9bh2bgruc"),
    "Trello's": (f"ATTA{SHA256}{DIGITS[2:]}", SHA256),
    "a key with nothing beside it": (f'key = fromhex("{HEX}")', HEX),
    "a user and a password": ("NEXUS_CREDS=ci:Rp24*Gcz" + "IdBov", "Rp24*Gcz" + "IdBov"),
    "a token as the user": (f"git config gems.acme.net {SHA1}:x-oauth-basic", SHA1),
    "a host's": (f"composer config http-basic.repo.acme.net ci {SHA1}", SHA1),
    "salt with braces": ("define('AUTH_KEY', 'c.iuhLWF0d-X%jkV{GTgd}MR9" + "Mmz%,+oNx4[H)l{crj37}kiyd+e<[<L-F#H');", "MR9Mmz"),
}  # fmt: skip


@pytest.mark.parametrize("text", PUBLIC.values(), ids=PUBLIC)
def test_what_is_public_stays(scrubber: Scrubber, text: str) -> None:
    assert scrubber.scrub(text.encode()).text.decode() == text


@pytest.mark.parametrize(("text", "secret"), SECRET.values(), ids=SECRET)
def test_what_is_secret_goes(scrubber: Scrubber, text: str, secret: str) -> None:
    scrubbed = scrubber.scrub(text.encode()).text.decode()
    assert "<SECRET_1>" in scrubbed
    assert secret not in scrubbed


def test_many_secrets_in_one_file_are_read_once(scrubber: Scrubber) -> None:
    """Each for itself, whatever stands between them."""
    secrets = [_b64(D.of(ALNUM, 20)) for _ in range(50)]
    text = "---\n".join(f"kind: Secret\ndata:\n  x: {secret}\n" for secret in secrets)
    scrubbed = scrubber.scrub(text.encode()).text.decode()
    assert not any(secret in scrubbed for secret in secrets)


def test_the_gate_takes_no_id_for_what_a_path_speaks_of(scrubber: Scrubber, tmp_path: Path) -> None:
    file = tmp_path / "functions.parquet"
    ids = {"path": "src/access_token.py", "blob_id": SHA1, "cluster_id": HEX}
    pq.write_table(pa.Table.from_pylist([{**ids, "code": "token = None"}]), file)
    assert check(tmp_path, [file], scrubber) == []
    pq.write_table(pa.Table.from_pylist([{**ids, "code": f'token = "{SHA1}x"'}]), file)
    assert [figures.kind for figures in check(tmp_path, [file], scrubber)] == ["secret"]
