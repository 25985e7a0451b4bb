"""To whom the command prints, and what; and all its flags at once."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from tests.cli.conftest import SOURCE
from tests.repos import git

STAGES = ("open", "list", "extract", "dedup", "places", "context", "render", "commits", "history",
          "judge", "context of changes", "doc ages", "render changes", "tests", "index tests",
          "link", "pair", "render tests", "mix", "write", "count", "finish")  # fmt: skip


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
