"""``tunesmith diff``: a repo before and after known edits, row by row."""

from __future__ import annotations

from collections import Counter

import pytest

from corpus.report.difference import difference
from tests.repos import FILE, commit, git, make_repo

_BODIES = {
    "keep": "return [item for item in source if item.ready]",
    "edited": "return sorted(source, key=len)[0].strip()",
    "undone": "with open(source) as file:\n        return file.read().split()",
    "shrunk": "while source:\n        source = source.parent\n    return source",
    "gone": "return {name: source[name] ** 2 for name in source}",
    "fresh": "for number in range(12):\n        source.push(number * 7)\n    return source.pop()",
    "moved": "return max(source, default=None) or 'nothing at all'",
}


def _file(*names, body=None, doc=None):
    texts = []
    for name in names:
        text = (
            f'    """{doc or f"Do what the word {name} says to a source."}"""\n'
            if doc != ""
            else ""
        )
        texts.append(f"def {name}(source):\n{text}    {body or _BODIES[name]}\n")
    return (FILE, "\n\n".join(texts).encode())


@pytest.fixture(scope="module")
def builds(tmp_path_factory, build_dataset):
    """Return a function that builds the repo before and after the edits, with other settings."""
    root = tmp_path_factory.mktemp("difference")
    before = {
        b"a.py": _file("keep", "gone"),
        b"edited.py": _file("edited"),
        b"undone.py": _file("undone"),
        b"shrunk.py": _file("shrunk"),
        b"old.py": _file("moved"),
    }
    after = {
        b"a.py": _file("keep", "fresh"),
        b"edited.py": _file("edited", body="return min(source, key=str).title()"),
        b"undone.py": _file("undone", doc=""),
        b"shrunk.py": _file("shrunk", doc="Shrink."),
        b"new.py": _file("moved"),
    }
    repo = root / "app"
    make_repo(repo, before)
    git(repo, "tag", "before")
    git(repo, "rm", "--quiet", "--cached", "old.py")
    commit(repo, after)
    git(repo, "tag", "after")

    def build(revision, **flags):
        name = f"{revision}-{len(list(root.iterdir()))}"
        repos = [{"where": str(repo), "revision": revision}]
        return build_dataset(repo, root / name, repos=repos, **flags).folder

    return build


NO_SPLITS = {"splits": {"validation": 0, "test": 0}}


def _found(old, new, task):
    rows = difference(old, new).filter(task=task).select("change", "path", "name", "why")
    return {tuple(row) for row in rows.rows() if row[0] != "same"}


def test_every_edit_has_its_reason(builds):
    old, new = builds("before", **NO_SPLITS), builds("after", **NO_SPLITS)
    assert _found(old, new, "explain") - {("changed", "a.py", "keep", "template")} == {
        ("removed", "a.py", "gone", "in B: not in this file"),
        ("removed", "undone.py", "undone", "in B: left out at filter: no_doc"),
        ("removed", "shrunk.py", "shrunk", "in B: left out at filter: short_doc"),
        ("removed", "old.py", "moved", "in B: no such file"),
        ("added", "a.py", "fresh", "in A: not in this file"),
        ("added", "new.py", "moved", "in A: no such file"),
    } | {row for row in _found(old, new, "explain") if row[2] == "edited"}
    ((change, _, _, why),) = [row for row in _found(old, new, "explain") if row[2] == "edited"]
    assert change == "changed"
    assert why in ("code", "code, template")
    assert {row[:2] for row in _found(old, new, "knowledge")} == {
        ("changed", "a.py"), ("changed", "edited.py"), ("changed", "undone.py"),
        ("changed", "shrunk.py"), ("removed", "old.py"), ("added", "new.py"),
    }  # fmt: skip


def test_the_other_way_round(builds):
    old, new = builds("before", **NO_SPLITS), builds("after", **NO_SPLITS)
    there, back = difference(old, new), difference(new, old)
    counts, mirrored = (Counter(frame["change"].to_list()) for frame in (there, back))
    assert counts["added"] == mirrored["removed"] > 0
    assert counts["removed"] == mirrored["added"] > 0
    assert (counts["same"], counts["changed"]) == (mirrored["same"], mirrored["changed"])


def test_nothing_changed(builds):
    old, new = builds("before"), builds("before")
    assert set(difference(old, new)["change"]) == {"same"}


def test_settings_that_changed(builds, tmp_path):
    old = builds("before", **NO_SPLITS)
    other_splits = builds("before", splits={"validation": 0, "test": 0.9})
    moved = _found(old, other_splits, "explain")
    assert moved
    assert {(change, why) for change, _, _, why in moved} == {("changed", "split: train to test")}
    fewer = builds("before", tasks=["knowledge", "document"], **NO_SPLITS)
    assert {(change, why) for change, _, _, why in _found(old, fewer, "explain")} == {
        ("removed", "in B: task not asked for")
    }
    assert _found(old, fewer, "document") == set()
    stricter = builds("before", docs={"min_words": 50}, **NO_SPLITS)
    assert {(change, why) for change, _, _, why in _found(old, stricter, "implement")} == {
        ("removed", "in B: left out at filter: short_doc")
    }
    without = builds("before", files={"exclude": ["edited.py"]}, **NO_SPLITS)
    assert _found(old, without, "explain") == {
        ("removed", "edited.py", "edited", "in B: left out at paths: excluded")
    }


def test_a_template_that_was_edited(builds, tmp_path):
    folder = tmp_path / "templates" / "explain"
    folder.mkdir(parents=True)
    for name in ("brief", "default", "newcomer", "path"):
        (folder / f"{name}.jinja").write_text(
            f'{{% extends "tunesmith/explain/{name}.jinja" %}}\n'
            "{% block instruction %}Say what this is for.{% endblock %}"
        )
    old = builds("before", **NO_SPLITS)
    new = builds("before", templates=str(folder.parent), **NO_SPLITS)
    rows = _found(old, new, "explain")
    assert len(rows) == 6
    assert {(change, why) for change, _, _, why in rows} == {("changed", "template")}
    assert _found(old, new, "document") == set()


def test_printed(builds, tunesmith):
    old, new = builds("before", **NO_SPLITS), builds("after", **NO_SPLITS)
    done = tunesmith("diff", old, new)
    assert (done.returncode, done.stderr) == (0, "")
    words = [line.split() for line in done.stdout.splitlines()]
    counts = Counter(difference(old, new).filter(task="explain")["change"].to_list())
    wanted = [str(counts[change]) for change in ("added", "removed", "changed", "same")]
    assert ["explain", *wanted] in words
    assert ["removed", "in", "B:", "left", "out", "at", "filter:", "no_doc", "3"] in words
    assert ["added", "new.py", "in", "A:", "no", "such", "file", "4"] in words
    short = tunesmith("diff", old, new, "-n", "1").stdout
    assert "more" in short.splitlines()[-1]
