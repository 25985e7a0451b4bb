"""A repo full of what must not be published, built: nothing of it is in any byte that goes out."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from corpus.languages import LANGUAGES
from corpus.safety.redact import _faults, _parser
from tests.repos import FILE, make_repo
from tests.safety.planted import pieces, planted

AT = "@"
SEED = 21
MIT = """\
MIT License

Copyright (c) 2024 The Shop

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or
substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT
OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""
GPL_HEADER = "# SPDX-License-Identifier: GPL-3.0-only\n"
MAIL, HOST = f"jane.roe{AT}corp-mail.com", "wiki.corp.local"


def _module(number: int, line: str) -> str:
    """Return a documented function with ``line`` in its body, told apart by its number."""
    body = "\n".join(f"    {part}" if part.strip() else "" for part in line.split("\n"))
    return (
        f"def load_{number}(source_{number}):\n"
        f'    """Load part {number} of the settings from a source.\n\n'
        f'    Ask {MAIL}, or see https://{HOST}/page.\n    """\n'
        f"    # {line.splitlines()[0]}\n{body}\n    return source_{number}.part_{number}\n"
    )


@pytest.fixture(scope="module")
def secrets():
    return planted(SEED)


@pytest.fixture(scope="module")
def repo(secrets, tmp_path_factory) -> Path:
    files = {b"LICENSE": MIT.encode()}
    for number, secret in enumerate(secrets):
        if "\n" in secret.line:
            text = f"{secret.line}\n" + _module(number, "pass")
        else:
            text = _module(number, secret.line)
        files[f"src/part_{number}.py".encode()] = text.encode()
    by_kind = {secret.kind: secret for secret in secrets}
    password, token = by_kind["password"].value, by_kind["generic_token"].value
    files[b"web/cart.js"] = (
        f"/** Adds up the cart, as {MAIL} asked for. */\nfunction total(cart) {{\n"
        f"  const auth_token = `{token}`;\n  return cart.sum(auth_token);\n}}\n"
    ).encode()
    files[b"web/view.jsx"] = (
        f"/** Shows whom to ask about a line of the cart. */\nfunction Line(props) {{\n"
        f"  return <p>{MAIL} on {{props.name}}</p>;\n}}\n"
    ).encode()
    files[b"bin/deploy.sh"] = (
        f"# Puts the shop on its server, with the secret of it.\ndeploy() {{\n"
        f"  export DB_PASSWORD={password}\n  ssh shop{AT}{HOST} run\n}}\n"
    ).encode()
    files[b"gpl/theirs.py"] = (GPL_HEADER + _module(900, "pass")).encode()
    files[b"src/trojan.py"] = _module(901, "if source_901:  # \u202e ed").encode()
    files[f"src/{MAIL}/part.py".encode()] = _module(902, "pass").encode()
    made = tmp_path_factory.mktemp("planted") / "app"
    make_repo(made, {name: (FILE, content) for name, content in files.items()})
    return made


@pytest.fixture(scope="module")
def made(repo, tmp_path_factory, build_dataset):
    return build_dataset(
        repo,
        tmp_path_factory.mktemp("built") / "out",
        "safety.internal_hosts=['*.corp.local']",
        "safety.licenses.deny=[GPL-3.0-only]",
        "docs.min_words=1",
    )


def _readable(folder: Path) -> dict[str, str]:
    """Return every file as it lies there, and every table unpacked."""
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        found[name] = path.read_bytes().decode("utf-8", "replace")
        if path.suffix == ".parquet":
            found[f"{name} unpacked"] = json.dumps(pq.read_table(path).to_pylist())
    return found


def test_nothing_is_left_in_any_byte(made, secrets):
    everything = _readable(made.folder)
    left = []
    for secret in secrets:
        for piece in pieces(secret):
            shown = json.dumps(piece)[1:-1]
            left += [
                (secret.kind, name)
                for name, text in everything.items()
                if piece in text or shown in text
            ]
    assert len({kind for kind, _ in left}) <= 0.02 * len(secrets), left[:20]
    published = {name: text for name, text in everything.items() if not name.startswith(".")}
    assert not [name for name, text in published.items() if MAIL in text or HOST in text]


def test_rows_say_what_was_replaced(made, repo):
    rows = {row["name"]: row for row in made.rows("functions")}
    assert len(rows) > 70
    assert set(rows["load_0"]["redactions"]) == {"email", "host", "secret"}
    assert "<EMAIL_1>" in rows["load_0"]["doc"]
    assert rows["load_0"]["license"] == "MIT"
    for row in made.rows("instructions"):
        assert {"email", "host"} & set(row["provenance"]["redactions"])
    # Line for line it is still the file of the commit.
    for row in made.rows("functions"):
        shown = subprocess.run(
            ["git", "-C", repo, "show", f"{row['commit']}:{row['path']}"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        assert row["end_line"] - row["start_line"] == row["code"].count("\n")
        assert shown.splitlines()[row["start_line"] - 1].strip()[:6] == row["code"].strip()[:6]


def test_code_still_parses(made, repo):
    """No file has more faults than before, for the parser that found its functions."""
    for row in made.rows("knowledge"):
        parser = _parser(LANGUAGES[row["language"]])
        before = (repo / row["provenance"]["path"]).read_bytes()
        assert _faults(parser.parse(row["text"].encode())) <= _faults(parser.parse(before))
    texts = {row["provenance"]["path"]: row["text"] for row in made.rows("knowledge")}
    assert "<p>EMAIL_1 on {props.name}</p>" in texts["web/view.jsx"]
    assert "export DB_PASSWORD=SECRET_1" in texts["bin/deploy.sh"]


def test_what_is_dropped_says_why(made):
    why = {row["path"]: (row["reason"], row["detail"]) for row in made.rejects()}
    assert why["gpl/theirs.py"] == ("license", "GPL-3.0-only")
    assert why["src/trojan.py"] == ("hidden_character", "hidden_character on line 6")
    assert why[f"src/{MAIL}/part.py"] == ("email", "in its path")


def test_the_gate_lets_it_pass(made, tunesmith):
    done = tunesmith("check", made.folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert tunesmith("check", made.folder, "--json").stdout == "[]\n"


def test_policy_files(repo, tmp_path, build_dataset, tunesmith):
    """What is allowed stands, and the gate knows; what is at fault is named."""
    (tmp_path / "allowed.yaml").write_text(f"- text: {MAIL}\n  reason: our public desk\n")
    allowed = f"safety.allowed={tmp_path / 'allowed.yaml'}"
    made = build_dataset(repo, tmp_path / "out", allowed, files={"include": ["web/", "bin/"]})
    assert any(MAIL in row["code"] for row in made.rows("functions"))
    assert tunesmith("check", made.folder).returncode == 0
    (tmp_path / "strict.yaml").write_text("safety:\n  email: redact\n")
    strict = tunesmith("check", made.folder, "--pipeline", tmp_path / "strict.yaml")
    assert strict.returncode == 1
    assert "email" in strict.stdout
    assert MAIL not in strict.stdout + strict.stderr
    for setting, says in {
        "safety.email=hide": "safety.email",
        "safety.licenses.allow=[Nonsense-1.0]": "'Nonsense-1.0' is no SPDX expression",
        f"safety.allowed={tmp_path / 'absent'}": "No such file",
        f"safety.benchmarks=[{tmp_path / 'absent'}]": "No such file",
    }.items():
        done = tunesmith("build", "--repo", repo, "--out", tmp_path / "no", "--set", setting)
        assert done.returncode == 2, setting
        assert says in done.stderr
        assert done.stderr.count("\n") == 1


HIDDEN = """class Bills {
  /**
   * Sends the bills to WHOM and waits for an answer.
   *
   * @param count how many bills
   */
  int send(int count) {
    int sent = count * 2;
    return sent;
  }
}
"""

EVERY_FUNCTION = """policies:
  - name: hide_it
    about: '.'
    one_in: 1
    request: "Hide what `{name}` sends."
    refusal: "I won't."
    alternative: "I can log it."
    benign: "What does `{name}` do?"
"""


def _build_bills(tmp_path, build_dataset, whom, task):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "Bills.java").write_text(HIDDEN.replace("WHOM", whom))
    (tmp_path / "mine" / "policy").mkdir(parents=True)
    (tmp_path / "mine" / "policy" / "policies.yaml").write_text(EVERY_FUNCTION)
    settings = [f"tasks=[knowledge, {task}]", f"templates={tmp_path / 'mine'}"]
    return build_dataset(tmp_path / "app", tmp_path / "out", *settings)


@pytest.mark.parametrize("task", ["explain", "policy"])
@pytest.mark.parametrize("hidden", ["&#64;", "&#x40;", "&commat;", "{@literal @}"])
def test_what_is_written_otherwise_than_read_is_redacted(
    tmp_path, build_dataset, tunesmith, task, hidden
):
    made = _build_bills(tmp_path, build_dataset, f"jane.doe{hidden}mail.corp.net", task)
    (row,) = made.rows("functions")
    assert "Sends the bills to <EMAIL_1> and waits" in row["code"]
    assert row["doc_sections"]["summary"].startswith("Sends the bills to <EMAIL_1>")
    assert made.rows("instructions")
    done = tunesmith("check", made.folder)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("task", ["explain", "policy"])
def test_what_markup_hides_is_found_once_it_is_decoded(tmp_path, build_dataset, tunesmith, task):
    """The build is clean by itself: what the gate would refuse is a reject."""
    made = _build_bills(tmp_path, build_dataset, "<b>jane.doe</b>@mail.corp.net", task)
    assert "jane.doe" in made.rows("knowledge")[0]["text"]
    assert not [row for row in made.rows("instructions") if "jane.doe" in str(row)]
    assert {reject["reason"] for reject in made.rejects()} == {"unsafe_text"}
    assert tunesmith("check", made.folder).returncode == 0
