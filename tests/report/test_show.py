"""``tunesmith show``: rows in the terminal, and how one of them came about."""

from __future__ import annotations

import re
import shutil

import pytest


def _lines(done):
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def _titles(done):
    """Return task, path and id of the rows that were printed."""
    found = (re.fullmatch(r"(\w+)  (\S+):\d+-\d+  (\w{32})\s*", line) for line in _lines(done))
    return [match.groups() for match in found if match]


@pytest.mark.parametrize(
    ("flags", "count"),
    [
        ([], 3),
        (["-n", "5"], 5),
        (["--task", "document", "-n", "4"], 4),
        (["--language", "go", "-n", "2"], 2),
        (["--task", "knowledge", "--path", "*orders.py", "-n", "1"], 1),
    ],
)
def test_rows(shop_dataset, tunesmith, flags, count):
    titles = _titles(tunesmith("show", shop_dataset.folder, *flags))
    assert len(titles) == count
    rows = {
        row["example_id"]: row
        for c in ("instructions", "knowledge")
        for row in shop_dataset.rows(c)
    }
    wanted = dict(zip(flags[::2], flags[1::2], strict=True))
    for task, path, row_id in titles:
        row = rows[row_id]
        assert row["provenance"]["path"] == path
        assert row.get("task", "knowledge") == task == wanted.get("--task", task)
        assert row["language"] == wanted.get("--language", row["language"])


def test_the_same_rows_every_time(shop_dataset, tunesmith):
    first, again = (tunesmith("show", shop_dataset.folder).stdout for _ in range(2))
    assert first == again


def test_all_that_a_row_says_is_printed(shop_dataset, tunesmith):
    row = max(shop_dataset.rows("instructions"), key=lambda row: len(row["output"]))
    shown = tunesmith("show", shop_dataset.folder, "--id", row["example_id"]).stdout
    assert "".join(row["output"].split()) in "".join(shown.split())


def test_lineage(shop_dataset, tunesmith):
    survivors = {row["cluster_id"]: row["function_id"] for row in shop_dataset.rows("functions")}
    (example,) = [
        row
        for row in shop_dataset.rows("instructions")
        if row["task"] == "explain" and row["instruction"].find("traced") >= 0
    ][:1]
    place = example["provenance"]
    shown = tunesmith("show", shop_dataset.folder, "--id", example["example_id"][:12]).stdout
    facts = dict(
        line.split(maxsplit=1)
        for line in shown.split("where it is from")[1].splitlines()[1:]
        if " " in line
    )
    assert facts["commit"].strip() == shop_dataset.commit
    assert facts["lines"].strip() == f"{place['path']}:{place['start_line']}-{place['end_line']}"
    assert facts["template"].strip() == f"{example['template']} ({example['template_digest']})"
    assert facts["split"].strip() == example["split"]
    kind, name, function_id = facts["function"].split()
    assert (kind, name) == ("function", "traced")
    assert function_id in survivors.values()
    assert survivors[facts["cluster"].split(",")[0]] == function_id
    for stage in ("paths", "files", "dedup", "filter", "explain"):
        assert f"passed {stage} " in shown
    assert "no_doc (" in shown


def test_what_goes_to_a_pipe_is_not_wrapped(shop_dataset, tunesmith):
    rows = shop_dataset.rows("instructions")
    with_tabs = next(row for row in rows if "\n\t" in row["output"])
    wide = next(row for row in rows if max(map(len, row["output"].split("\n"))) > 80)
    for row in (with_tabs, wide):
        done = tunesmith("show", shop_dataset.folder, "--id", row["example_id"])
        assert row["output"] in done.stdout


def test_what_cannot_be_seen_is_written_out(tmp_path, build_dataset, tunesmith):
    doc = "Ring the \x07 bell, colour \x1b[31m the <b>terminal</b>, turn \u202eback [red]now[/red]."
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "a.py").write_text(
        f'def ring(left, right):\n    """{doc}"""\n    total = left + right\n    return total\n'
    )
    made = build_dataset(tmp_path / "app", tmp_path / "out", "safety.hidden_character=allow")
    shown = tunesmith("show", made.folder, "--task", "explain").stdout
    text = " ".join(shown.split())
    assert "Ring the <U+0007> bell, colour <U+001B>[31m the <b>terminal</b>," in text
    assert "turn <U+202E>back [red]now[/red]." in text
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202a-\u202e]", shown)


def _torn(folder):
    file = next((folder / "instructions").glob("*.parquet"))
    file.write_bytes(file.read_bytes()[:-100])


def _no_manifest(folder):
    (folder / "manifest.json").unlink()


def _torn_manifest(folder):
    (folder / "manifest.json").write_text('{"figures": ')


def _foreign_manifest(folder):
    (folder / "manifest.json").write_text("[]")


def _whole(folder):
    pass


@pytest.mark.parametrize(
    ("harm", "arguments", "status", "message"),
    [
        (_torn, ["report", "DIR"], 1, "cannot read the tables of "),
        (_torn, ["show", "DIR"], 1, "cannot read the tables of "),
        (_torn, ["diff", "DIR", "DIR"], 1, "cannot read the tables of "),
        (_no_manifest, ["report", "DIR"], 2, "is not a dataset folder: no manifest.json"),
        (_no_manifest, ["show", "DIR"], 2, "is not a dataset folder: no manifest.json"),
        (_no_manifest, ["diff", "DIR", "DIR"], 2, "is not a dataset folder: no manifest.json"),
        (_torn_manifest, ["report", "DIR"], 1, "manifest.json: "),
        (_foreign_manifest, ["report", "DIR"], 2, "is not a dataset folder of tunesmith's"),
        (_whole, ["show", "absent"], 2, "absent is not a dataset folder: no manifest.json"),
        (_whole, ["report", "DIR", "--out", "absent/x.html"], 1, "cannot write absent/x.html: "),
        (_whole, ["report", "DIR", "--out", "."], 2, ". is a folder: name a file to write"),
        (_whole, ["show", "DIR", "--id", "abcdefgh"], 2, "has no row with the id 'abcdefgh'"),
        (_whole, ["show", "DIR", "--id", ""], 2, "has several rows whose ids begin with ''"),
        (_whole, ["show", "DIR", "--task", "explian"], 2, "no row of task 'explian'; there are d"),
        (_whole, ["show", "DIR", "--language", "cobol"], 2, "no row of language 'cobol'"),
        (_whole, ["show", "DIR", "--path", "no/such/*"], 2, "has no row like that"),
        (_whole, ["show", "DIR", "-n", "0"], 2, "argument -n: '0' is not a number from 1 up"),
    ],
)  # fmt: skip
def test_bad_input(shop_dataset, tunesmith, tmp_path, harm, arguments, status, message):
    folder = shutil.copytree(shop_dataset.folder, tmp_path / "data")
    harm(folder)
    before = sorted(tmp_path.rglob("*"))
    done = tunesmith(*(str(folder) if a == "DIR" else a for a in arguments), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr.startswith("tunesmith: error: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before
