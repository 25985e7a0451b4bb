"""Results of earlier builds, by the fingerprint of all that they were made from.

An entry is a folder of Arrow files and a list of them. It appears by a rename, so it is there whole
or not at all; what the disk has torn since is told by the digests on the list. Builds link those
files of an entry that they read into their own folder and never change them, so that any number of
builds can share a cache.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp, mkstemp

import platformdirs
from filelock import FileLock, Timeout
from xxhash import xxh3_128

from corpus.errors import OutputError
from corpus.sources.folder import CACHE_TAG
from corpus.store import Store

# The signature by which backups, and plain folders that are read, know a cache:
# https://bford.info/cachedir/
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# made by tunesmith\n"
_LIST = "entry.json"
_TRASH = "trash-"

Files = Mapping[tuple[str, int], "File"]
"""What an entry holds, by table and by shard, which counts from 0 within the entry."""


@dataclass(frozen=True, slots=True)
class File:
    """A shard of a table: how many rows it has, and the digest (XXH3, 128 bits) of its bytes."""

    rows: int
    digest: str


class LostError(OutputError):
    """What a build was to read from the cache is gone, or torn."""


def default_root() -> Path:
    """Return the platform's folder for caches, or what TUNESMITH_CACHE says instead."""
    return Path(os.environ.get("TUNESMITH_CACHE") or platformdirs.user_cache_path("tunesmith"))


def digest_of(path: str) -> str:
    """Return the digest of a file's bytes. Raises OSError."""
    digest = xxh3_128()
    block = memoryview(bytearray(1 << 18))
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - half the cost
        while count := file.readinto(block):
            digest.update(block[:count])
    return digest.hexdigest()


@dataclass(frozen=True)
class Cache:
    """A folder of entries, shared by all builds that are given it."""

    root: Path

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Turn what goes wrong in writing here into OutputError."""
        try:
            yield
        except OSError as error:
            raise OutputError(
                f"cannot write to the cache {self.root}: {error.strerror or error}. "
                "Make room there, or name another folder with --cache; what is done is kept"
            ) from error

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Yield a folder for a build's tables, beside the entries, that is gone when the build is.

        Its lock is held meanwhile: by that the next build tells what a killed one left behind.
        """
        builds = self.root / "builds"
        with self.writing():
            builds.mkdir(parents=True, exist_ok=True, mode=0o700)
            (self.root / CACHE_TAG).write_text(_TAG, "utf-8")
            for left in builds.glob("*.lock"):
                _sweep(left)
            handle, name = mkstemp(suffix=".lock", dir=builds)
            os.close(handle)
        lock = Path(name)
        folder = lock.with_suffix("")
        with FileLock(lock):
            try:
                with self.writing():
                    folder.mkdir()
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
                lock.unlink(missing_ok=True)

    def find(self, key: str) -> Files | None:
        """Return what an entry says it holds; None if there is none."""
        entry = self._path(key)
        try:
            with open(f"{entry}/{_LIST}", "rb") as listed:  # noqa: PTH123 - half the cost
                found = {(table, at): File(*file) for table, at, *file in json.load(listed)}
            os.utime(entry)  # it was of use: pruning takes the others first
        except FileNotFoundError:
            return None
        except (ValueError, TypeError):  # a list that is torn
            self._throw_away(Path(entry))
            return None
        return found

    def take(self, key: str, table: str, at: int, digest: str, target: str) -> None:
        """Link a file of an entry to ``target``.

        Raises LostError if it is not there any more, or is not what the entry's list says: then the
        entry is thrown away.
        """
        entry = self._path(key)
        with self.writing():
            try:
                _link(f"{entry}/{_name(table, at)}", target)
                if digest_of(target) == digest:
                    return
            except FileNotFoundError:
                pass
            Path(target).unlink(missing_ok=True)  # nothing may be written into what an entry holds
            self._throw_away(Path(entry))
        raise self.lost()

    def size(self, key: str, table: str, at: int) -> int:
        """Return the bytes of a file of an entry. Raises LostError if it is not there any more."""
        try:
            return Path(self._path(key), _name(table, at)).stat().st_size
        except FileNotFoundError:
            raise self.lost() from None

    def keep(self, key: str, files: Files, store: Store, shard: int = 0) -> None:
        """Make an entry of files in ``store``; one that is there already stays."""
        entry = Path(self._path(key))
        if entry.exists():
            return
        entry.parent.mkdir(parents=True, exist_ok=True)
        made = Path(mkdtemp(prefix="new-", dir=entry.parent))
        for table, at in files:
            _link(store.path(table, shard + at), f"{made}/{_name(table, at)}")
        listed = [(*place, file.rows, file.digest) for place, file in files.items()]
        (made / _LIST).write_text(json.dumps(listed), "utf-8")
        try:
            made.rename(entry)
        except OSError:  # another build was quicker
            shutil.rmtree(made, ignore_errors=True)

    def has(self, key: str) -> bool:
        """Tell whether there is such an entry."""
        return Path(self._path(key)).is_dir()

    def prune(self, most: int) -> int:
        """Remove what was of no use for the longest time until ``most`` bytes are left.

        Returns how many bytes went. A build that was to read some of it begins anew.
        """
        sizes = {entry: _size(entry) for entry in self.entries()}
        left = sum(sizes.values())
        before = left
        for entry in sorted(sizes, key=_last_use):
            if left <= most:
                break
            self._throw_away(entry)
            left -= sizes[entry]
        return before - left

    def entries(self) -> Iterator[Path]:
        """Yield the folders of all entries, and what killed builds left of some."""
        return (path for path in self.root.glob("entries/*/*") if path.is_dir())

    def bytes(self) -> int:
        """Return how many bytes the entries take."""
        return sum(map(_size, self.entries()))

    def lost(self) -> LostError:
        """Return what to raise where something that was here is not any more."""
        return LostError(f"what was in the cache {self.root} is not; try it again")

    def _throw_away(self, entry: Path) -> None:
        trash = entry.with_name(f"{_TRASH}{entry.name}")
        with suppress(OSError):  # another build was quicker
            entry.rename(trash)
        shutil.rmtree(trash, ignore_errors=True)

    def _path(self, key: str) -> str:
        return f"{self.root}/entries/{key[:2]}/{key}"


def _sweep(lock: Path) -> None:
    """Clear away the tables of a build that was killed: nobody holds its lock."""
    with suppress(Timeout), FileLock(lock, timeout=0):
        shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
        lock.unlink(missing_ok=True)


def _name(table: str, shard: int) -> str:
    return f"{table}-{shard:06d}.arrow"


def _link(source: str, target: str) -> None:
    """Let a file have a second name; a file system that can't gets a copy."""
    try:
        os.link(source, target)
    except FileExistsError:
        Path(target).unlink()
        _link(source, target)
    except FileNotFoundError:
        if not Path(source).exists():
            raise
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        _link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _size(entry: Path) -> int:
    total = 0
    with suppress(OSError), os.scandir(entry) as files:  # a tenth of the cost of paths
        total = sum(file.stat().st_size for file in files)
    return total


def _last_use(entry: Path) -> float:
    try:
        return entry.stat().st_mtime
    except OSError:
        return 0.0
