"""The report as a person meets it: in a real browser."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from tests.report.on_page import cells, fill, shown


def test_silent_and_alone(tab, written, dataset):
    path = written(dataset)
    tab.open(path)
    tab.run("document.querySelectorAll('details').forEach(each => each.open = true)")
    tab.run("new Promise(done => setTimeout(done, 200))")
    assert tab.complaints == []
    assert tab.requests == [path.as_uri()]
    assert tab.run("document.querySelectorAll('#list details .part').length") > 100
    assert tab.run("document.querySelectorAll('svg.pygal-chart').length") == 7
    assert path.stat().st_size < 5_000_000


def test_funnel_is_the_manifests(tab, written, dataset):
    """Held against the manifest, and against the rows and rejects that lie in the folder."""
    tab.open(written(dataset))
    figures = json.loads((dataset.folder / "manifest.json").read_text())["figures"]
    steps = {row[0]: row[1:] for row in cells(tab, "#funnel-steps tbody")}
    numbers = {
        name: [int(cell.replace(",", "")) for cell in cells[:3]] for name, cells in steps.items()
    }
    for entered, left_out, passed in numbers.values():
        assert entered == left_out + passed
    passed = {name: row[2] for name, row in numbers.items()}
    assert numbers["paths"][0] == figures["paths"]
    assert numbers["functions"][0] == figures["functions"]
    assert passed["paths"] == numbers["files"][0] == figures["files"]
    assert passed["files"] == figures["unique_files"] == len(dataset.rows("knowledge"))
    assert passed["functions"] == figures["unique_functions"] == len(dataset.rows("functions"))
    assert numbers["unique functions"][0] == passed["functions"]
    assert passed["unique functions"] == figures["after_filters"]
    tasks = Counter(row["task"] for row in dataset.rows("instructions"))
    assert {name: passed[name] for name in tasks} == tasks
    left_out = sum(row[1] for row in numbers.values())
    assert left_out == len(dataset.rejects())
    assert tab.run("document.querySelector('.warning')") is None


def test_rejects_by_stage_and_reason_with_samples(shop_page, shop_dataset):
    listed = shop_page.run(
        "[...document.querySelectorAll('.reject')].map(each => [each.querySelector('summary')"
        ".textContent.trim().replace(/\\s+/g, ' '), each.querySelectorAll('li').length])"
    )
    counts = Counter((row["stage"], row["reason"]) for row in shop_dataset.rejects())
    assert sorted(listed) == sorted(
        [f"{stage} {reason} {count:,}", min(count, 5)] for (stage, reason), count in counts.items()
    )


def test_splits_and_leaks(shop_page, shop_dataset):
    rows = [row for row in cells(shop_page, "#splits tbody") if row]
    for configuration in ("knowledge", "instructions", "functions"):
        counts = Counter(row["split"] for row in shop_dataset.rows(configuration))
        wanted = [str(counts[split]) for split in ("train", "validation", "test")]
        assert [configuration, *wanted] in rows
    leaks = dict(row for row in rows if len(row) == 2)
    answers = {
        row["output"] for row in shop_dataset.rows("instructions") if row["split"] == "train"
    }
    repeated = [
        row
        for row in shop_dataset.rows("instructions")
        if row["split"] != "train" and row["output"] in answers
    ]
    assert int(leaks.pop("held-out rows whose answer equals a training answer")) == len(repeated)
    assert set(leaks.values()) == {"0"}


def test_filters(shop_page):
    everything = shown(shop_page)
    tasks, languages = ({row[place] for row in everything} for place in (0, 1))
    assert {"knowledge", "explain", "document", "implement"} == tasks
    assert len(languages) > 3
    for task in tasks:
        fill(shop_page, "task", task)
        assert shown(shop_page) == [row for row in everything if row[0] == task]
    fill(shop_page, "language", "python")
    fill(shop_page, "task", "explain")
    both = [row for row in everything if row[:2] == ("explain", "python")]
    assert shown(shop_page) == both != []
    assert shop_page.run("document.getElementById('found').textContent") == (
        f"{len(both)} of {len(everything)}"
    )
    fill(shop_page, "task", "")
    fill(shop_page, "path", "PY*ORDERS.py")
    wanted = [row for row in everything if re.search("py.*orders.py", row[2], re.IGNORECASE)]
    assert shown(shop_page) == [row for row in wanted if row[1] == "python"] != []
    fill(shop_page, "path", "no(such")
    assert shown(shop_page) == []


def test_search(shop_page, shop_dataset):
    shop_page.type("#search", "calls  COUNTED")
    found = shown(shop_page)
    files = {
        row["provenance"]["path"]
        for row in shop_dataset.rows("knowledge")
        if "calls" in row["text"].lower() and "counted" in row["text"].lower()
    }
    assert {path for _, _, path in found} == files != set()
    shop_page.type("#search", "nosuchwordanywhere")
    assert shown(shop_page) == []
    row = shop_dataset.rows("instructions")[0]
    shop_page.type("#search", row["example_id"])
    assert [task for task, _, _ in shown(shop_page)] == [row["task"]]


def test_keyboard_alone(shop_page):
    """From the search box, tabs lead through the filters to the rows, and Enter opens one."""
    shop_page.run("document.getElementById('search').focus()")
    seen = []
    for _ in range(3):
        shop_page.press("Tab", 9)
        seen.append(shop_page.run("document.activeElement.id"))
    assert seen == ["task", "language", "path"]
    shop_page.press("Tab", 9)
    assert shop_page.run("document.activeElement.tagName") == "SUMMARY"
    before = shop_page.run("document.activeElement.parentElement.open")
    shop_page.press("Enter", 13, "\r")
    assert shop_page.run("document.activeElement.parentElement.open") is not before
    outline = shop_page.run("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"


@pytest.mark.parametrize("width", [400, 1600])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_readable_on_a_phone_and_a_wide_screen(tab, written, stdlib_dataset, tmp_path, width, dark):
    tab.open(written(stdlib_dataset), width=width, dark=dark)
    tab.run("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert tab.run("document.documentElement.scrollWidth") <= width
    assert _brightness(tab, "body", "backgroundColor") == pytest.approx(0 if dark else 1, abs=0.05)
    for selector, part in (
        ("body", "color"), (".note", "color"), ("nav a", "color"), (".tag", "color"),
        (".pygal-chart text", "fill"), ("pre.code", "color"), (".code .k", "color"),
    ):  # fmt: skip
        assert _contrast(tab, selector, part) >= 4.5, selector
    smallest = tab.run(
        "Math.min(...[...document.querySelectorAll('.pygal-chart text')].map("
        "text => text.getBoundingClientRect().height).filter(Boolean))"
    )
    assert smallest > 10
    tab.screenshot(tmp_path / "page.png", width, 8_000)  # for a person to look at
    assert (tmp_path / "page.png").stat().st_size > 50_000


def _brightness(tab, selector, part):
    """Return the relative luminance of a colour: WCAG 2.2."""
    colour = tab.run(f"getComputedStyle(document.querySelector('{selector}')).{part}")
    channels = [int(number) / 255 for number in re.findall(r"\d+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _contrast(tab, selector, part):
    one, other = _brightness(tab, selector, part), _brightness(tab, "body", "backgroundColor")
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)
