from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from corpus.config import Repo
from corpus.errors import SourceError, UsageError
from corpus.sources import open_sources
from corpus.sources.git import is_url, name_of_url
from tests.repos import FILE, commit, git, make_repo

ONE = {b"pkg/one.py": (FILE, b"def one():\n    return 1\n"), b"top.py": (FILE, b"TOP = 1\n")}
TWO = {b"pkg/one.py": (FILE, b"def one():\n    return 2\n"), b"new.py": (FILE, b"NEW = 1\n")}


@pytest.fixture
def repo(tmp_path):
    """A repo with two commits, the first of them tagged, and a working tree that is neither."""
    made = tmp_path / "acme" / "app"
    make_repo(made, ONE)
    git(made, "tag", "v1")
    commit(made, TWO)
    git(made, "reset", "--quiet", "--hard")
    (made / "pkg" / "one.py").write_text("def dirty(): ...\n")
    (made / "untracked.py").write_text("U = 1\n")
    return made


def _open(tmp_path: Path, *where: str | Path, revision: str | None = None):
    repos = [Repo(where=str(w), revision=revision) for w in where]
    return open_sources(repos, tmp_path / "scratch")


def _content(source) -> dict[str, bytes]:
    entries = list(source.entries())
    contents = source.reader.read([(entry.path, entry.blob_id) for entry in entries])
    return {entry.path: content for entry, content in zip(entries, contents, strict=True)}


def _texts(files: dict[bytes, tuple[str, bytes]]) -> dict[str, bytes]:
    return {path.decode(): content for path, (_, content) in sorted(files.items())}


@pytest.mark.parametrize(
    ("revision", "files"),
    [(None, TWO), ("HEAD", TWO), ("v1", ONE), ("main", TWO), ("main~1", ONE), ("HEAD^{/x}", TWO)],
)
def test_a_revision_is_read_from_the_object_store(repo, tmp_path, revision, files):
    (source,) = _open(tmp_path, repo, revision=revision)
    assert _content(source) == _texts(files)
    assert source.commit == git(repo, "rev-parse", revision or "HEAD").decode().strip()
    assert source.name == "app"


def test_bare_repo_with_and_without_config(repo, tmp_path):
    bare = tmp_path / "bare.git"
    git(repo, "clone", "--quiet", "--bare", ".", str(bare))
    for _ in range(2):
        git(bare, "config", "--unset", "remote.origin.url") if (bare / "config").exists() else None
        (source,) = _open(tmp_path, bare)
        assert _content(source) == _texts(TWO)
        assert source.name == "bare"
        (bare / "config").unlink(missing_ok=True)


def test_git_directory_of_a_working_tree(repo, tmp_path):
    (source,) = _open(tmp_path, repo / ".git")
    assert (source.name, _content(source)) == ("app", _texts(TWO))


def test_linked_worktree(repo, tmp_path):
    git(repo, "worktree", "add", "--quiet", str(tmp_path / "linked"), "v1")
    (source,) = _open(tmp_path, tmp_path / "linked")
    assert _content(source) == _texts(ONE)


def test_sub_folder_keeps_the_paths_of_the_repo(repo, tmp_path):
    (source,) = _open(tmp_path, repo / "pkg")
    assert _content(source) == {"pkg/one.py": TWO[b"pkg/one.py"][1]}
    assert source.name == "app"


def test_untracked_sub_folder_is_a_plain_folder(repo, tmp_path):
    (repo / "loose").mkdir()
    (repo / "loose" / "x.py").write_text("X = 1\n")
    (source,) = _open(tmp_path, repo / "loose")
    assert (source.commit, source.name, _content(source)) == (None, "loose", {"x.py": b"X = 1\n"})


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_both_object_formats(tmp_path, object_format):
    made = tmp_path / "r"
    made.mkdir()
    git(made, "init", "--quiet", f"--object-format={object_format}")
    (made / "a.py").write_text("A = 1\n")
    git(made, "add", ".")
    git(made, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "x")
    (source,) = _open(tmp_path, made)
    assert _content(source) == {"a.py": b"A = 1\n"}


@pytest.mark.parametrize("revision", [None, "v1", "main"])
def test_url_is_cloned(repo, tmp_path, revision):
    (source,) = _open(tmp_path, f"file://{repo}", revision=revision)
    assert _content(source) == _texts(ONE if revision == "v1" else TWO)
    assert source.name == "app"


@pytest.mark.parametrize("damage", ["truncated", "absent", "overwritten"])
def test_a_blob_that_the_store_has_lost_costs_no_other(repo, tmp_path, damage):
    lost = git(repo, "rev-parse", "HEAD:new.py").decode().strip()
    git(repo, "unpack-objects", "-q", stdin=_pack(repo))
    loose = repo / ".git" / "objects" / lost[:2] / lost[2:]
    loose.chmod(0o644)
    content = loose.read_bytes()
    loose.unlink()
    if damage != "absent":
        loose.write_bytes(content[:20] if damage == "truncated" else b"rubbish" * 5)
    (source,) = _open(tmp_path, repo)
    assert _content(source) == {"new.py": None, "pkg/one.py": TWO[b"pkg/one.py"][1]}


def _pack(repo: Path) -> bytes:
    """Take the packs away and return all that was in them."""
    folder = repo / ".git" / "objects" / "pack"
    packs = [pack.read_bytes() for pack in folder.glob("*.pack")]
    if not packs:
        return git(repo, "pack-objects", "--all", "--stdout")
    shutil.rmtree(folder)
    assert len(packs) == 1
    return packs[0]


def test_the_environment_of_a_git_hook_does_not_lead_elsewhere(repo, tmp_path, monkeypatch):
    make_repo(tmp_path / "other", {b"other.py": (FILE, b"O = 1\n")})
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    (source,) = _open(tmp_path, repo)
    assert set(_content(source)) == {"pkg/one.py", "new.py"}


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://example.org/team/app.git", "example.org/team/app"),
        ("https://example.org/team/app/", "example.org/team/app"),
        ("https://example.org:8443/team/app", "example.org/team/app"),
        ("https://user:pass@example.org/team/app.git", "example.org/team/app"),
        ("https://token@example.org/team/app.git", "example.org/team/app"),
        ("https://user:p@ss@example.org/team/app.git", "example.org/team/app"),
        ("https://example.org/team/app.git?private_token=secret", "example.org/team/app"),
        ("https://example.org/team/app#secret", "example.org/team/app"),
        ("ssh://git@example.org:22/team/app.git", "example.org/team/app"),
        ("git@example.org:team/app.git", "example.org/team/app"),
        ("example.org:team/app.git", "example.org/team/app"),
        ("git://example.org/app", "example.org/app"),
        ("file:///srv/git/app.git", "app"),
        ("/srv/git/app.git", None),
        ("../app", None),
        ("app", None),
    ],
)
def test_name_of_url(url, name):
    assert name_of_url(url) == name


@pytest.mark.parametrize(
    ("where", "expected"),
    [("https://example.org/x", True), ("git@example.org:x/y", True), ("file:///x", True),
     ("ssh://h/x", True), ("/srv/x", False), ("./a:b", False), ("x", False), ("..", False)],
)  # fmt: skip
def test_is_url(where, expected):
    assert is_url(where) is expected


def test_origin_names_a_repo(repo, tmp_path):
    git(repo, "remote", "add", "origin", "git@example.org:acme/app.git")
    (source,) = _open(tmp_path, repo)
    assert source.name == "example.org/acme/app"


def test_local_origin_does_not(repo, tmp_path):
    git(repo, "remote", "add", "origin", "/home/somebody/secret/app")
    (source,) = _open(tmp_path, repo)
    assert source.name == "app"


def test_equal_folder_names_are_told_apart(tmp_path):
    where = [tmp_path / "x" / "lib" / "app", tmp_path / "y" / "lib" / "app", tmp_path / "z" / "app"]
    for path in where:
        make_repo(path, ONE)
    names = [source.name for source in _open(tmp_path, *where)]
    assert len(set(names)) == 3
    assert all(name.endswith("app") for name in names)
    assert names == ["x/lib/app", "y/lib/app", "z/app"]


def test_same_repo_twice(repo, tmp_path):
    with pytest.raises(UsageError, match="named twice"):
        _open(tmp_path, repo, repo)


# ---------------------------------------------------------------- what cannot be opened


def test_faults(repo, tmp_path):
    (tmp_path / "empty").mkdir()
    git(tmp_path / "empty", "init", "--quiet")
    (tmp_path / "plain").mkdir()
    (tmp_path / "file").touch()
    bare = f"file://{repo}"
    faults = [
        (repo, "nope", UsageError, f"{repo} has no revision 'nope'"),
        (repo, "--help", UsageError, f"{repo} has no revision '--help'"),
        (repo, "HEAD:new.py", UsageError, f"{repo} has no revision 'HEAD:new.py'"),
        (tmp_path / "empty", None, SourceError,
         f"{tmp_path / 'empty'} is a git repo without commits: commit something first"),
        (tmp_path / "plain", "v1", UsageError,
         f"{tmp_path / 'plain'} is not a git repo, so it has no revision 'v1'"),
        (tmp_path / "absent", None, UsageError, f"{tmp_path / 'absent'} does not exist"),
        (tmp_path / "file", None, UsageError,
         f"{tmp_path / 'file'} is a file: name the repo or folder that holds it"),
        (bare, "nope", UsageError, f"{bare} has no revision 'nope'"),
        (f"file://{tmp_path / 'empty'}", None, SourceError,
         f"file://{tmp_path / 'empty'} is a git repo without commits: commit something first"),
    ]  # fmt: skip
    for number, (where, revision, kind, message) in enumerate(faults):
        with pytest.raises(kind) as fault:
            _open(tmp_path / str(number), where, revision=revision)
        assert str(fault.value) == message


@pytest.mark.parametrize(
    "url",
    [
        "https://user:hunter2@127.0.0.1:9/x.git",
        "ext::sh -c 'echo hunter2'",
        "file:///nowhere/at/all",
    ],
)
def test_what_cannot_be_cloned(tmp_path, url):
    with pytest.raises((SourceError, UsageError)) as fault:
        _open(tmp_path, url)
    assert "\n" not in str(fault.value)
    assert "user:hunter2" not in str(fault.value)
