"""`plan`: what there is to read is exact, what it will take is near what it takes."""

from __future__ import annotations

import json
import re
import time

import pytest


def test_what_there_is_to_read(shop, shop_dataset, tunesmith):
    done = tunesmith("plan", "--repo", shop, "--json", "--workers", "3")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    files = shop_dataset.rows("knowledge")
    assert set(told["files"]) >= {row["language"] for row in files}
    assert sum(told["files"].values()) >= len(files)
    assert told["workers"] == 3
    assert told["commits"] >= 1
    assert told["seconds"].keys() == {"extraction", "docs, dedup, writing", "tests", "history"}


def test_a_table_for_people(shop, tunesmith):
    done = tunesmith("plan", "--repo", shop)
    assert done.returncode == 0
    for word in ("language", "python", "functions", "CPU seconds", "workers", "memory", "cache"):
        assert word in done.stdout
    seconds = re.findall(r"CPU seconds.*? ([\d.,]+)$", done.stdout, re.MULTILINE)
    assert seconds
    assert all("." in figure for figure in seconds if float(figure) < 10)


def test_functions_and_seconds_are_near_what_they_are(stdlib, tunesmith, build_dataset, tmp_path):
    told = json.loads(tunesmith("plan", "--repo", stdlib, "--json").stdout)
    started = time.process_time()
    made = build_dataset(stdlib, tmp_path / "out")
    seconds = time.process_time() - started
    assert told["functions"] == pytest.approx(made.summary["functions"], rel=0.3)
    assert sum(told["files"].values()) == pytest.approx(made.summary["files"], rel=0.1)
    assert seconds / 4 < sum(told["seconds"].values()) < seconds * 4


@pytest.mark.parametrize(
    ("arguments", "says"),
    [((), "no repo to read"), (("--repo", "/nowhere"), "/nowhere does not exist")],
)
def test_a_wrong_request_is_one_line(tunesmith, arguments, says):
    done = tunesmith("plan", *arguments)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert says in done.stderr
