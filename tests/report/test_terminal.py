from __future__ import annotations

import io

import pytest
from rich.console import Console

from corpus.report.summary import RejectFigures, RepoFigures, Summary, TaskFigures
from corpus.report.terminal import print_summary

SUMMARY = Summary(
    repos=[RepoFigures("example.org/[bold]app", "0123456789abcdef"), RepoFigures("plain", None)],
    paths=12345,
    files=12000,
    unique_files=11000,
    functions=99999,
    with_doc=5000,
    unique_functions=4000,
    after_filters=3000,
    commits=2000,
    changes=1500,
    examples={"knowledge": 11000, "explain": 2999},
    rows={"knowledge": {"train": 10000, "test": 1000}, "instructions": {"train": 2999}},
    rejects=[RejectFigures("paths", "not_source", 300), RejectFigures("files", "binary", 45)],
    mix=[TaskFigures("explain", 4000, 2999, 44, 259, 1597), TaskFigures("fix", 1, 1, 90, 90, 90)],
    licenses={"MIT": 12000},
    redactions={},
    seconds={"list": 0.04, "extract": 12.345},
)
EXPECTED = """\
example.org/[bold]app at 0123456789ab
plain
                  count
paths            12,345
files read       12,000
files, unique    11,000
functions        99,999
  with a doc      5,000
  unique          4,000
  after filters   3,000
commits           2,000
changes           1,500
rows: knowledge  11,000
rows: explain     2,999
mix       made   kept  share  output tokens: median  95 %  longest
explain  4,000  2,999   100%                     44   259    1,597
fix          1      1     0%                     90    90       90
left out at  why         count
paths        not_source    300
files        binary         45
seconds: extract 12.3
dataset: some/folder with [blue]name
"""


def _printed(**options) -> str:
    file = io.StringIO()
    print_summary(SUMMARY, "some/folder with [blue]name", Console(file=file, **options))
    return file.getvalue()


def test_summary():
    lines = [line.rstrip() for line in _printed(width=100).splitlines()]
    assert lines == EXPECTED.splitlines()


@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_folder_is_on_one_line_however_narrow_the_terminal(width):
    assert "dataset: some/folder with [blue]name\n" in _printed(width=width)


def test_colours_only_on_a_terminal():
    assert "\x1b" not in _printed(width=80)
    assert "\x1b[" in _printed(width=80, force_terminal=True, color_system="standard")


def test_json_counts_rejects_by_stage_and_reason():
    assert SUMMARY.as_json()["rejects"] == {"paths": {"not_source": 300}, "files": {"binary": 45}}
    assert SUMMARY.as_json()["repos"][1] == {"name": "plain", "commit": None, "date": None}
