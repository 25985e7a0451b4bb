"""Code that tries to get out of the sandbox: each attempt is made for real, and fails."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from corpus.errors import UsageError
from corpus.verify.interpreter import ask_interpreter
from corpus.verify.sandbox import Limits, Outcome, Sandbox

LIMITS = Limits(seconds=20, memory_mb=400, processes=40, file_mb=8, scratch_mb=32)


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    if shutil.which("bwrap") is None and os.environ.get("CI") != "true":
        pytest.skip("needs bubblewrap (Debian: bubblewrap)")
    folders, _ = ask_interpreter(sys.executable)
    try:
        return Sandbox.open(folders, LIMITS, unsandboxed=False)
    except UsageError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in (tmp_path, *tmp_path.parents):
        if folder.owner() == tmp_path.owner() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    repo = tmp_path / "repo"
    repo.mkdir(mode=0o755)
    (repo / "a.py").write_text("A = 1\n")
    return repo


def run(sandbox: Sandbox, root: Path, code: str, **overlays: Path) -> Outcome:
    return sandbox.run([sys.executable, "-c", code], root, overlays)


def log(outcome: Outcome) -> str:
    return outcome.files.get("log", b"").decode()


@pytest.mark.skipif(os.geteuid() != 0, reason="every test here is of a user then")
def test_any_user_can_make_one(sandbox, root, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 65534)
    of_user = Sandbox(("/usr",), LIMITS, sandbox.bwrap)  # this Python may be where none but root is
    argv = of_user._argv(["/bin/sh", "-c", "id -u; touch /repo/x"], root, {}, {})
    done = subprocess.run(argv, user=65534, stdout=subprocess.PIPE, check=False)
    assert done.returncode != 0
    assert b"65534" in done.stdout
    assert b"Read-only file system" in done.stdout


def test_what_is_left_in_out_comes_back(sandbox, root):
    outcome = run(sandbox, root, "import a; open('/tmp/out/x', 'w').write(str(a.A)); print('hi')")
    assert (outcome.ended, outcome.status, outcome.files["x"], log(outcome)) == (
        "done",
        0,
        b"1",
        "hi\n",
    )


def test_an_overlay_takes_the_place_of_a_file(sandbox, root, tmp_path):
    other = tmp_path / "other.py"
    other.write_text("A = 2\n")
    outcome = sandbox.run([sys.executable, "-c", "import a; print(a.A)"], root, {"a.py": other})
    assert log(outcome) == "2\n"
    assert (root / "a.py").read_text() == "A = 1\n"


@pytest.mark.parametrize("path", ["/repo/a.py", "/repo/new", "/usr/new", "/new", "/etc/new"])
def test_it_writes_nowhere(sandbox, root, path):
    outcome = run(sandbox, root, f"open({path!r}, 'w').write('x')")
    assert "Read-only file system" in log(outcome) or "Permission denied" in log(outcome)
    assert sorted(p.name for p in root.iterdir()) == ["a.py"]
    assert not Path(path).exists()


def test_what_it_writes_to_tmp_is_not_our_tmp(sandbox, root):
    name = f"tunesmith-escape-{os.getpid()}"
    outcome = run(sandbox, root, f"open('/tmp/{name}', 'w').write('x')")
    assert outcome.status == 0
    assert not Path("/tmp", name).exists()


def test_it_reaches_no_network(sandbox, root):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        outcome = run(
            sandbox, root, f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)"
        )
    assert outcome.status != 0
    assert "Error" in log(outcome)


def test_it_does_not_see_the_home_or_other_files(sandbox, root, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("key")
    home = Path.home()
    outcome = run(sandbox, root, f"import os; print(os.path.exists({str(secret)!r}), "
                  f"os.path.exists('/etc/passwd'), sorted(os.listdir({str(home)!r})) "
                  f"if os.path.exists({str(home)!r}) else [])")  # fmt: skip
    seen = log(outcome)
    assert seen.startswith("False False")
    # Of the home, only what leads to the interpreter is there.
    inside = eval(seen.split(" ", 2)[2])
    prefixes = (sys.base_prefix, sys.prefix, *sys.path)
    assert all(any(p.startswith(f"{home}/{name}") for p in prefixes) for name in inside)


def test_it_sees_no_other_process_and_no_variable(sandbox, root, monkeypatch):
    monkeypatch.setenv("TUNESMITH_SECRET", "key")
    code = """
import os
print(len([pid for pid in os.listdir('/proc') if pid.isdigit()]) < 10)
print('TUNESMITH_SECRET' in os.environ)
"""
    outcome = run(sandbox, root, code)
    assert log(outcome) == "True\nFalse\n"


def test_a_fork_bomb_stops_at_the_limit(sandbox, root):
    code = """
import os, time
n = 0
try:
    while True:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        n += 1
except OSError:
    print(n)
"""
    started = time.monotonic()
    outcome = run(sandbox, root, code)
    assert int(log(outcome)) < LIMITS.processes
    assert time.monotonic() - started < 15
    assert not children()


def children() -> list[str]:
    listing = subprocess.run(
        ["ps", "-eo", "args"], capture_output=True, text=True, check=True
    ).stdout
    return [line for line in listing.splitlines() if "bwrap" in line and "tunesmith" in line]


def test_memory_of_one_process_is_limited(sandbox, root):
    assert "MemoryError" in log(run(sandbox, root, "x = bytearray(1 << 30)"))


def test_memory_of_all_processes_together_is_limited(sandbox, root):
    code = """
import os, time
for _ in range(6):
    if os.fork() == 0:
        x = bytearray(b"x" * (150 << 20))
        time.sleep(60)
time.sleep(60)
"""
    assert run(sandbox, root, code).ended == "memory"


def test_sleeping_for_ever_ends(root):
    folders, _ = ask_interpreter(sys.executable)
    if shutil.which("bwrap") is None:
        pytest.skip("needs bubblewrap (Debian: bubblewrap)")
    short = Sandbox.open(folders, Limits(seconds=3), unsandboxed=False)
    started = time.monotonic()
    assert run(short, root, "import time; time.sleep(1000)").ended == "timeout"
    assert time.monotonic() - started < 20


def test_files_are_limited(sandbox, root):
    assert run(sandbox, root, "open('/tmp/big', 'wb').write(b'x' * (1 << 24))").status != 0
    many = "for n in range(100): open(f'/tmp/{n}', 'wb').write(b'x' * (1 << 20))"
    assert run(sandbox, root, many).status != 0  # no space is left, not even for the log
    assert run(sandbox, root, many.replace("100", "10")).status == 0


def test_without_bubblewrap_it_refuses(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UsageError, match=r"install bubblewrap.*--unsandboxed"):
        Sandbox.open((), LIMITS, unsandboxed=False)


def test_unsandboxed_runs_in_a_copy(root):
    bare = Sandbox.open((), Limits(seconds=20), unsandboxed=True)
    outcome = bare.run(
        [sys.executable, "-c", "open('new', 'w'); open('/tmp/out/x', 'w')"], root, {}
    )
    assert sorted(p.name for p in root.iterdir()) == ["a.py"]
    assert list(outcome.files) == ["x"]


def test_torn_output_is_no_output(sandbox, root):
    """What comes back is the sandboxed code's to say; nothing it says ends us."""
    code = "import os; os.symlink('/etc/shadow', '/tmp/out/link'); os.mkfifo('/tmp/out/pipe')"
    assert set(run(sandbox, root, code).files) == {"log"}


def test_runs_side_by_side(sandbox, root):
    outcomes: list[Outcome] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(run(sandbox, root, "print(1)")))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [log(outcome) for outcome in outcomes] == ["1\n"] * 3
