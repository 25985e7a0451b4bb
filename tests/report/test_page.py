"""The report as a person meets it: in a real browser."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections import Counter

import pyarrow as pa
import pytest

from corpus.report.page import write_report

MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def written(request, tmp_path_factory):
    """Return a function that writes the report of a dataset once."""
    folder = tmp_path_factory.mktemp("reports")

    def write(dataset):
        path = folder / f"{dataset.folder.name}.html"
        return path if path.exists() else write_report(dataset.folder, path)

    return write


@pytest.fixture
def shop_page(tab, written, shop_dataset):
    tab.open(written(shop_dataset))
    return tab


def _cells(tab, selector):
    """Return a table's body as lists of texts."""
    return tab.run(
        f"[...document.querySelectorAll('{selector} tr')].map("
        "row => [...row.cells].map(cell => cell.textContent.trim()))"
    )


def _shown(tab):
    """Return task, language and path of the rows that the filters leave."""
    texts = tab.run(
        "[...document.querySelectorAll('#list > details:not([hidden]) > summary')]"
        ".map(summary => [...summary.children].map(part => part.textContent))"
    )
    return [(task, about.split(",")[0], place.rsplit(":", 1)[0]) for task, place, about in texts]


def _set(tab, field, value):
    tab.run(
        f"{{ const field = document.getElementById('{field}'); field.value = {json.dumps(value)};"
        " field.dispatchEvent(new Event('input', {bubbles: true})); }"
    )


def test_silent_and_alone(tab, written, dataset):
    path = written(dataset)
    tab.open(path)
    tab.run("document.querySelectorAll('details').forEach(each => each.open = true)")
    tab.run("new Promise(done => setTimeout(done, 200))")
    assert tab.complaints == []
    assert tab.requests == [path.as_uri()]
    assert tab.run("document.querySelectorAll('#list details .part').length") > 100
    assert tab.run("document.querySelectorAll('svg.pygal-chart').length") == 7
    assert path.stat().st_size < 5 * MEGABYTE


def test_funnel_is_the_manifests(tab, written, dataset):
    """Held against the manifest, and against the rows and rejects that lie in the folder."""
    tab.open(written(dataset))
    figures = json.loads((dataset.folder / "manifest.json").read_text())["figures"]
    steps = {row[0]: row[1:] for row in _cells(tab, "#funnel-steps tbody")}
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
    shown = shop_page.run(
        "[...document.querySelectorAll('.reject')].map(each => [each.querySelector('summary')"
        ".textContent.trim().replace(/\\s+/g, ' '), each.querySelectorAll('li').length])"
    )
    counts = Counter((row["stage"], row["reason"]) for row in shop_dataset.rejects())
    assert sorted(shown) == sorted(
        [f"{stage} {reason} {count:,}", min(count, 5)] for (stage, reason), count in counts.items()
    )


def test_splits_and_leaks(shop_page, shop_dataset):
    rows = [row for row in _cells(shop_page, "#splits tbody") if row]
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
    everything = _shown(shop_page)
    tasks, languages = ({row[place] for row in everything} for place in (0, 1))
    assert {"knowledge", "explain", "document", "implement"} == tasks
    assert len(languages) > 3
    for task in tasks:
        _set(shop_page, "task", task)
        assert _shown(shop_page) == [row for row in everything if row[0] == task]
    _set(shop_page, "language", "python")
    _set(shop_page, "task", "explain")
    both = [row for row in everything if row[:2] == ("explain", "python")]
    assert _shown(shop_page) == both != []
    assert shop_page.run("document.getElementById('found').textContent") == (
        f"{len(both)} of {len(everything)}"
    )
    _set(shop_page, "task", "")
    _set(shop_page, "path", "PY*ORDERS.py")
    wanted = [row for row in everything if re.search("py.*orders.py", row[2], re.IGNORECASE)]
    assert _shown(shop_page) == [row for row in wanted if row[1] == "python"] != []
    _set(shop_page, "path", "no(such")
    assert _shown(shop_page) == []


def test_search(shop_page, shop_dataset):
    shop_page.type("#search", "calls  COUNTED")
    shown = _shown(shop_page)
    files = {
        row["provenance"]["path"]
        for row in shop_dataset.rows("knowledge")
        if "calls" in row["text"].lower() and "counted" in row["text"].lower()
    }
    assert {path for _, _, path in shown} == files != set()
    shop_page.type("#search", "nosuchwordanywhere")
    assert _shown(shop_page) == []
    row = shop_dataset.rows("instructions")[0]
    shop_page.type("#search", row["example_id"])
    assert [task for task, _, _ in _shown(shop_page)] == [row["task"]]


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


HOSTILE = (
    "Say <script>window.stolen = 1</script> and </textarea></script><!-- to the reader.",
    'Show <img src="x" onerror="window.stolen = 1"> and ![dot](https://example.org/dot.png) there.',
    "Ring the \x07 bell, colour \x1b[31m the terminal, then turn \u202eback\u202c the text.",
    "Follow [this](javascript:window.stolen=1) and &lt;b&gt; and {{ 7 * 7 }} and ${7} to the end.",
)


def test_what_rows_say_is_text(tab, tmp_path, build_dataset):
    source = tmp_path / "<b>odd"
    source.mkdir()
    bodies = [f"total{n} = left{n} + right{n} * {n}\n    return total{n}" for n in range(4)]
    for number, (doc, body) in enumerate(zip(HOSTILE, bodies, strict=True)):
        code = f'def f{number}(left{number}, right{number}):\n    """{doc}"""\n    {body}\n'
        (source / f"<img src=y>{number}.py").write_text(code, "utf-8")
    made = build_dataset(source, tmp_path / "out", "safety.hidden_character=allow")
    assert len(made.rows("instructions")) == 12
    path = write_report(made.folder)
    tab.open(path)
    tab.run("document.querySelectorAll('details').forEach(each => each.open = true)")
    tab.run("new Promise(done => setTimeout(done, 200))")
    shown = tab.run("document.getElementById('list').innerText")
    for said in (
        "<script>window.stolen = 1</script> and </textarea></script><!-- to the reader.",
        'Show <img src="x" onerror="window.stolen = 1"> and !',
        "Ring the <U+0007> bell, colour <U+001B>[31m the terminal, then turn <U+202E>back<U+202C>",
        "{{ 7 * 7 }} and ${7} to the end.",
        "<img src=y>0.py",
    ):
        assert said in shown
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202a-\u202e]", path.read_text("utf-8"))
    assert tab.run("typeof window.stolen") == "undefined"
    assert tab.run("document.images.length") == 0
    assert tab.run("document.querySelectorAll('#list script, #list b').length") == 0
    assert tab.run("document.querySelectorAll('a[href^=\"javascript\"]').length") == 0
    assert tab.complaints == []
    assert tab.requests == [path.as_uri()]


def test_the_pages_policy_stops_what_would_get_through(shop_page):
    """The second lock: even markup that got in could run nothing and ask nobody."""
    shop_page.run(
        "document.body.insertAdjacentHTML('beforeend',"
        '\'<img src="https://example.org/x" onerror="window.stolen = 1">\')'
    )
    shop_page.run("new Promise(done => setTimeout(done, 200))")
    assert shop_page.run("typeof window.stolen") == "undefined"
    assert any("Content Security Policy" in text for text in shop_page.complaints)


def _as_fixes(rows):
    count = rows.num_rows
    columns = {
        "task": pa.array(["fix"] * count),
        "input": pa.array(["Broken:\n```python\nx = 1\ny = 2\n```"] * count),
        "output": pa.array(["```python\nx = 1\ny = 3\n```\nThat is it."] * count),
    }
    for name, column in columns.items():
        rows = rows.set_column(rows.column_names.index(name), rows.schema.field(name), column)
    return rows


def test_fixes_show_a_diff(tab, altered, shop_dataset):
    path = write_report(altered(shop_dataset.folder, _as_fixes))
    tab.open(path)
    _set(tab, "task", "fix")
    tab.run("document.querySelector('#list > details:not([hidden])').open = true")
    tab.run("new Promise(requestAnimationFrame)")
    titles = (
        "[...document.querySelector('#list > details[open]:not([hidden])').querySelectorAll('h3')]"
    )
    assert tab.run(f"{titles}.map(title => title.textContent)") == [
        "Instruction", "Input", "Output", "Change",
    ]  # fmt: skip
    change = tab.run(f"{titles}.at(-1).nextElementSibling.innerText")
    assert change.strip().splitlines() == [
        "--- before", "+++ after", "@@ -1,2 +1,2 @@", " x = 1", "-y = 2", "+y = 3",
    ]  # fmt: skip


def test_safety_findings_show_where_there_are_any(tab, shop_page, tmp_path, build_dataset):
    assert shop_page.run("document.getElementById('safety')") is None
    source = tmp_path / "app"
    source.mkdir()
    code = 'def sender():\n    """Return who sends the bills."""\n    return "{}"\n'
    (source / "a.py").write_text(code.format("jane.doe@mail.corp.net"))
    path = write_report(build_dataset(source, tmp_path / "out").folder)
    tab.open(path)
    assert _cells(tab, "#safety tbody") == [["email", "1"]]
    assert "jane.doe" not in path.read_text("utf-8")


def _many(rows, count):
    """Repeat rows until there are ``count``, each with an id of its own."""
    repeated = pa.concat_tables([rows] * (count // rows.num_rows + 1)).slice(0, count)
    ids = pa.array([f"{number * 2654435761 % 2**32:08x}{number:024x}" for number in range(count)])
    return repeated.set_column(0, rows.schema.field("example_id"), ids).combine_chunks()


def test_a_hundred_thousand_rows(tab, altered, stdlib_dataset):
    folder = altered(stdlib_dataset.folder, lambda rows: _many(rows, 100_000))
    started = time.process_time()
    path = write_report(folder)
    assert time.process_time() - started < 3
    assert tab.open(path) < 3
    assert path.stat().st_size < 5 * MEGABYTE
    (counts,) = [row[1:] for row in _cells(tab, "#splits tbody") if row[0] == "instructions"]
    assert sum(int(count.replace(",", "")) for count in counts) == 100_000
    assert "its manifest counts" in tab.run("document.querySelector('.warning').textContent")
    started = time.perf_counter()
    tab.type("#search", "return")
    assert len(_shown(tab)) > 50
    assert time.perf_counter() - started < 3


def test_the_page_is_small_whatever_the_rows(altered, shop_dataset):
    """A row of 12,000 characters that all need escaping and colouring, 1,000 times."""

    def heavy(rows):
        rows = _many(rows, 1_000)
        text = "```python\n" + "<'&'>\n" * 2_000 + "```"
        for name in ("input", "output"):
            place = rows.column_names.index(name)
            rows = rows.set_column(place, rows.schema.field(name), pa.array([text] * 1_000))
        return rows

    path = write_report(altered(shop_dataset.folder, heavy))
    assert path.stat().st_size < 5 * MEGABYTE


def test_the_same_folder_gives_the_same_page(shop_dataset, tmp_path):
    pages = [write_report(shop_dataset.folder, tmp_path / name) for name in ("a.html", "b.html")]
    assert pages[0].read_bytes() == pages[1].read_bytes()


def test_it_lies_in_the_folder_and_is_not_published(shop_dataset, tmp_path):
    from corpus.publish.manifest import published_files

    folder = shutil.copytree(shop_dataset.folder, tmp_path / "data")
    before = published_files(folder)
    assert write_report(folder) == folder / "report.html"
    assert published_files(folder) == before
    assert not list(folder.glob(".report*"))


def test_a_folder_that_lost_its_work_files(tab, shop_dataset, tmp_path):
    """A dataset from a hub has none: what was left out is known by number alone."""
    folder = shutil.copytree(shop_dataset.folder, tmp_path / "data")
    shutil.rmtree(folder / ".tunesmith")
    tab.open(write_report(folder))
    reasons = {(row["stage"], row["reason"]) for row in shop_dataset.rejects()}
    assert tab.run("document.querySelectorAll('.reject').length") == len(reasons)
    assert tab.complaints == []
