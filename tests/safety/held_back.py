# ruff: noqa: E501 - a row of a table reads better on one line
"""Kinds of secrets that no rule was written for, and more that only looks like one.

They came after the rules, from what providers and tools say of their own formats. As in
``planted.py``, every value is put together from parts at run time.
"""

from __future__ import annotations

import base64
from collections.abc import Callable

from tests.safety.planted import (
    ALNUM,
    B64URL,
    DIGITS,
    HEX,
    KINDS,
    LOWER,
    UPPER,
    Draw,
    Planted,
    pem,
    plant,
)

BASE32 = LOWER + "234567"
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


# Kind: how the value is made, and the line it stands in, with `@` for the value.
MORE_KINDS: dict[str, tuple[Callable[[Draw], str], str]] = {
    # Clouds and hosting.
    "fly": (lambda d: "fm" + "2_" + d.mixed(140, ALNUM + "+/"), 'FLY_ACCESS = "FlyV1 @"'),
    "supabase": (lambda d: "sb" + "p_" + d.hex(40), "supabase login --token @"),
    "hetzner": (lambda d: d.mixed(64), 'provider "hcloud" {\n  token = "@"\n}'),
    "linode": (lambda d: d.hex(64), "linode-cli configure --token=@"),
    "alibaba": (lambda d: d.mixed(30), 'AcsClient("LTAI5tAbCdEfGh", "@", "eu-central-1")'),
    "tencent": (lambda d: d.mixed(32), "TENCENTCLOUD_SECRET_KEY: @"),
    "gcs_hmac": (lambda d: d.mixed(40, ALNUM + "+/"), "gs_secret_access_key = @"),
    "event_hub": (lambda d: d.base64(32), 'hub = "Endpoint=sb://shop.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=@"'),
    "cosmos": (lambda d: d.base64(64), "AccountEndpoint=https://shop.documents.azure.com:443/;AccountKey=@;"),
    "service_account": (lambda d: pem(d, "PRIVATE " + "KEY", "\\n"), '{"type": "service_account", "project_id": "shop", "private_key": "@"}'),
    "netlify": (lambda d: "nf" + "p_" + d.mixed(36), "netlify deploy --auth @"),
    "vercel": (lambda d: d.mixed(24), "vercel --token @ --prod"),
    "tailscale": (lambda d: "tskey" + "-auth-" + d.mixed(12) + "CNTRL-" + d.mixed(32), "tailscale up --authkey @"),
    "ngrok": (lambda d: d.mixed(27) + "_" + d.mixed(21), "ngrok config add-authtoken @"),
    # Source control and builds.
    "gitlab_runner": (lambda d: "gl" + "rt-" + d.mixed(20), 'registration = "@"'),
    "gitlab_trigger": (lambda d: "glpt" + "t-" + d.hex(40), "curl -F token=@ https://git.corp.net/trigger"),
    "bitbucket": (lambda d: "ATB" + "B" + d.mixed(32), "git clone https://bob:@@bitbucket.org/corp/app.git"),
    "atlassian": (lambda d: "ATATT" + "3xFfGF0" + d.mixed(160, B64URL) + "=" + d.of(HEX.upper()[:10] + "ABCDEF", 8), 'jira = JIRA(basic_auth=("bob", "@"))'),
    "circleci": (lambda d: "CCIP" + "AT_" + d.mixed(22) + "_" + d.hex(40), 'circle = "@"'),
    "buildkite": (lambda d: "bku" + "a_" + d.hex(40), "agent: @"),
    "artifactory": (lambda d: "AKC" + "p8" + d.mixed(68), 'repo.credentials("bob", "@")'),
    "sourcegraph": (lambda d: "sg" + "p_" + d.hex(40), "src login -t @"),
    "codecov": (lambda d: d.uuid(), "CODECOV_TOKEN=@"),
    "coveralls": (lambda d: d.mixed(32), "repo_token: @"),
    # Services.
    "slack_app": (lambda d: "xa" + "pp-1-A" + d.of(UPPER + DIGITS, 10) + "-" + d.of(DIGITS, 13) + "-" + d.hex(64), 'App(token="@")'),
    "twilio_secret": (lambda d: d.mixed(32), 'Client(api_key_sid, "@", account)'),
    "mailgun_new": (lambda d: d.hex(32) + "-" + d.hex(8) + "-" + d.hex(8), 'mailgun_key = "@"'),
    "square_secret": (lambda d: "sq0" + "csp-" + d.mixed(43, B64URL), 'application = "@"'),
    "shopify_shared": (lambda d: "shps" + "s_" + d.hex(32), 'shared = "@"'),
    "cloudinary": (lambda d: d.mixed(27), "CLOUDINARY_URL=cloudinary://874837483274837:@@shop"),
    "sentry_dsn": (lambda d: d.hex(32), 'dsn = "https://' + "9e1f7f2c0a5b4c8db1d24c1d7a7f6b3e" + ':@@sentry.corp.net/42"'),
    "fcm_server": (lambda d: "AA" + "AA" + d.mixed(7, B64URL) + ":APA91b" + d.mixed(134, B64URL), 'FCM = "@"'),
    "facebook_secret": (lambda d: d.hex(32), "FACEBOOK_APP_SECRET='@'"),
    "twitter_bearer": (lambda d: "A" * 21 + "%2F" + d.mixed(80) + "%3D", 'bearer = "@"'),
    "linkedin": (lambda d: d.mixed(16), "linkedin.clientSecret=@"),
    "dropbox": (lambda d: "sl" + ".u." + d.mixed(130, B64URL), 'Dropbox("@")'),
    "contentful": (lambda d: "CFP" + "AT-" + d.mixed(43, B64URL), "contentful login --management-token @"),
    "launchdarkly": (lambda d: "sdk-" + d.uuid(), 'ldclient.set_config(Config("@"))'),
    "plaid": (lambda d: d.hex(30), 'PLAID_SECRET = "@"'),
    "plaid_access": (lambda d: "access-production-" + d.uuid(), 'item = "@"'),
    "braintree": (lambda d: "access_token$production$" + d.of(LOWER + DIGITS, 16) + "$" + d.hex(32), 'gateway = "@"'),
    "paypal": (lambda d: "E" + d.mixed(79, B64URL), 'paypal = {clientId: id, clientSecret: "@"}'),
    "honeycomb": (lambda d: "hca" + "ik_01" + d.of(LOWER + DIGITS, 58), "x-honeycomb-team: @"),
    "elastic": (lambda d: b64(d.mixed(20) + ":" + d.mixed(22)), 'headers = {"Authorization": "ApiKey @"}'),
    "okta_ssws": (lambda d: "00" + d.mixed(40, B64URL), 'curl -H "Authorization: SSWS @" https://corp.okta.com'),
    "consul": (lambda d: d.uuid(), 'curl -H "X-Consul-Token: @" http://127.0.0.1:8500'),
    "snyk": (lambda d: d.uuid(), "snyk auth @"),
    "openrouter": (lambda d: "sk-" + "or-v1-" + d.hex(64), 'llm = "@"'),
    "groq": (lambda d: "gs" + "k_" + d.mixed(52), 'Groq(api_key="@")'),
    "replicate": (lambda d: "r" + "8_" + d.mixed(37), "REPLICATE: @"),
    "pinecone": (lambda d: "pcs" + "k_" + d.mixed(6) + "_" + d.mixed(63), 'Pinecone("@")'),
    "wandb": (lambda d: d.hex(40), "wandb login @"),
    "binance": (lambda d: d.mixed(64), 'Client("k", api_secret="@")'),
    # What tools read from files.
    "htpasswd": (lambda d: "$apr1$" + d.mixed(8) + "$" + d.mixed(22), "deploy:@"),
    "shadow": (lambda d: "$6$" + d.mixed(16) + "$" + d.mixed(86), "root:@:19000:0:99999:7:::"),
    "pgpass": (lambda d: d.password(), "db.corp.net:5432:shop:app:@"),
    "netrc": (lambda d: d.password(), "machine api.corp.net login bob password @"),
    "npmrc_auth": (lambda d: b64("bob:" + d.password()), "//npm.corp.net/:_auth=@"),
    "kube_secret": (lambda d: b64(d.password()), "kind: Secret\ndata:\n  password: @"),
    "kubeconfig_key": (lambda d: b64(pem(d, "EC PRIVATE " + "KEY")), "users:\n- name: admin\n  user:\n    client-key-data: @"),
    "wireguard": (lambda d: d.base64(32), "[Interface]\nPrivateKey = @\nAddress = 10.0.0.1/24"),
    "openvpn": (lambda d: "\n".join(d.hex(32) for _ in range(16)), "-----BEGIN OpenVPN Static key V1-----\n@\n-----END OpenVPN Static key V1-----"),
    "rails_master": (lambda d: d.hex(32), "RAILS_MASTER_KEY=@ bin/rails server"),
    "laravel": (lambda d: d.base64(32), "APP_KEY=base64:@"),
    "symfony": (lambda d: d.hex(32), "APP_SECRET=@"),
    "ansible": (lambda d: d.password(), "web1 ansible_host=10.0.0.7 ansible_user=root ansible_ssh_pass=@"),
    "gradle_store": (lambda d: d.password(), "storePassword '@'"),
    "maven_server": (lambda d: d.password(), "<server><id>corp</id><username>bob</username><password>@</password></server>"),
    "properties_key": (lambda d: d.mixed(32), "jasypt.encryptor.password=@"),
    "cnf": (lambda d: d.password(), "[client]\nuser=root\npassword=@"),
    # What programs are given.
    "jwt_sign": (lambda d: d.mixed(32), "const signed = jwt.sign(payload, '@');"),
    "fernet": (lambda d: base64.urlsafe_b64encode(d.random.randbytes(32)).decode(), 'box = Fernet(b"@")'),
    "key_spec": (lambda d: d.mixed(16), 'new SecretKeySpec("@".getBytes(UTF_8), "AES")'),
    "cookie_parser": (lambda d: d.mixed(32), "app.use(cookieParser('@'));"),
    "session": (lambda d: d.password(), "app.use(session({ resave: false, secret: '@' }));"),
    "ethereum": (lambda d: "0x" + d.hex(64), 'new Wallet("@", provider)'),
    "bitcoin_wif": (lambda d: "5K" + d.mixed(49, BASE58), 'wif = "@"'),
    "tls_storepass": (lambda d: d.password(), "keytool -genkey -alias app -storepass @ -keyalg RSA"),
    "sql_user": (lambda d: d.password(), "CREATE USER app WITH PASSWORD '@';"),
    "sql_identified": (lambda d: d.password(), "CREATE USER app IDENTIFIED BY '@';"),
    "sqlcmd": (lambda d: d.password(), "sqlcmd -S db.corp.net -U sa -P @ -Q 'select 1'"),
    "pgpassword": (lambda d: d.password(), "PGPASSWORD=@ psql -h db.corp.net -U app shop"),
    "docker_login": (lambda d: d.password(), "docker login -u bob -p @ registry.corp.net"),
    "smbclient": (lambda d: d.password(), "smbclient //files.corp.net/share -U bob%@"),
    "ldapsearch": (lambda d: d.password(), "ldapsearch -x -D cn=admin,dc=corp -w @ '(uid=*)'"),
    "net_use": (lambda d: d.password(), r"net use Z: \\files\share /user:bob @"),
    "powershell": (lambda d: d.password(), '$p = ConvertTo-SecureString "@" -AsPlainText -Force'),
    "smtp_login": (lambda d: d.password(), 'server.login("bob", "@")'),
    "requests_auth": (lambda d: d.password(), 'requests.get(url, auth=("bob", "@"))'),
    "paramiko": (lambda d: d.password(), 'client.connect("web1", 22, "root", "@")'),
    "php_pdo": (lambda d: d.password(), "$db = new PDO('mysql:host=db;dbname=shop', 'app', '@');"),
    "php_mysqli": (lambda d: d.password(), '$db = mysqli_connect("db", "app", "@", "shop");'),
    "jdbc_call": (lambda d: d.password(), 'DriverManager.getConnection(url, "app", "@");'),
    "go_basic": (lambda d: d.password(), 'req.SetBasicAuth("bob", "@")'),
    "dsn_go": (lambda d: d.password(), 'sql.Open("mysql", "app:@@tcp(db:3306)/shop")'),
    "dsn_pg": (lambda d: d.password(), 'dsn = "host=db user=app password=@ dbname=shop"'),
    "totp": (lambda d: d.of(BASE32.upper(), 32), 'totp = pyotp.TOTP("@")'),
    "otpauth": (lambda d: d.of(BASE32.upper(), 32), "otpauth://totp/Corp:bob?secret=@&issuer=Corp"),
    "cookie": (lambda d: d.mixed(40), 'curl -H "Cookie: sessionid=@" https://corp.net'),
    "xml_attribute": (lambda d: d.password(), '<add key="DbPassword" value="@" />'),
    "env_docker": (lambda d: d.password(), "ENV MYSQL_ROOT_PASSWORD @"),
    "compose": (lambda d: d.password(), "      - POSTGRES_PASSWORD=@"),
    "properties_token": (lambda d: d.mixed(28), "github.oauth.token: @"),
}  # fmt: skip


def held_back(seed: int) -> list[Planted]:
    """Return one secret of every kind."""
    assert not set(MORE_KINDS) & set(KINDS)
    return plant(MORE_KINDS, seed)


def more_hard_negatives(seed: int) -> list[str]:
    """Return lines that hold no secret, though a scanner may think so."""
    d = Draw(seed)
    return [
        # Lock files and what pins a version.
        f"github.com/stretchr/testify v1.9.0 h1:{d.base64(32)}",
        f'checksum = "{d.hex(64)}"',
        f'"integrity": "sha1-{d.base64(20)}"',
        f'{{file = "attrs-23.2.0.tar.gz", hash = "sha256:{d.hex(64)}"}}',
        f'sha256 = "{d.of("0123456789abcdfghijklmnpqrsvwxyz", 52)}";',
        f'<sha256 value="{d.hex(64)}" origin="Generated by Gradle"/>',
        f'<script src="app.js" integrity="sha384-{d.base64(48)}" crossorigin="anonymous"></script>',
        f"uses: actions/checkout@{d.hex(40)} # v4.1.1",
        f"- repo: https://github.com/psf/black\n  rev: {d.hex(40)}",
        f"FROM python:3.12@sha256:{d.hex(64)}",
        f"  revision: {d.hex(40)}",
        # Names of things.
        f"<ProjectGuid>{{{d.uuid().upper()}}}</ProjectGuid>",
        f'[assembly: Guid("{d.uuid()}")]',
        f"arn:aws:iam::{d.of(DIGITS, 12)}:role/deploy-2024",
        f'instance_id = "i-{d.hex(17)}"',
        f"web-{d.hex(9)}-{d.of(LOWER + DIGITS, 5)}   1/1   Running",
        f'traceparent: "00-{d.hex(32)}-{d.hex(16)}-01"',
        f'ETag: W/"{d.hex(32)}"',
        f"GTM-{d.of(UPPER + DIGITS, 7)}",
        f'mac = "{":".join(d.hex(2) for _ in range(6))}"',
        f'const queryKey = ["orders", "{d.uuid()}"];',
        f'blobSha: "{d.hex(40)}"',
        f"data-testid=\"token-row-{d.hex(8)}\"",
        # What is meant to be public.
        f'dsn = "https://{d.hex(32)}@o123456.ingest.sentry.io/42"',
        f'"sitekey": "6L{d.mixed(38, B64URL)}"',
        'publishableKey: "pk_te' + f'st_{d.mixed(24)}"',
        f'-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n{d.of(ALNUM, 64)}\n-----END PGP PUBLIC KEY BLOCK-----',
        f"PublicKey = {d.base64(32)}",
        f"|1|{d.base64(20)}|{d.base64(20)} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{d.of(ALNUM, 43)}",
        f'signature: "{d.base64(70)}"',
        f'"n": "{d.of(B64URL, 342)}", "e": "AQAB"',
        "aws_access_key_id = AKIA" + "IOSFODNN7EXAMPLE",
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        # Vectors of standards, and what tests make up.
        'key = "000102030405060708090a0b0c0d0e0f"',
        'key = bytes.fromhex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b")',
        f'assert sha256(b"abc").hexdigest() == "{d.hex(64)}"',
        f'expected_digest: "{d.base64(32)}"',
        'password = "correct horse battery staple"',
        'login("alice", "wonderland")',
        'auth=("user", "pass")',
        "docker login -u $USER -p $PASSWORD registry.corp.net",
        'jwt.sign(payload, process.env.JWT_SECRET)',
        'requests.get(url, auth=(user, token))',
        'client.login(username="testuser", password="testpass123")',
        # Code that handles secrets.
        'api_key: str = Field(min_length=32, alias="X-API-Key-V2")',
        '"password": {"type": "string", "minLength": 8, "pattern": "^[A-Za-z0-9]{8,}$"}',
        "access_token=$(curl -s https://id.corp.net/token | jq -r .access_token)",
        "secretKeyRef: {name: db-creds-v2, key: password}",
        "password: {{ .Values.db.password | b64enc }}",
        "DATABASE_PASSWORD=%(DB_PASS)s",
        "key_file = /etc/ssl/private/server-2024.key",
        'token_endpoint = "https://login.corp.net/oauth2/v2.0/token"',
        'tokenizer = "bert-base-uncased-v2-384"',
        'KEYBOARD_LAYOUT_KEY = "QWERTZ_DE_105"',
        'password_field = "user_password_v2"',
        'throw new Error("password must have 8 to 64 characters");',
        'secret = vault.read("secret/data/prod/db-2")["password"]',
        'export const AUTH_ROUTE = "/api/v2/auth/callback";',
        'i18n.t("settings.password.reset_2fa_title")',
        'with self.assertRaisesMessage(ValueError, "bad token at 12:34"):',
    ]
