"""The command itself: what it says on bad input, to whom it prints, and what it leaves."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.repos import FILE, commit, git, make_repo

SOURCE = b'def double(value):\n    """Return the value two times over."""\n    return 2 * value\n'

STAGES = ("open", "list", "extract", "dedup", "places", "context", "render", "commits", "history",
          "judge", "context of changes", "doc ages", "render changes", "tests", "index tests",
          "link", "pair", "render tests", "mix", "write", "count", "finish")  # fmt: skip


@pytest.fixture
def repo(tmp_path):
    made = tmp_path / "input" / "app"
    make_repo(made, {b"a.py": (FILE, SOURCE), b"notes.txt": (FILE, b"x\n")})
    return made


@pytest.fixture
def out(tmp_path):
    return tmp_path / "output" / "data"


def _without_commits(tmp_path, repo, out):
    git(tmp_path, "init", "--quiet", "bare-start")
    return [
        tmp_path / "bare-start"
    ], "bare-start is a git repo without commits: commit something first"


def _empty_commit(tmp_path, repo, out):
    commit(repo, {})
    return [repo], "no source file to read; there is no file at all"


def _empty_folder(tmp_path, repo, out):
    (tmp_path / "empty").mkdir()
    return [tmp_path / "empty"], "no source file to read; there is no file at all"


def _nothing_but_text(tmp_path, repo, out):
    commit(repo, {b"a.txt": (FILE, b"x"), b"l.py": ("120000", b"a.txt")})
    return [repo], "no source file to read; left out: 1 not_source, 1 symlink"


def _only_empty_files(tmp_path, repo, out):
    commit(repo, {b"a.py": (FILE, b""), b"b.py": (FILE, b"\0")})
    return [repo], "no source file to read; left out: 1 binary, 1 empty"


def _absent(tmp_path, repo, out):
    return [tmp_path / "absent"], "absent does not exist"


def _a_file(tmp_path, repo, out):
    return [repo / "a.py"], "a.py is a file: name the repo or folder that holds it"


def _unknown_revision(tmp_path, repo, out):
    return [repo, "--revision", "v9"], "app has no revision 'v9'"


def _revision_of_a_folder(tmp_path, repo, out):
    (tmp_path / "plain").mkdir()
    return [tmp_path / "plain", "--revision", "v9"], "is not a git repo, so it has no revision 'v9'"


def _no_repo(tmp_path, repo, out):
    return [], "no repo to read: give --repo, or repos in the pipeline file"


def _typo_in_flag(tmp_path, repo, out):
    return [repo, "--revison", "x"], "unrecognized arguments: --revison (did you mean --revision?)"


def _abbreviated_flag(tmp_path, repo, out):
    return [repo, "--lang", "go"], "unrecognized arguments: --lang (did you mean --languages?)"


def _no_workers(tmp_path, repo, out):
    return [repo, "--workers", "0"], "argument --workers: '0' is not a number from 1 up"


def _typo_in_task(tmp_path, repo, out):
    return [repo, "--tasks", "explian"], "no task 'explian'; did you mean 'explain'?"


def _typo_in_language(tmp_path, repo, out):
    return [repo, "--languages", "pyhton"], "no language 'pyhton'; did you mean 'python'?"


def _typo_in_set(tmp_path, repo, out):
    return [
        repo,
        "--set",
        "docs.min_word=3",
    ], "unknown key 'docs.min_word'; did you mean 'min_words'?"


def _no_templates(tmp_path, repo, out):
    return [repo, "--templates", tmp_path / "x"], "template folder "


def _bad_pattern(tmp_path, repo, out):
    return [repo, "--exclude", "!"], "pattern '!'"


def _no_pipeline(tmp_path, repo, out):
    return [repo, tmp_path / "absent.yaml"], "absent.yaml"


def _same_repo_twice(tmp_path, repo, out):
    return [repo, repo], "the same repo is named twice"


def _out_exists(tmp_path, repo, out):
    out.mkdir(parents=True)
    return [repo], f"{out} exists: name another --out, or replace it with --overwrite"


def _foreign_out(tmp_path, repo, out):
    out.mkdir(parents=True)
    (out / "thesis.tex").touch()
    return [repo, "--overwrite"], f"{out} is not a dataset folder of tunesmith's"


def _out_is_a_file(tmp_path, repo, out):
    out.parent.mkdir()
    out.touch()
    return [repo, "--overwrite"], f"{out} is not a dataset folder of tunesmith's"


def _out_below_a_file(tmp_path, repo, out):
    out.parent.touch()
    return [repo], f"cannot write to {out.parent}: "


def _clone_of_nothing(tmp_path, repo, out):
    return [f"file://{tmp_path}/absent.git"], "cannot clone absent: "


USAGE = [
    _absent, _a_file, _unknown_revision, _revision_of_a_folder, _no_repo, _typo_in_flag,
    _abbreviated_flag, _no_workers, _typo_in_task, _typo_in_language, _typo_in_set, _no_templates,
    _no_pipeline, _same_repo_twice, _out_exists, _foreign_out, _out_is_a_file, _bad_pattern,
]  # fmt: skip
FAILURES = [
    _without_commits, _empty_commit, _empty_folder, _nothing_but_text, _only_empty_files,
    _out_below_a_file, _clone_of_nothing,
]  # fmt: skip


def _name(case) -> str:
    return case.__name__.strip("_")


@pytest.mark.parametrize("case", [*USAGE, *FAILURES], ids=_name)
def test_bad_input(tmp_path, repo, out, tunesmith, case):
    (tmp_path / "input").mkdir(exist_ok=True)
    arguments, message = case(tmp_path, repo, out)
    before = sorted(tmp_path.rglob("*"))
    where = ["--repo", *arguments] if arguments and not str(arguments[0]).startswith("-") else []
    done = tunesmith("build", *where, "--out", out, cwd=tmp_path)
    assert done.stderr.startswith("tunesmith: error: "), done.stderr
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stderr.endswith("\n")
    assert done.stdout == ""
    assert done.returncode == (2 if case in USAGE else 1)
    assert [path for path in sorted(tmp_path.rglob("*")) if ".git/" not in str(path)] == [
        path for path in before if ".git/" not in str(path)
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["biuld"], "invalid choice: 'biuld' (did you mean build?)"),
        (["templates", "lst"], "invalid choice: 'lst' (did you mean list?)"),
        (["cache", "zzz"], "invalid choice: 'zzz' (choose from 'info', 'prune')"),
        (["build"], "the following arguments are required: --out"),
        (["build", "--out"], "argument --out: expected one argument"),
        (["pipelines"], "the following arguments are required: ACTION"),
        (["pipelines", "copy", "defualt"], "no pipeline 'defualt'; did you mean 'default'?"),
        (["pipelines", "copy"], "the following arguments are required: NAME"),
    ],
)
def test_bad_usage(tmp_path, tunesmith, arguments, message):
    done = tunesmith(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("tunesmith: error: ")
    assert message in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("case", [_typo_in_set, _empty_folder], ids=_name)
def test_bad_input_of_a_process(tmp_path, repo, out, process, case):
    """What the others see of ``main`` is what a shell sees."""
    arguments, message = case(tmp_path, repo, out)
    done = process("build", "--repo", *arguments, "--out", out, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2 if case in USAGE else 1, "")
    assert re.fullmatch(f"tunesmith: error: .*{re.escape(message)}.*\n", done.stderr)


def test_version_and_help(process):
    assert process("--version").stdout == f"tunesmith {version('tunesmith')}\n"
    shown = process("build", "--help").stdout
    for flag in (
        "--repo", "--out", "--overwrite", "--revision", "--include", "--exclude", "--languages",
        "--tasks", "--templates", "--workers", "--set", "--quiet", "--json", "PIPELINE.yaml",
    ):  # fmt: skip
        assert flag in shown
    assert max(map(len, shown.splitlines())) <= 100


def test_json_is_one_object_and_nothing_else(repo, out, process):
    done = process("build", "--repo", repo, "--out", out, "--workers", "1", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    summary = json.loads(done.stdout)
    assert done.stdout.count("\n") == 1
    assert (summary["paths"], summary["files"], summary["functions"]) == (2, 1, 1)
    assert summary["examples"] == {
        "knowledge": 1,
        "explain": 1,
        "document": 1,
        "implement": 1,
        "fix": 0,
        "refactor": 0,
        "update_doc": 0,
        "test": 0,
        "test_first": 0,
        "fix_mutant": 0,
        "explain_failure": 0,
    }
    assert summary["rejects"] == {
        "paths": {"not_source": 1},
        "commits": {"no_source_change": 1},
    }
    assert summary["seconds"].keys() == set(STAGES)
    assert all(seconds >= 0 for seconds in summary["seconds"].values())
    commit, date = git(repo, "log", "-1", "--format=%H %cI").decode().split()
    assert summary["repos"] == [{"name": "app", "commit": commit, "date": date}]


def test_quiet_prints_nothing(repo, out, tunesmith):
    done = tunesmith("build", "--repo", repo, "--out", out, "--workers", "1", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (out / "README.md").is_file()


def test_piped_output_has_no_escape_codes(repo, out, tunesmith, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    done = tunesmith("build", "--repo", repo, "--out", out, "--workers", "1")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    assert "rows: explain" in done.stdout
    assert done.stdout.splitlines()[-1] == f"dataset: {out}"


def test_a_terminal_sees_progress(repo, out):
    """On a terminal there are bars on stderr; they are gone from stdout even so."""
    ours, theirs = pty.openpty()
    command = Path(sys.executable).with_name("tunesmith")
    with subprocess.Popen(
        [command, "build", "--repo", repo, "--out", out, "--workers", "1"],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=os.environ | {"TERM": "xterm-256color"},
    ) as process:
        os.close(theirs)
        shown = "".join(_read_terminal(ours))
        printed = process.stdout.read()
    assert process.returncode == 0
    for stage in STAGES:
        assert stage in shown
    assert "files/s" in shown
    assert b"\x1b" not in printed


def _read_terminal(terminal: int) -> Iterator[str]:
    # Linux says that the other end is closed with an error instead of an end.
    with open(terminal, "rb", buffering=0) as file, contextlib.suppress(OSError):
        while shown := file.read(65536):
            yield shown.decode("utf-8", "replace")


def test_a_reader_that_leaves_early(repo, out):
    command = Path(sys.executable).with_name("tunesmith")
    shell = f'"{command}" build --repo "{repo}" --out "{out}" --workers 1 | true'
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert (out / "README.md").is_file()


def test_a_fifo_does_not_hang(tmp_path, out, process):
    (tmp_path / "plain").mkdir()
    os.mkfifo(tmp_path / "plain" / "pipe.py")
    (tmp_path / "plain" / "a.py").write_bytes(SOURCE)
    done = process("build", "--repo", tmp_path / "plain", "--out", out, "--workers", "1", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["rejects"]["paths"] == {"special": 1}


def test_every_flag_at_once(repo, shop, tmp_path, out, process):
    pipeline = tmp_path / "p.yaml"
    pipeline.write_text("docs:\n  min_words: 1\n  english: true\ntasks: [implement]\n")
    done = process(
        "build", pipeline, "--repo", shop, repo, "--out", out, "--revision", "main",
        "--include", "*.py", "*.go", "--exclude", "orders.py", "--exclude", "big/",
        "--languages", "python,go", "--tasks", "explain", "knowledge", "--workers", "2",
        "--set", "docs.min_words=2", "splits.test=0", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert [made["name"] for made in summary["repos"]] == ["shop", "app"]
    assert list(summary["examples"]) == ["explain", "knowledge"]
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["pipeline"]["docs"] == {"min_words": 2, "english": True, "max_changed": 0.5}
    assert manifest["pipeline"]["languages"] == ["python", "go"]
    assert manifest["pipeline"]["files"]["exclude"] == ["orders.py", "big/"]
    assert manifest["pipeline"]["splits"]["test"] == 0
    assert not list(out.glob("*/test-*"))


def test_pipelines(tmp_path, tunesmith):
    listed = tunesmith("pipelines", "list").stdout.split()
    assert "default" in listed
    done = tunesmith("pipelines", "copy", "default", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "default.yaml\n", "")
    again = tunesmith("pipelines", "copy", "default", cwd=tmp_path)
    assert again.returncode == 2
    assert (
        again.stderr
        == "tunesmith: error: default.yaml exists: name another folder, or remove it first\n"
    )
