"""Rebuilds: with a warm cache, after a change, beside another build, after a kill."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.run.cache import Cache
from tests.repos import git


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repo with history and tests, in some ten shards."""
    root = tmp_path_factory.mktemp("app") / "app"
    for number in range(80):
        file = root / f"pkg{number % 12}" / f"m{number}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(
            f"def size_{number}(values):\n"
            f'    """Return how many values of kind {number} there are."""\n'
            f"    found = [value for value in values if value == {number}]\n"
            f"    return len(found)\n"
        )
        test = root / "tests" / f"test_m{number}.py"
        test.parent.mkdir(parents=True, exist_ok=True)
        test.write_text(
            f"from pkg{number % 12}.m{number} import size_{number}\n\n\n"
            f"def test_size_{number}():\n    assert size_{number}([{number}]) == 1\n"
        )
    git(root, "init", "--quiet")
    git(root, "config", "user.name", "t")
    git(root, "config", "user.email", "t@example.org")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "first")
    for number in range(0, 80, 4):
        file = root / f"pkg{number % 12}" / f"m{number}.py"
        file.write_text(file.read_text().replace("value ==", "value is not None and value =="))
        git(root, "commit", "--quiet", "--all", "--message", f"Fix the crash of {number} on None")
    return root


@pytest.fixture(scope="module")
def expected(
    app: Path, tmp_path_factory: pytest.TempPathFactory, build_dataset
) -> dict[str, bytes]:
    return build_dataset(app, tmp_path_factory.mktemp("expected") / "out").published()


def _build(app: Path, out: Path, cache: Path, workers: int = 2) -> subprocess.Popen[str]:
    command = Path(sys.executable).with_name("tunesmith")
    return subprocess.Popen(
        [command, "build", "--repo", app, "--out", out, "--cache", cache, "--quiet", "--overwrite",
         "--workers", str(workers)],
        text=True, stderr=subprocess.PIPE, start_new_session=True,
        env={**os.environ, "TUNESMITH_TEST": str(out)},
    )  # fmt: skip


def _published(out: Path) -> dict[str, bytes]:
    files = (path for path in out.rglob("*") if path.is_file())
    named = {path.relative_to(out).as_posix(): path.read_bytes() for path in files}
    return {name: named[name] for name in sorted(named) if not name.startswith(".")}


def test_a_warm_cache_gives_the_same_bytes_and_a_change_what_it_changes(
    app: Path, expected: dict[str, bytes], tmp_path: Path, build_dataset
) -> None:
    cache = tmp_path / "cache"
    first = build_dataset(app, tmp_path / "first", cache=cache)
    entries = set(Cache(cache).entries())
    again = build_dataset(app, tmp_path / "again", cache=cache, workers=2)
    assert first.published() == again.published() == expected
    assert first.rejects() == again.rejects()
    assert set(Cache(cache).entries()) == entries, "something was made again"

    changed = tmp_path / "app"
    shutil.copytree(app, changed)
    (changed / "pkg3" / "m3.py").write_text(
        'def one():\n    """Return the number one."""\n    return 1\n'
    )
    (changed / "pkg5" / "m5.py").unlink()
    git(changed, "add", "--all")
    git(changed, "commit", "--quiet", "--message", "Change two files")
    warm = build_dataset(changed, tmp_path / "warm", cache=cache)
    cold = build_dataset(changed, tmp_path / "cold")
    assert warm.published() == cold.published()
    made = [
        path for path in set(Cache(cache).entries()) - entries if list(path.glob("functions-*"))
    ]
    assert 1 <= len(made) <= 4, "a shard is read again for each file that changed, few others"


def test_settings_are_part_of_the_key(app: Path, tmp_path: Path, build_dataset) -> None:
    cache = tmp_path / "cache"
    build_dataset(app, tmp_path / "first", cache=cache)
    for number, setting in enumerate(
        ("docs.min_words=30", "dedup.threshold=0.95", "mix.per_function=1", "length.max_tokens=60",
         "safety.email=allow", "tests.per_function=1", "splits.test=0.5", "files.max_bytes=200")
    ):  # fmt: skip
        warm = build_dataset(app, tmp_path / f"warm{number}", setting, cache=cache)
        cold = build_dataset(app, tmp_path / f"cold{number}", setting)
        assert warm.published() == cold.published(), setting


def test_templates_are_part_of_the_key(app: Path, tmp_path: Path, build_dataset) -> None:
    cache, mine = tmp_path / "cache", tmp_path / "mine"
    template = mine / "explain" / "default.jinja"
    template.parent.mkdir(parents=True)
    said = []
    for word in ("Tell me of", "Explain"):
        template.write_text(
            "{% extends 'tunesmith/explain/default.jinja' %}"
            f"{{% block instruction %}}{word} {{{{ name }}}}.{{% endblock %}}"
        )
        made = build_dataset(app, tmp_path / word, cache=cache, templates=str(mine))
        said.append({row["instruction"].split()[0] for row in made.rows("instructions")
                     if row["template"] == "explain/default.jinja"})  # fmt: skip
    assert said == [{"Tell"}, {"Explain"}]


def _workers(out: Path) -> list[int]:
    """Return a build's processes, but for git's and Python's counter of what they share."""
    mark = f"TUNESMITH_TEST={out}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            is_other = command.startswith(b"git\0") or b"resource_tracker" in command
            if mark in (process / "environ").read_bytes() and not is_other:
                found.append(int(process.name))
        except OSError:
            continue
    return found


def _kill(process: subprocess.Popen[str], victim: str, out: Path, chance: random.Random) -> None:
    if victim == "all":
        os.killpg(process.pid, signal.SIGKILL)
        return
    others = [pid for pid in _workers(out) if pid != process.pid]
    if victim == "parent" or not others:
        os.kill(process.pid, signal.SIGKILL)
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(chance.choice(others), signal.SIGKILL)


_KILLS = int(os.environ.get("TUNESMITH_KILLS", "2"))


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for workers in /proc")
@pytest.mark.parametrize("seed", range(_KILLS))
def test_killed_at_any_instant_and_run_again(
    app: Path, expected: dict[str, bytes], tmp_path: Path, seed: int
) -> None:
    """``TUNESMITH_KILLS=50`` is the long form."""
    chance = random.Random(seed)
    out, cache = tmp_path / "out", tmp_path / "cache"
    for victim in chance.sample(["parent", "worker", "all"], 3):
        process = _build(app, out, cache)
        with contextlib.suppress(subprocess.TimeoutExpired):  # or it ends before
            process.wait(chance.uniform(0.5, 6))
        if process.poll() is None:
            _kill(process, victim, out, chance)
        _, said = process.communicate(timeout=120)
        assert "Traceback" not in said
        assert process.returncode in (0, -signal.SIGKILL), said
    process = _build(app, out, cache)
    _, said = process.communicate(timeout=120)
    assert (process.returncode, said) == (0, "")
    assert _published(out) == expected
    assert not list(cache.glob("builds/*"))


def test_two_builds_at_once_on_one_cache(
    app: Path, expected: dict[str, bytes], tmp_path: Path
) -> None:
    both = [_build(app, tmp_path / f"out{n}", tmp_path / "cache", workers=1) for n in range(2)]
    for process in both:
        assert (process.communicate(timeout=300)[1], process.returncode) == ("", 0)
    assert _published(tmp_path / "out0") == _published(tmp_path / "out1") == expected


@pytest.fixture(autouse=True)
def no_stragglers(tmp_path: Path) -> Iterator[None]:
    yield
    for pid in _workers(tmp_path):
        os.kill(pid, signal.SIGKILL)


def test_the_command_tells_of_the_cache_and_makes_room(
    app: Path, tmp_path: Path, build_dataset, tunesmith
) -> None:
    cache = tmp_path / "cache"
    build_dataset(app, tmp_path / "out", cache=cache)
    told = tunesmith("cache", "info", "--cache", cache)
    assert told.returncode == 0
    assert f"{len(list(Cache(cache).entries())):,} entries" in told.stdout
    done = tunesmith("cache", "prune", "--cache", cache)
    assert done.stdout.endswith(f" removed, 0.0 MB left in {cache}\n")
    wrong = tunesmith("cache", "prune", "--to", "much")
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)
    assert "is not a size such as 500MB" in wrong.stderr


def test_a_build_keeps_its_cache_within_bounds(app: Path, tmp_path: Path, build_dataset) -> None:
    cache = tmp_path / "cache"
    build_dataset(app, tmp_path / "out", "cache.max_bytes=300000", cache=cache)
    assert 0 < Cache(cache).bytes() <= 300_000


@pytest.mark.parametrize("one_in", [1, 2, 9])
def test_a_torn_cache_costs_what_is_torn(
    one_in: int, app: Path, expected: dict[str, bytes], tmp_path: Path, build_dataset
) -> None:
    """As a machine leaves it that lost its power: many files are cut, whole or in part."""
    cache = tmp_path / "cache"
    build_dataset(app, tmp_path / "first", cache=cache)
    files = sorted(cache.glob("entries/*/*/*.arrow"))
    for number, file in enumerate(files[::one_in]):
        content = file.read_bytes()
        file.unlink()  # an entry shares it with others
        file.write_bytes(content[: len(content) // 2 * (number % 2)])
    again = build_dataset(app, tmp_path / "again", cache=cache, workers=2)
    assert again.published() == expected
    third = build_dataset(app, tmp_path / "third", cache=cache)
    assert third.published() == expected
