"""Bad input gets one line that says what to do, the right exit status, and leaves nothing."""

from __future__ import annotations

import re

import pytest

from tests.repos import FILE, commit, git


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
