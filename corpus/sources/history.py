"""A repo's history as one stream: every commit with its message and the files that it changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, NamedTuple

import git

from corpus.config import History
from corpus.errors import SourceError
from corpus.sources.git import GitSource, reason

_MARK = b"\x01"
_FORMAT = "%x01%H%x00%P%x00%aN%x00%aE%x00%at%x00%B%x00"
_CHUNK = 1 << 20
_FILE_MODES = (b"100644", b"100755")


class FileChange(NamedTuple):
    """A file that a commit changed or added: its path and blob before and after.

    Where git found a rename the paths differ, and the blobs may be one; ``old_blob`` is empty for a
    file that was added.
    """

    old_path: str
    path: str
    old_blob: str
    blob: str


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit with one parent, or none; ``authored_at`` is Unix time.

    ``changed`` are the files that it changed, or moved as they were.
    """

    sha: str
    parent: str
    author: str
    email: str
    authored_at: int
    message: str
    changed: tuple[FileChange, ...]

    @property
    def subject(self) -> str:
        """The message's first line."""
        return self.message.strip().partition("\n")[0].strip()

    @property
    def body(self) -> str:
        """The message from its second line on."""
        return self.message.strip().partition("\n")[2].strip()


def read_commits(source: GitSource, settings: History) -> Iterator[Commit]:
    """Yield the commits that lead to the source's commit, the newest first, merges left out.

    One ``git log`` tells all. A merge's changes are those of the commits that it brings together.
    Where the history is cut off (a shallow clone) the last commit seems to add every file, so
    nothing before it is made up. In a partial clone only exact renames are followed: to find
    others, git would fetch what is missing.
    """
    renames = "-M100%" if is_partial(source) else "-M"
    bounds = [f"--max-count={settings.max_commits}"]
    for name, day in (("since", settings.since), ("until", settings.until)):
        bounds += [f"--{name}={day}T00:00:00Z"] if day else []
    process = git.Git(source.reader.git_dir).execute(
        ["git", "-c", "i18n.logOutputEncoding=UTF-8", "-c", "log.showSignature=false",
         "-c", "diff.renameLimit=400", "log", "--raw", "-z", "--no-abbrev", "--no-merges",
         "--no-color", "--no-ext-diff", "--no-textconv", renames, f"--format={_FORMAT}", *bounds,
         "--end-of-options", str(source.commit), "--", *source.below],
        as_process=True,
    )  # fmt: skip
    try:
        yield from _commits(_tokens(process.stdout))
        process.wait()
    except git.GitCommandError as error:
        raise SourceError(f"the history of {source.where} can't be read: {reason(error)}") from None
    finally:
        process.stdout.close()


def is_partial(source: GitSource) -> bool:
    """Tell whether git would fetch blobs that it lacks."""
    try:
        return bool(
            git.Git(source.reader.git_dir).config("--get-regexp", r"^remote\..*\.promisor$")
        )
    except git.GitCommandError:
        return False


def _tokens(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield what stands between NUL bytes."""
    rest = b""
    while chunk := stream.read(_CHUNK):
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole


def _commits(tokens: Iterator[bytes]) -> Iterator[Commit]:
    """Put the tokens of the log together: six of a commit, then two or three for every file."""
    head: list[str] = []
    changed: list[FileChange] = []
    for token in tokens:
        token = token.lstrip(b"\n")
        if token.startswith(_MARK):
            if head:
                yield _commit(head, changed)
            changed = []
            head = [token[1:].decode(), *(next(tokens).decode("utf-8", "replace") for _ in "12345")]
        elif token.startswith(b":"):
            old_mode, mode, old_blob, blob, status = token[1:].split()
            old_path = path = next(tokens)
            if status[:1] in (b"R", b"C"):
                path = next(tokens)
            is_new = status == b"A"
            if mode in _FILE_MODES and (is_new or old_mode in _FILE_MODES):
                now = _shown(path)
                before = now if path is old_path else _shown(old_path)
                is_changed = old_blob != blob or old_path != path
                if is_changed and before is not None and now is not None:
                    old = "" if is_new else old_blob.decode()
                    changed.append(FileChange(before, now, old, blob.decode()))
    if head:
        yield _commit(head, changed)


def _commit(head: list[str], changed: list[FileChange]) -> Commit:
    sha, parents, author, email, date, message = head
    return Commit(sha, parents.partition(" ")[0], author, email, int(date), message, tuple(changed))


def _shown(path: bytes) -> str | None:
    """Return a path as text; None for one that no row can spell."""
    try:
        return path.decode()
    except UnicodeDecodeError:
        return None
