"""What an address may carry, a user and a password, is not written anywhere."""

from __future__ import annotations

import shutil

import pytest

from tests.repos import git

SECRET = "hunter2-sesame"


def _everything(folder) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "origin",
    [
        f"https://user:{SECRET}@example.org/team/app.git",
        f"https://{SECRET}@example.org/team/app.git",
        f"https://user:with@{SECRET}@example.org/team/app.git",
        f"https://example.org/team/app.git?private_token={SECRET}",
        f"ssh://git:{SECRET}@example.org:22/team/app.git",
    ],
)
def test_origin_of_a_working_tree(shop, tmp_path, build_dataset, origin):
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(shop), str(clone))
    git(clone, "remote", "set-url", "origin", origin)
    made = build_dataset(clone, tmp_path / "out", files={"include": ["go/"]})
    assert {row["repo"] for row in made.rows("functions")} == {"example.org/team/app"}
    assert SECRET.encode() not in _everything(tmp_path / "out")
    assert SECRET not in str(made.summary)
    # As it stands in compressed columns too:
    for configuration in ("functions", "knowledge", "instructions"):
        assert SECRET not in str(made.rows(configuration))
    assert SECRET not in str(made.rejects())


def test_address_given_on_the_command_line(shop, tmp_path, tunesmith, monkeypatch):
    """Git is told to find the address in a folder, so that a real clone needs no net."""
    shutil.copytree(shop / ".git", tmp_path / "team" / "app.git")
    config = tmp_path / "gitconfig"
    config.write_text(
        f'[url "file://{tmp_path}/team/"]\n insteadOf = https://u:{SECRET}@h.org/team/\n'
    )
    url = f"https://u:{SECRET}@h.org/team/app.git"
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    runs = {
        "ok": [url],
        "twice": [url, url],
        "revision": [url, "--revision", "nope"],
        "typo": [url.replace("app.git", "absent.git")],
    }
    for name, arguments in runs.items():
        out = tmp_path / "datasets" / name
        done = tunesmith("build", "--out", out, "--workers", "1", "--repo", *arguments)
        assert done.returncode == (0 if name == "ok" else done.returncode or -1)
        assert SECRET not in done.stdout + done.stderr, name
        assert name == "ok" or done.stderr.count("\n") == 1
    assert SECRET.encode() not in _everything(tmp_path / "datasets")
    assert "h.org/team/app" in (tmp_path / "datasets" / "ok" / "README.md").read_text()
