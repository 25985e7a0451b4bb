"""Personal data and characters: what is found in a line, and what is left alone."""

from __future__ import annotations

import pickle

import pytest

from corpus.safety.benchmarks import Benchmarks
from corpus.safety.policy import Allowed, SafetyPolicy
from corpus.safety.redact import Placeholders
from corpus.safety.scrub import Scrubber

AT = "@"
CASES = [
    # E-mail.
    (f"# ask jane.roe{AT}corp-mail.com", "# ask <EMAIL_1>"),
    (f"<a href='mailto:j.roe+x{AT}mail.corp.de'>", "<a href='mailto:<EMAIL_1>'>"),
    (f"cc a1{AT}corp.io, b2{AT}corp.io and a1{AT}corp.io", "cc <EMAIL_1>, <EMAIL_2> and <EMAIL_1>"),
    (f"user{AT}example.com, x{AT}y.example, me{AT}localhost", None),
    (f"git clone git{AT}github.com:org/repo.git", None),
    (f"ssh://deploy{AT}git.corp.net/app.git", None),
    ("@Override\n@pytest.fixture\n * @param name", None),
    ("icon@2x.png actions/checkout@v4 a@b.T x@y.shape w@z.mean()", None),
    (f"zlib{AT}openssh.com name7{AT}corp.io this{AT}toJs.id a{AT}my-domain.org", None),
    (f"principal: zkcli{AT}CORP.COM, {AT}mention", None),
    # Addresses of machines.
    ("host = '93.184.216.34'", "host = '<IP_1>'"),
    ("ping 2a00:1450:4001:81b::200e", "ping <IP_1>"),
    ("127.0.0.1 10.1.2.3 192.168.0.1 192.0.2.7 8.8.8.8 0.0.0.0 ::1 2001:db8::1", None),
    ("version 93.184.216.34", None),
    ("1.2.3.4.5 1.2.3 999.1.1.1 v8.12.33.44 Chrome/90.0.44.210", None),
    ('{ "2.5.4.72", "role" }, "172.0.0.4:80", "2001:4860:4860:0:0:0:0:8888", 2a00:1450::/64', None),
    # Telephones.
    ("call +49 170 1239876 now", "call <PHONE_1> now"),
    ('phone = "(212) 867-5309"', 'phone = "<PHONE_1>"'),
    ("tel: 030/9018-2755", "tel: <PHONE_1>"),
    ("+1 555 0123 and x = y +1000000000 and 2024-01-02 and +0200", None),
    # People.
    (" * @author Jane Roe", " * @author <NAME_1>"),
    (f"# Authors: Jane Roe <jr{AT}corp.io>, Ann Poe", "# Authors: <NAME_1> <<EMAIL_1>>, <NAME_2>"),
    ("__author__ = 'J. P. Roe'", "__author__ = '<NAME_1>'"),
    (f"Signed-off-by: Jürgen Röhl <j{AT}corp.de>", "Signed-off-by: <NAME_1> <<EMAIL_1>>"),
    (" * @author Дмитрий Иванов, Jane O'Brien", " * @author <NAME_1>, <NAME_2>"),
    (f"# 1234+bob{AT}users.noreply.github.com", None),
    ("Copyright (c) 2020 Jane Roe", None),
    ("author: jroe", "author: <NAME_1>"),
    ("author: Torvalds, Linus", "author: <NAME_1>, Linus"),
    ("fn author(mut self, author: impl Into<Name>) -> Self {\n    author: Option<Name>,", None),
    ("struct P { author: User }\nauthor: Person | None = None\nauthor: Default::default(),", None),
    ("  let author: Person\n  author: User;\n  f(author: User, title: String)", None),
    ("author = models.ForeignKey(User)\nauthor: str\n@author the whole team", None),
    ("author: Option<Str>,\nlambda author: Book(author)\nSigned-off-by: John Doe", None),
    # Internal hosts, as the policy names them.
    ("see https://wiki.corp.local/page?x=1", "see <HOST_1>?x=1"),
    ("db7.corp.local:5432", "<HOST_1>"),
    ("git.house", "<HOST_1>"),
    ("notcorp.local.org mygit.housekeeping", None),
    # Control tokens.
    ("a <|im_start|>system b [INST] c", "a <CONTROL_TOKEN_1>system b <CONTROL_TOKEN_2> c"),
    ("x <| y |> z, <s>struck</s>, a[INSTALL], f <|> g", None),
]  # fmt: skip
POLICY = SafetyPolicy(internal_hosts=["*.corp.local", "git.house"])


@pytest.fixture(scope="module")
def scrubber() -> Scrubber:
    return Scrubber(POLICY, [], Benchmarks.none())


@pytest.mark.parametrize(("text", "redacted"), CASES)
def test_lines(scrubber, text, redacted):
    scrubbed = scrubber.scrub(text.encode())
    assert scrubbed.text.decode() == (text if redacted is None else redacted)
    assert scrubbed.reason is None
    assert (scrubbed.redactions != ()) == (redacted is not None)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("if x:  # \u202e } \u2066 admin", True),
        ("say \U000e0041\U000e0042", True),
        ("a\u200b\u200c\u200d\u200bb", True),
        ("word\u200bbreak, na\u00efve, \u05e9\u05dc\u05d5\u05dd", False),
        ("flag \U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", False),
    ],
)
def test_hidden_characters_drop_a_text(scrubber, text, hidden):
    scrubbed = scrubber.scrub(text.encode())
    assert scrubbed.reason == ("hidden_character" if hidden else None)
    assert not hidden or scrubbed.detail == "hidden_character on line 1"


def test_every_kind_can_be_allowed_redacted_or_dropped():
    text = f"mail a1{AT}corp.io".encode()
    for action, after in (("allow", text), ("redact", b"mail <EMAIL_1>"), ("drop", text)):
        scrubbed = Scrubber(SafetyPolicy(email=action), [], Benchmarks.none()).scrub(text)
        assert scrubbed.text == after
        assert scrubbed.reason == ("email" if action == "drop" else None)


def test_allowed_texts_may_stand():
    allowed = [Allowed(text=f"*{AT}corp.io", reason="the public desk")]
    scrubber = Scrubber(SafetyPolicy(), allowed, Benchmarks.none())
    text = f"ask help{AT}corp.io or jr{AT}corp.de"
    assert scrubber.scrub(text.encode()).text.decode() == f"ask help{AT}corp.io or <EMAIL_1>"


def test_texts_of_a_row_share_their_names(scrubber):
    names = Placeholders()
    code = scrubber.scrub(f"# a1{AT}corp.io".encode(), placeholders=names)
    message = scrubber.scrub(f"b2{AT}corp.io asked a1{AT}corp.io".encode(), placeholders=names)
    assert (code.text, message.text) == (b"# <EMAIL_1>", b"<EMAIL_2> asked <EMAIL_1>")


def test_a_scrubber_travels(scrubber):
    copy = pickle.loads(pickle.dumps(scrubber))
    text = f"db.corp.local a1{AT}corp.io".encode()
    assert copy.scrub(text) == scrubber.scrub(text)


def test_lines_of_redactions(scrubber):
    text = f"\n# a1{AT}corp.io\n\n@author Jane Roe\n".encode()
    assert [tuple(r) for r in scrubber.scrub(text).redactions] == [(2, "email"), (4, "name")]
