"""Runs a command so that it can do no harm: bubblewrap, resource limits, a supervisor.

Inside there is the worktree, read-only at ``/repo``; an interpreter, read-only; a ``/tmp`` of
limited size; no network, no home, no other process. What the command leaves in ``/tmp/out`` comes
back; nothing else does. See https://github.com/containers/bubblewrap.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from corpus.errors import UsageError

REPO, OUT = "/repo", "/tmp/out"
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/alternatives")
_NOBODY = 65534
_MOST_OUTPUT = 1 << 28
_LOOK_EVERY = 0.2  # seconds: a process takes memory no faster than a machine can bear that long


@dataclass(frozen=True)
class Limits:
    """What a run may take; ``memory_mb`` is for all its processes together."""

    seconds: int = 120
    memory_mb: int = 2048
    processes: int = 64
    file_mb: int = 64
    scratch_mb: int = 256


@dataclass(frozen=True)
class Outcome:
    """How a run ended, and the files that it left by name."""

    ended: Literal["done", "timeout", "memory"]
    status: int
    files: Mapping[str, bytes]


@dataclass(frozen=True)
class Sandbox:
    """Runs commands with an interpreter whose folders, ``prefixes``, are seen inside."""

    prefixes: tuple[str, ...]
    limits: Limits = Limits()
    bwrap: str | None = None

    @classmethod
    def open(cls, prefixes: Sequence[str], limits: Limits, *, unsandboxed: bool) -> Sandbox:
        """Return a sandbox that works here, or one that is none if so asked. Raises UsageError."""
        if unsandboxed:
            return cls(tuple(prefixes), limits)
        bwrap = shutil.which("bwrap")
        if bwrap is None or not sys.platform.startswith("linux"):
            raise UsageError(
                "no sandbox here: install bubblewrap (Debian: apt-get install bubblewrap). "
                "--unsandboxed runs the repo's tests with your rights instead"
            )
        sandbox = cls(tuple(prefixes), limits, bwrap)
        if sandbox.run(["true"], Path("/usr"), {}).status != 0:
            raise UsageError(
                "bubblewrap can't make a sandbox here: the kernel or a container forbids it. "
                "--unsandboxed runs the repo's tests with your rights instead"
            )
        return sandbox

    def run(
        self, command: Sequence[str], root: Path, overlays: Mapping[str, Path],
        environment: Mapping[str, str] | None = None,
    ) -> Outcome:  # fmt: skip
        """Run a command at the top of ``root``; ``overlays`` take the place of files below it."""
        with tempfile.TemporaryDirectory(prefix="tunesmith-") as scratch:
            if self.bwrap is None:
                return self._bare(command, root, overlays, Path(scratch), environment or {})
            argv = self._argv(command, root, overlays, environment or {})
            return self._supervise(argv, Path(scratch) / "out.tar", None)

    def _argv(
        self, command: Sequence[str], root: Path, overlays: Mapping[str, Path],
        environment: Mapping[str, str],
    ) -> list[str]:  # fmt: skip
        assert self.bwrap is not None
        is_root = os.geteuid() == 0
        # Root inside a user namespace stays root to the limit on processes, so it is no root there.
        argv = [self.bwrap, "--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts",
                *([] if is_root else ["--unshare-user"]),
                "--die-with-parent", "--new-session", "--clearenv"]  # fmt: skip
        argv += ["--proc", "/proc", "--dev", "/dev", "--perms", "1777",
                 "--size", str(self.limits.scratch_mb << 20), "--tmpfs", "/tmp",
                 "--perms", "0777", "--dir", OUT]  # fmt: skip
        for path in dict.fromkeys((*_SYSTEM, *self.prefixes)):
            for folder in reversed(Path(path).parents[:-1]):  # nobody may pass what bwrap makes
                argv += ["--perms", "0755", "--dir", str(folder)] if not _covered(folder) else []
            argv += ["--ro-bind-try", path, path]
        argv += [
                 "--ro-bind", str(root), REPO]  # fmt: skip
        for path, replacement in overlays.items():
            argv += ["--ro-bind", str(replacement), f"{REPO}/{path}"]
        for name, value in {**_environment(OUT, REPO), **environment}.items():
            argv += ["--setenv", name, value]
        argv += ["--chdir", REPO, "--remount-ro", "/"]
        if is_root:
            argv += ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups",
                     "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]  # fmt: skip
        script = '"$@" >/tmp/log 2>&1; status=$?; tail -c 20000 /tmp/log >/tmp/out/log; ' \
                 f"tar -C {OUT} -cf - . 2>/dev/null; exit $status"  # fmt: skip
        return [*argv, *self._limited(), "/bin/sh", "-c", script, "sh", *command]

    def _limited(self) -> list[str]:
        limits = self.limits
        return [
            "prlimit",
            f"--as={limits.memory_mb << 20}",
            f"--nproc={limits.processes}",
            f"--fsize={limits.file_mb << 20}",
            f"--cpu={limits.seconds}",
            "--core=0",
        ]

    def _supervise(self, argv: list[str], tar: Path, cwd: Path | None) -> Outcome:
        """Run to the end, or to a limit; then read what was left."""
        with tar.open("wb") as sink:
            process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.DEVNULL,
                start_new_session=True, cwd=cwd,
            )  # fmt: skip
        ended: Literal["done", "timeout", "memory"] = "done"
        deadline = time.monotonic() + self.limits.seconds
        try:
            while not _over(process, _LOOK_EVERY):
                if time.monotonic() > deadline:
                    ended = "timeout"
                    break
                if _memory(process.pid) > self.limits.memory_mb << 20:
                    ended = "memory"
                    break
        finally:
            _kill(process)
        return Outcome(ended, process.returncode, _read(tar))

    def _bare(
        self, command: Sequence[str], root: Path, overlays: Mapping[str, Path], scratch: Path,
        environment: Mapping[str, str],
    ) -> Outcome:  # fmt: skip
        """Run without a sandbox, in a copy of the worktree; time and memory are limited still."""
        copy, out = scratch / "repo", scratch / "out"
        shutil.copytree(root, copy, symlinks=True)
        out.mkdir()
        for path, replacement in overlays.items():
            shutil.copyfile(replacement, copy / path)
        moved = [word.replace(REPO, str(copy)).replace(OUT, str(out)) for word in command]
        given = {**_environment(str(out), str(copy)), **environment}
        argv = ["env", "-i", *(f"{k}={v.replace(REPO, str(copy)).replace(OUT, str(out))}"
                               for k, v in given.items()), *moved]  # fmt: skip
        outcome = self._supervise(argv, scratch / "log", copy)
        files = {p.name: p.read_bytes() for p in out.iterdir() if p.is_file()}
        return Outcome(outcome.ended, outcome.status, files)


def _covered(folder: Path) -> bool:
    return str(folder) == "/tmp" or any(folder.is_relative_to(path) for path in _SYSTEM)


def _environment(out: str, repo: str) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8", "TZ": "UTC",
            "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0",
            "COVERAGE_FILE": f"{out}/coverage", "PYTHONPATH": f"{repo}/src:{repo}"}  # fmt: skip


def _over(process: subprocess.Popen[bytes], seconds: float) -> bool:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    return process.returncode is not None


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a run with all that it started: bubblewrap's end ends the processes inside."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _memory(parent: int) -> int:
    """Return the resident memory of a process and all below it, in bytes."""
    children: dict[int, list[int]] = {}
    resident: dict[int, int] = {}
    for entry in os.listdir("/proc"):  # noqa: PTH208 - some times a second
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat", "rb") as file:  # noqa: PTH123
                    fields = file.read().rpartition(b")")[2].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(entry))
            resident[int(entry)] = int(fields[21]) * _PAGE
    total, below = 0, [parent]
    while below:
        pid = below.pop()
        total += resident.get(pid, 0)
        below += children.get(pid, ())
    return total


_PAGE = os.sysconf("SC_PAGE_SIZE")


def _read(tar: Path) -> dict[str, bytes]:
    """Return the plain files of what came out of a sandbox: it may be anything, torn or huge."""
    if not tar.exists() or tar.stat().st_size > _MOST_OUTPUT:
        return {}
    files = {}
    try:
        with tarfile.open(tar) as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isfile() else None
                if content is not None:
                    files[member.name.removeprefix("./")] = content.read()
    except (tarfile.TarError, EOFError, OSError):
        return files
    return files
