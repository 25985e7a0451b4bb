"""Draws the pictures of the report and the dataset card, with pygal, as SVG.

pygal is 0.13 MB of plain Python, so it is part of the core install and every build can draw its
card. What it draws is the same on every machine: text is laid out without asking for fonts. Colours
are left to ``page/chart.css``, which knows light and dark.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pygal

# pygal hooks into every later import for the sake of its map plugins, by a way that Python 3.12
# dropped and 3.11 warns of.
sys.meta_path[:] = [hook for hook in sys.meta_path if not isinstance(hook, pygal.PluginImportFixer)]

_SVG = "{http://www.w3.org/2000/svg}"
_STYLE = (Path(__file__).parent / "page" / "chart.css").read_text("utf-8")
# Narrow, so that the labels can still be read where a phone shrinks a picture to its width.
_WIDTH, _ROW, _LINES = 440, 30, 240
_FONTS = dict.fromkeys((f"{kind}_font_size" for kind in ("label", "major_label", "legend")), 13)

for _prefix, _uri in (
    ("", "http://www.w3.org/2000/svg"),
    ("xlink", "http://www.w3.org/1999/xlink"),
):
    ElementTree.register_namespace(_prefix, _uri)


def bars(title: str, labels: Sequence[str], series: Mapping[str, Sequence[int]]) -> str:
    """Draw horizontal bars, the first label on top, the series one after the other in a bar."""
    chart = _chart(pygal.HorizontalStackedBar, height=_ROW * len(labels) + 90)
    chart.x_labels = [_short(label) for label in reversed(labels)]
    chart.show_legend = len(series) > 1
    return _draw(chart, title, {name: values[::-1] for name, values in series.items()})


def lines(title: str, labels: Sequence[str], series: Mapping[str, Sequence[float]]) -> str:
    """Draw a line per series over the same labels; values are shares in percent."""
    chart = _chart(
        pygal.Line, height=_LINES, show_dots=False, value_formatter=lambda share: f"{share:.0f}%",
        stroke_style={"width": 2}, min_scale=3, max_scale=5,
    )  # fmt: skip
    chart.x_labels = labels
    return _draw(chart, title, series)


def standalone(svg: str) -> str:
    """Return a picture as a file of its own: with its style inside, on any background."""
    head, end, body = svg.partition(">")
    return f"{head}{end}<style>{_STYLE}</style>{body}\n"


def _chart(kind: Any, **options: Any) -> Any:
    style = pygal.style.Style(font_family="sans-serif", **_FONTS)
    settings = {
        "style": style, "js": [], "css": [], "width": _WIDTH, "margin": 6, "no_prefix": True,
        "legend_at_bottom": True, "legend_box_size": 11,
        "value_formatter": _compact, "truncate_legend": 60, "truncate_label": 24, "max_scale": 5,
    }  # fmt: skip
    return kind(**{**settings, **options})


def _draw(chart: Any, title: str, series: Mapping[str, Sequence[float]]) -> str:
    """Return the SVG of a chart without the date, ids and styles that pygal puts there."""
    for name, values in series.items():
        chart.add(name, list(values))
    # pygal makes room for a legend only where its columns divide the series; long names need one.
    narrow = max(map(len, series)) < _WIDTH // 30
    chart.legend_at_bottom_columns = len(series) if narrow and len(series) <= 3 else not narrow
    # Parsed anew: pygal builds on lxml where that happens to be installed, which writes otherwise.
    root = ElementTree.fromstring(chart.render())
    for parent in list(root.iter()):
        parent.attrib.pop("id", None)
        for child in list(parent):
            if child.get("class") == "value" and child.tag == f"{_SVG}desc":
                child.tag = f"{_SVG}title"  # which a browser shows under the pointer
                child.attrib.clear()
            elif child.tag.removeprefix(_SVG) in ("style", "script", "title", "desc"):
                parent.remove(child)
    root.attrib |= {"role": "img", "aria-label": title}
    return ElementTree.tostring(root, encoding="unicode")


def _short(label: str) -> str:
    return label if len(label) <= 24 else f"{label[:11]}…{label[-12:]}"


def _compact(number: float | None) -> str:
    """Write a count in few characters: 83,187 is 83k."""
    if number is None:
        return ""
    for limit, unit in ((10**6, "M"), (10**3, "k")):
        if number >= limit:
            return f"{number / limit:.3g}{unit}"
    return f"{number:g}"
