"""Secrets everywhere in a repo with a history; then every byte that its build leaves or says."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.history.story import CART, LABEL_FIXED, TOTAL_FIXED, Story
from tests.safety.planted import Planted, pieces, planted

FIX = (
    "Fix wrong total of an order with empty lines\n\nAn order with a line of no items was charged."
)
TEST = (
    "from shop.cart import total\n\n\ndef test_total():\n    assert total([(0, 5.0)], 0.0) == 0\n"
)


def _all_of(secrets: list[Planted], before: str) -> str:
    return "\n".join(f"{before}{part}" for s in secrets for part in s.line.split("\n"))


@pytest.fixture(scope="module")
def secrets() -> list[Planted]:
    return planted(31)


@pytest.fixture(scope="module")
def repo(secrets, tmp_path_factory) -> Path:
    """Return a repo with secrets in code, in docs, in a test and in what commits say."""
    story = Story(tmp_path_factory.mktemp("leaky") / "repo")
    code = "".join(
        f'\n\ndef use_{n}(client_{n}):\n    """Log in to service {n} once: `{s.line}`.\n    """\n'
        f"    # {s.line}\n    return client_{n}.open_{n}()\n"
        for n, s in enumerate(secrets)
        if "\n" not in s.line
    )
    test = f'{TEST}\n\nGIVEN = """\n{_all_of(secrets, "")}\n"""\n'
    first = {"shop/cart.py": CART, "shop/logins.py": code, "tests/test_cart.py": test}
    story.commit(f"Add a shop\n\n{_all_of(secrets, '')}", first)
    story.commit(f"{FIX}\n\n{_all_of(secrets, '')}", {"shop/cart.py": TOTAL_FIXED})
    leaky = LABEL_FIXED + "\n\n" + _all_of(secrets[:20], "# ") + "\n"
    story.commit("fix: crash on orders without customer", {"shop/cart.py": leaky})
    return story.repo


def _read(folder: Path) -> dict[str, str]:
    found = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        found[str(path)] = path.read_bytes().decode("utf-8", "replace")
        if path.suffix == ".parquet":
            found[f"{path} unpacked"] = json.dumps(pq.read_table(path).to_pylist(), default=str)
    return found


# What a cache holds of history before it is scanned: the repo's own text, for nobody else's eyes.
_NOT_YET_SCANNED = ("changes-", "change_kinds-", "commits-", "test_changes-")


def _is_scanned(path: Path) -> bool:
    return path.suffix == ".arrow" and not path.name.startswith(_NOT_YET_SCANNED)


def test_no_byte_of_them_is_left(repo, secrets, tmp_path, tmp_path_factory, process):
    out, cache = tmp_path / "out", tmp_path_factory.mktemp("cache")
    said = {}
    for command in (
        ("build", "--repo", repo, "--out", out, "--workers", "1", "--cache", cache),
        ("check", out),
        ("report", out),
        ("show", out),
        ("publish", out, str(tmp_path / "there")),
    ):
        done = process(*command)
        assert done.returncode == 0, done.stderr
        said[f"what {command[0]} says"] = done.stdout + done.stderr
    kept = {str(p): p.read_bytes().decode("utf-8", "replace") for p in cache.rglob("*.arrow")
            if _is_scanned(p)}  # fmt: skip
    assert len(kept) > 20
    assert all(entry.stat().st_mode & 0o077 == 0 for entry in cache.glob("entries/*/*"))
    everything = {**said, **_read(tmp_path), **kept}
    assert any("changes" in name for name in everything)
    assert any("<SECRET_1>" in text for text in everything.values())
    left = [
        (secret.kind, name)
        for secret in secrets
        for piece in pieces(secret)
        for name, text in everything.items()
        if piece in text or json.dumps(piece)[1:-1] in text
    ]
    assert left == []
