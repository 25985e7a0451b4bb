"""Git repos that tests make: one commit after the other, the same files giving the same ids."""

from __future__ import annotations

import subprocess
from pathlib import Path

DATE = "1700000000 +0000"
FILE, SUBMODULE = "100644", "160000"


def make_repo(repo: Path, files: dict[bytes, tuple[str, bytes]]) -> None:
    """Make a repo with one commit that holds ``files``; the same files give the same commit."""
    repo.mkdir(parents=True)
    git(repo, "init", "--quiet", "--initial-branch=main")
    commit(repo, files)
    git(repo, "reset", "--quiet", "--hard")


def commit(repo: Path, files: dict[bytes, tuple[str, bytes]], branch: str = "main") -> str:
    """Add one commit with ``files`` alone to a branch; the working tree is left as it is."""
    head = f"commit refs/heads/{branch}\ncommitter A <a@example.org> {DATE}\ndata 1\nx\n"
    if git(repo, "for-each-ref", f"refs/heads/{branch}"):
        head += f"from refs/heads/{branch}^0\n"
    parts = [f"{head}deleteall\n".encode()]
    for path, (mode, content) in files.items():
        quoted = b"".join(b"\\%03o" % byte for byte in path)
        if mode == SUBMODULE:
            parts.append(b'M 160000 %b "%b"\n' % (content, quoted))
        else:
            parts.append(b'M %b inline "%b"\n' % (mode.encode(), quoted))
            parts.append(b"data %d\n%b\n" % (len(content), content))
    git(repo, "fast-import", "--quiet", "--force", stdin=b"".join(parts))
    return git(repo, "rev-parse", branch).decode().strip()


def git(where: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    """Run git in a folder and return what it printed."""
    done = subprocess.run(
        ["git", "-C", where, *arguments], input=stdin, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout
