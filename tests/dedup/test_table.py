"""``tunesmith dedup`` on anyone's table."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.dedup.parameters import DedupParameters
from corpus.dedup.table import VERDICTS, dedup_table

LONG = "def f ( a , b ) : return a + b * a - b + c * d / e - g"
TEXTS = [LONG, "a b", LONG.replace(" ", "\n"), None, "a b c", LONG + " ; more", "a  b", "", "b a"]
VERDICT_OF = [
    # kept, cluster_id, survivor, similarity, reason
    (True, 0, 0, 1.0, None),
    (True, 1, 1, 1.0, None),
    (False, 0, 0, 1.0, "exact_duplicate"),
    (True, 3, 3, 1.0, None),
    (True, 4, 4, 1.0, None),
    (False, 0, 0, 9 / 10, "near_duplicate"),
    (False, 1, 1, 1.0, "exact_duplicate"),
    (True, 7, 7, 1.0, None),
    (True, 8, 8, 1.0, None),
]
ROWS = [{"id": number, "text": text} for number, text in enumerate(TEXTS)]
EXPECTED = [
    row | dict(zip(VERDICTS.names, verdict, strict=True))
    for row, verdict in zip(ROWS, VERDICT_OF, strict=True)
]


def _parquet(path: Path) -> Path:
    # Three row groups, so that a row's number is not its place in a group.
    pq.write_table(pa.Table.from_pylist(ROWS), path / "rows.parquet", row_group_size=4)
    return path / "rows.parquet"


def _folder(path: Path) -> Path:
    (path / "rows").mkdir()
    pq.write_table(pa.Table.from_pylist(ROWS[:4]), path / "rows" / "0.parquet")
    pq.write_table(pa.Table.from_pylist(ROWS[4:]), path / "rows" / "1.parquet")
    return path / "rows"


def _json_lines(path: Path) -> Path:
    (path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return path / "rows.jsonl"


def _kind(kind: pa.DataType) -> Any:
    def make(path: Path) -> Path:
        table = pa.Table.from_pylist(ROWS)
        column = table["text"].cast(kind)
        pq.write_table(table.set_column(1, "text", column), path / "rows.parquet")
        return path / "rows.parquet"

    make.__name__ = str(kind)
    return make


@pytest.mark.parametrize(
    "make",
    [_parquet, _folder, _json_lines, _kind(pa.large_string()), _kind(pa.string_view())],
    ids=lambda make: make.__name__.strip("_"),
)
def test_every_row_in_its_order_with_its_verdict(tmp_path, tunesmith, make):
    out = tmp_path / "out.parquet"
    done = tunesmith("dedup", make(tmp_path), "--column", "text", "--out", out, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    table = pq.read_table(out)
    assert table.to_pylist() == EXPECTED
    assert table.schema.names == ["id", "text", *VERDICTS.names]
    figures = {"rows": 9, "kept": 6, "exact_duplicates": 2, "near_duplicates": 1}
    assert json.loads(done.stdout) == figures
    assert {path.name for path in tmp_path.iterdir()} <= {"out.parquet", "rows.parquet",
                                                          "rows.jsonl", "rows"}  # fmt: skip


def test_settings_reach_the_verdicts(tmp_path, tunesmith):
    source, out = _parquet(tmp_path), tmp_path / "out.parquet"
    for flags, reasons in (
        (["--threshold", "0.95"], {None, "exact_duplicate"}),
        (["--threshold=0.3", "--set", "shingle=1"], {None, "exact_duplicate", "near_duplicate"}),
    ):
        done = tunesmith("dedup", source, "--column", "text", "--out", out, *flags)
        assert done.returncode == 0
        assert set(pq.read_table(out)["reason"].to_pylist()) == reasons
    # With shingles of one word "a b c" is two thirds like "a b", and "b a" all.
    assert pq.read_table(out)["survivor"].to_pylist() == [0, 1, 0, 3, 1, 0, 1, 7, 1]


@given(st.lists(st.sampled_from(["", "a b", "b a", LONG, LONG + " x", "é → 1"]), max_size=12))
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_was_judged_stays_as_it_was(tmp_path, texts):
    source, out, again = (tmp_path / name for name in ("in.parquet", "out.parquet", "2.parquet"))
    pq.write_table(pa.table({"text": pa.array(texts, pa.string())}), source)
    dedup_table(str(source), "text", out, DedupParameters())
    judged = pq.read_table(out)
    assert judged["text"].to_pylist() == texts
    kept = judged.filter(judged["kept"]).select(["text"])
    pq.write_table(kept, source)
    summary = dedup_table(str(source), "text", again, DedupParameters())
    assert summary.kept == summary.rows == kept.num_rows


def _write(name: str, content: bytes) -> Any:
    def make(path: Path) -> Path:
        (path / name).write_bytes(content)
        return path / name

    return make


def _judged(path: Path) -> Path:
    pq.write_table(pa.Table.from_pylist(EXPECTED), path / "rows.parquet")
    return path / "rows.parquet"


REFUSED = {
    "no such file": (lambda path: path / "absent.parquet", [], 2, "no such file"),
    "no such column": (_parquet, ["--column=body"], 2, "no column 'body'; it has id, text"),
    "a column of numbers": (_parquet, ["--column=id"], 2, "holds int64, not text"),
    "already judged": (_judged, [], 2, "already has a column 'kept'"),
    "not Parquet": (_write("a.parquet", b"junk"), [], 1, "cannot read"),
    "not JSON": (_write("a.jsonl", b'{"text": "a b"\n'), [], 1, "JSON parse error"),
    "nothing in it": (_write("a.jsonl", b""), [], 1, "Empty JSON"),
    "a threshold of 2": (_parquet, ["--threshold=2"], 2, "less than or equal to 1, not 2"),
    "a wrong setting": (_parquet, ["--set", "shingl=3"], 2, "did you mean 'shingle'?"),
    "the net is off": (lambda _: "owner/absent", [], 1, "cannot read owner/absent"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_in_one_line(tmp_path, tunesmith, case):
    make, flags, status, said = REFUSED[case]
    out = tmp_path / "out.parquet"
    done = tunesmith("dedup", make(tmp_path), "--column=text", f"--out={out}", *flags)
    assert done.returncode == status
    assert re.fullmatch(rf"tunesmith: error: .*{re.escape(said)}.*\n", done.stderr)
    assert not list(tmp_path.glob("*out.parquet*"))


def test_the_table_itself_is_not_overwritten(tmp_path, tunesmith):
    source = _parquet(tmp_path)
    before = source.read_bytes()
    done = tunesmith("dedup", source, "--column", "text", "--out", source)
    assert done.returncode == 2
    assert "write to another file" in done.stderr
    assert source.read_bytes() == before
