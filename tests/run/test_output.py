"""The dataset folder appears whole or not at all."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from corpus.errors import OutputError, UsageError
from corpus.run.output import output_folder

FUNCTION = 'def f{0}(value):\n    """Return value {0}."""\n    return value, {0}\n'
NEW = b"new"


def _make(out: Path, *, overwrite: bool = False) -> None:
    with output_folder(out, overwrite=overwrite) as folder:
        (folder / "manifest.json").write_bytes(b'{"format": 1, "versions": {"tunesmith": "0"}}')
        (folder / "data").write_bytes(NEW)


@pytest.fixture
def out(tmp_path):
    return tmp_path / "parent" / "out"


@pytest.fixture
def old(out, shop_dataset):
    """A dataset of before, at ``out``."""
    _make(out)
    (out / "data").write_bytes(b"old")
    return out


def test_new_folder(out):
    _make(out)
    assert (out / "data").read_bytes() == NEW
    assert list(out.parent.iterdir()) == [out]


def test_existing_folder_is_refused(old):
    with pytest.raises(UsageError, match=r"exists: name another --out, or .* --overwrite"):
        _make(old)
    assert (old / "data").read_bytes() == b"old"


def test_existing_dataset_is_overwritten(old):
    _make(old, overwrite=True)
    assert (old / "data").read_bytes() == NEW
    assert list(old.parent.iterdir()) == [old]


def test_empty_folder_is_overwritten(out):
    out.mkdir(parents=True)
    _make(out, overwrite=True)
    assert (out / "data").read_bytes() == NEW


@pytest.mark.parametrize(
    "files",
    [
        {"thesis.tex": "years of work"},
        {"manifest.json": '{"manifest_version": 3, "name": "a browser extension"}', "a.js": "x"},
        {"manifest.json": "not even JSON"},
        {"manifest.json": "[]"},
    ],
)
def test_what_is_no_dataset_is_never_overwritten(out, files):
    out.mkdir(parents=True)
    for name, text in files.items():
        (out / name).write_text(text)
    with pytest.raises(UsageError, match="is not a dataset folder"):
        _make(out, overwrite=True)
    assert {path.name: path.read_text() for path in out.iterdir()} == files


def test_a_file_is_never_overwritten(out):
    out.parent.mkdir()
    out.write_text("mine")
    with pytest.raises(UsageError):
        _make(out, overwrite=True)
    assert out.read_text() == "mine"


def test_link_to_a_dataset(old):
    """The dataset that a link leads to is replaced, or the link is; nothing is left lying about."""
    link = old.parent / "link"
    link.symlink_to(old)
    _make(link, overwrite=True)
    assert (link / "data").read_bytes() == NEW
    assert {path.name for path in old.parent.iterdir()} == {"out", "link"}


def test_fault_leaves_the_old_one(old):
    with pytest.raises(ZeroDivisionError), output_folder(old, overwrite=True) as folder:
        (folder / "half").write_text(str(1 / 0))
    assert (old / "data").read_bytes() == b"old"
    assert list(old.parent.iterdir()) == [old]


def test_fault_leaves_no_new_parents(tmp_path):
    with (
        pytest.raises(ZeroDivisionError),
        output_folder(tmp_path / "a" / "b" / "out", overwrite=False),
    ):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def _dead_pid() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    return process.pid


@pytest.mark.parametrize("name", ["out", "out[1]", "o*t", "-out", "ö ut"])
def test_leftovers_of_killed_builds_are_swept(tmp_path, name):
    dead, running = _dead_pid(), os.getppid()
    for kind, pid in (("building", dead), ("old", dead), ("building", running)):
        left = tmp_path / f".{name}.{kind}-{pid}"
        left.mkdir()
        (left / "data").write_text(kind)
    others = [tmp_path / f".{name}.building-x", tmp_path / f".another.building-{dead}"]
    for other in others:
        other.mkdir()
    (tmp_path / name).mkdir()
    _make(tmp_path / name, overwrite=True)
    assert set(tmp_path.iterdir()) == {
        tmp_path / name, tmp_path / f".{name}.building-{running}", *others
    }  # fmt: skip


def test_own_leftovers_are_swept(out):
    """In a container the next build often has the same process id as the one that was killed."""
    left = out.parent / f".{out.name}.building-{os.getpid()}"
    (left / ".tunesmith").mkdir(parents=True)
    (left / "stale").touch()
    _make(out)
    assert {path.name for path in out.iterdir()} == {".tunesmith", "manifest.json", "data"}


def test_killed_between_two_renames(old):
    """The old dataset was moved away, the new one not yet in place."""
    old.rename(old.parent / f".out.old-{_dead_pid()}")
    with pytest.raises(UsageError):  # it is back, so it is not overwritten unasked
        _make(old)
    assert (old / "data").read_bytes() == b"old"


# ---------------------------------------------------------------- real builds


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """A plain folder that takes some seconds to build, in several shards."""
    folder = tmp_path_factory.mktemp("many") / "many"
    folder.mkdir()
    for number in range(26):
        lines = "".join(f"{number} pads {i} so that a shard is full\n" for i in range(9000))
        functions = (FUNCTION.format(f"{number}_{i}") for i in range(100))
        text = "\n".join([*functions, f'X = """{lines}"""\n'])
        (folder / f"m{number}.py").write_text(text)
    return folder


def _start(many: Path, out: Path, workers: int, **options) -> subprocess.Popen[str]:
    command = Path(sys.executable).with_name("tunesmith")
    arguments = [command, "build", "--repo", many, "--out", out, "--workers", str(workers)]
    return subprocess.Popen(
        [*arguments, "--overwrite", "--quiet"], text=True, stderr=subprocess.PIPE, **options
    )


def _until(condition, seconds: float = 20) -> bool:
    for _ in range(int(seconds * 50)):
        if condition():
            return True
        time.sleep(0.02)
    return False


def _processes(word: str) -> list[int]:
    """Return the processes whose command line, environment or folder names ``word``."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            said = (process / "environ").read_bytes()
        except OSError:
            continue
        if word.encode() in said:
            found.append(int(process.name))
    return found


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize(
    ("sent", "workers"),
    [(signal.SIGKILL, 1), (signal.SIGKILL, 2), (signal.SIGTERM, 2), (signal.SIGINT, 2)],
)
def test_a_build_that_is_killed(many, old, request, sent, workers):
    mark = f"TUNESMITH_TEST={old}"
    environment = {**os.environ, "TUNESMITH_TEST": str(old)}
    request.addfinalizer(lambda: [os.kill(pid, signal.SIGKILL) for pid in _processes(mark)])
    process = _start(many, old, workers, env=environment, start_new_session=True)
    builds = Path(os.environ["TUNESMITH_CACHE"], "builds")
    stages = "stages/files" if workers == 1 else "stages/blobs"
    assert _until(lambda: any(builds.glob(f"*/{stages}")))
    # The builder, what starts workers, what counts the things that they share, and a worker.
    assert _until(lambda: len(_processes(mark)) >= (4 if workers > 1 else 1))
    if sent == signal.SIGINT:
        assert _until(lambda: len(list(builds.glob("*/stages/*.note"))) >= workers)
    # Ctrl-C reaches every process of the terminal, kill only the one that is named.
    (os.killpg if sent == signal.SIGINT else os.kill)(process.pid, sent)
    process.wait(timeout=20)
    assert _until(lambda: not _processes(mark), 10), "workers outlive the build"
    _, said = process.communicate(timeout=20)
    assert process.returncode == (130 if sent == signal.SIGINT else -sent)
    assert {path.name for path in old.iterdir()} == {".tunesmith", "manifest.json", "data"}
    assert (old / "data").read_bytes() == b"old"
    assert "Traceback" not in said
    if sent == signal.SIGINT:
        assert list(old.parent.iterdir()) == [old]
        assert said == "tunesmith: interrupted; nothing was written\n"
    _make(old, overwrite=True)
    assert list(old.parent.iterdir()) == [old]


def test_files_may_not_grow(many, old):
    """What a full disk does, for those who may not mount one."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    process = _start(many, old, 1, preexec_fn=limit)
    _check_refusal(process, old, f"to the cache {os.environ['TUNESMITH_CACHE']}")
    assert list(old.parent.iterdir()) == [old]


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(("full", "size"), [("cache", "1m"), ("out", "64k")])
def test_the_disk_is_full(many, tmp_path, workers, full, size, monkeypatch):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only who may mount a small file system can fill it")
    out = (disk if full == "out" else tmp_path) / "out"
    if full == "cache":
        monkeypatch.setenv("TUNESMITH_CACHE", str(disk / "cache"))
    try:
        _make(out)
        (out / "data").write_bytes(b"old")
        where = out if full == "out" else f"to the cache {disk / 'cache'}"
        _check_refusal(_start(many, out, workers), out, str(where))
        assert not list((disk / "cache").glob("builds/*"))
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def _check_refusal(process: subprocess.Popen[str], out: Path, where: str) -> None:
    try:
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 1
    assert said.startswith(f"tunesmith: error: cannot write {where}: "), said
    assert said.count("\n") == 1
    assert "No space left" in said or "File too large" in said
    assert (out / "data").read_bytes() == b"old"


def test_folder_that_may_not_be_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot write to"):
        _make(tmp_path / "file" / "out")
