"""The report of all kinds of rows: hostile ones, many, large; and of folders that lack some."""

from __future__ import annotations

import re
import shutil
import time

import pyarrow as pa

from corpus.publish.manifest import published_files
from corpus.report.page import write_report
from tests.report.on_page import cells, fill, shown

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
    text = tab.run("document.getElementById('list').innerText")
    for said in (
        "<script>window.stolen = 1</script> and </textarea></script><!-- to the reader.",
        'Show <img src="x" onerror="window.stolen = 1"> and !',
        "Ring the <U+0007> bell, colour <U+001B>[31m the terminal, then turn <U+202E>back<U+202C>",
        "{{ 7 * 7 }} and ${7} to the end.",
        "<img src=y>0.py",
    ):
        assert said in text
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
    fill(tab, "task", "fix")
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
    assert cells(tab, "#safety tbody") == [["email", "1"]]
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
    assert tab.open(path) < 10  # by the clock: a busy machine takes its time
    assert path.stat().st_size < 5_000_000
    (counts,) = [row[1:] for row in cells(tab, "#splits tbody") if row[0] == "instructions"]
    assert sum(int(count.replace(",", "")) for count in counts) == 100_000
    assert "its manifest counts" in tab.run("document.querySelector('.warning').textContent")
    started = time.perf_counter()
    tab.type("#search", "return")
    assert len(shown(tab)) > 50
    assert time.perf_counter() - started < 10


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
    assert path.stat().st_size < 5_000_000


def test_the_same_folder_gives_the_same_page(shop_dataset, tmp_path):
    pages = [write_report(shop_dataset.folder, tmp_path / name) for name in ("a.html", "b.html")]
    assert pages[0].read_bytes() == pages[1].read_bytes()


def test_it_lies_in_the_folder_and_is_not_published(shop_dataset, tmp_path):
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
