"""The dataset card's pictures: files that are there, say the figures, and show in a browser."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from corpus.report.charts import bars, lines


def _pictures(folder):
    card = (folder / "README.md").read_text("utf-8")
    return re.findall(r"!\[[^\]]+\]\(([^)]+)\)", card)


def test_every_picture_is_a_published_file(dataset):
    names = _pictures(dataset.folder)
    assert names == [
        f"figures/{name}.svg" for name in ("funnel", "languages", "tasks", "lengths-output")
    ]
    assert set(names) == {name for name in dataset.published() if name.endswith(".svg")}


def test_pictures_hold_nothing_of_the_day_or_the_machine(dataset):
    for name in _pictures(dataset.folder):
        svg = (dataset.folder / name).read_text("utf-8")
        assert ElementTree.fromstring(svg).get("role") == "img"
        assert "<!--" not in svg
        assert "Kozea" not in svg
        assert not re.search(r"\d{4}-\d{2}-\d{2}|[0-9a-f]{8}-[0-9a-f]{4}", svg)
        assert not re.search(r"(href|src|url)[=(]", svg)


def test_pictures_show(tab, dataset, tmp_path):
    images = [f'<img src="{(dataset.folder / n).as_uri()}">' for n in _pictures(dataset.folder)]
    (tmp_path / "card.html").write_text("".join(images))
    tab.open(tmp_path / "card.html")
    assert tab.run("[...document.images].map(image => image.naturalWidth > 0)") == [True] * 4


def test_the_card_says_the_funnel(dataset):
    card = (dataset.folder / "README.md").read_text("utf-8")
    figures = dataset.summary
    left_out = figures["unique_functions"] - figures["after_filters"]
    cells = (figures["unique_functions"], left_out, figures["after_filters"])
    numbers = " | ".join(f"{number:,}" for number in cells)
    assert f"| unique functions | {numbers} |" in card


def test_a_chart_is_drawn_as_given():
    svg = bars("Fruit", ["apples", "pears"], {"ripe": [3, 1_500], "green": [0, 2]})
    root = ElementTree.fromstring(svg)
    texts = [text.text for text in root.iter() if text.tag.endswith("}text")]
    assert [text for text in texts if text in ("apples", "pears")] == ["pears", "apples"]
    assert {"ripe", "green"} <= set(texts)
    titles = [title.text for title in root.iter() if title.tag.endswith("}title")]
    assert sorted(titles) == ["0", "1.5k", "2", "3"]
    assert svg == bars("Fruit", ["apples", "pears"], {"ripe": [3, 1_500], "green": [0, 2]})


def test_every_line_of_a_chart_has_its_place_in_the_legend():
    for count in range(1, 12):
        names = [f"task{number}" for number in range(count)]
        root = ElementTree.fromstring(lines("x", ["1", "2"], {name: [1, 2] for name in names}))
        height = float(root.get("viewBox").split()[3])
        group = next(g for g in root.iter() if g.get("class") == "legends")
        offset = float(re.search(r",\s*([\d.]+)", group.get("transform"))[1])
        texts = [text for text in group.iter() if text.tag.endswith("}text")]
        assert [text.text for text in texts] == names
        assert all(offset + float(text.get("y")) < height for text in texts)
