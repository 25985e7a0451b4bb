"""A user's folder over the shipped one: headers, weights, conditions, languages."""

from __future__ import annotations

from collections import Counter

import pytest

from corpus.errors import TemplateError
from corpus.ids import content_id
from corpus.render.templates import Templates
from corpus.tasks.registry import TASKS
from tests.render.test_templates import EXPLAIN

EXTENDS = '{% extends "tunesmith/explain/default.jinja" %}\n'
SHIPPED = ("brief", "default", "newcomer", "path")


@pytest.fixture
def put(tmp_path):
    def write(name: str, text: str = EXTENDS) -> None:
        path = tmp_path / "mine" / f"{name}.jinja"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    return write


def _load(tmp_path) -> Templates:
    return Templates(str(tmp_path / "mine"), {"explain": TASKS["explain"].slots})


def _chosen(tmp_path, **slots) -> Counter[str]:
    templates = _load(tmp_path)
    found = (templates.choose("explain", content_id(str(n)), EXPLAIN | slots) for n in range(2000))
    return Counter(template.name if template else "" for template in found)


def _head(*lines: str) -> str:
    return "\n".join(["{#---", *lines, "---#}", EXTENDS])


def test_weights_are_shares(put, tmp_path):
    put("explain/often", _head("weight: 4"))
    put("explain/brief", _head("weight: 0"))
    put("explain/half", _head("weight: 0.5"))
    chosen = _chosen(tmp_path)
    assert "explain/brief.jinja" not in chosen
    assert chosen["explain/often.jinja"] / 2000 == pytest.approx(4 / 7.5, abs=0.04)
    assert chosen["explain/half.jinja"] / 2000 == pytest.approx(0.5 / 7.5, abs=0.02)


def test_a_condition_chooses_the_pairs(put, tmp_path):
    put("explain/raising", _head("weight: 100", "when: raises and language == 'python'"))
    raising = {"raises": [{"name": "KeyError"}]}
    assert "explain/raising.jinja" not in _chosen(tmp_path)
    assert "explain/raising.jinja" not in _chosen(tmp_path, language="go", **raising)
    assert _chosen(tmp_path, **raising)["explain/raising.jinja"] > 1800


def test_no_template_for_a_pair(put, tmp_path):
    for name in (*SHIPPED, "context"):
        put(f"explain/{name}", _head("when: description"))
    assert _chosen(tmp_path) == {"": 2000}


def test_what_no_template_is_for_is_rejected(put, tmp_path, shop, build_dataset):
    for name in (*SHIPPED, "context"):
        put(f"explain/{name}", _head("when: language == 'python'"))
    made = build_dataset(
        shop, tmp_path / "out", templates=str(tmp_path / "mine"), tasks=["explain"]
    )
    assert {row["language"] for row in made.rows("instructions")} == {"python"}
    assert any(row["reason"] == "no_template" for row in made.rejects())


def test_a_language_has_its_own(put, tmp_path):
    put("explain/go/default", EXTENDS + "{% block instruction %}Go!{% endblock %}")
    put("explain/go/added")
    others, go = _chosen(tmp_path), _chosen(tmp_path, language="go")
    assert set(others) == {f"explain/{name}.jinja" for name in SHIPPED}
    assert set(go) == {
        "explain/go/default.jinja",
        "explain/go/added.jinja",
        *(f"explain/{name}.jinja" for name in SHIPPED if name != "default"),
    }


def test_what_a_header_does_not_say_is_as_in_what_it_extends(put, tmp_path):
    base = "\n".join(["{#---", "weight: 3", "when: returns", "shape: {min_bullets: 1}", "---#}"])
    put("explain/base", f"{base}\n{EXTENDS}")
    put("explain/child", '{% extends "explain/base.jinja" %}')
    put("explain/own", '{#---\nwhen: raises\n---#}\n{% extends "explain/base.jinja" %}')
    found = {template.name: template for template in _load(tmp_path).of_task("explain")}
    child, own = found["explain/child.jinja"], found["explain/own.jinja"]
    assert (child.weight, child.when, child.shape) == (1, "returns", {"min_bullets": 1})
    assert (own.weight, own.when, own.shape) == (1, "raises", {"min_bullets": 1})


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["wieght: 2"], "2: unknown key 'wieght'; did you mean 'weight'?"),
        (["", "weight: -1"], "3: weight: input should be greater than or equal to 0, not -1"),
        (["weight: 1", "weight: 2"], "3: 'weight' is given twice"),
        (["weight: much"], "2: weight: input should be a valid number, not 'much'"),
        (["- weight"], "2: a header holds keys, as `weight: 2`"),
        (["weight: ["], "3: "),
        (["shape: {bullets: 1}"], "2: unknown key 'shape.bullets'; did you mean 'min_bullets'?"),
        (["shape:", "  min_bullets: one"], "3: shape.min_bullets: input should be a valid integer"),
        (["when: sumary"], "2: when: no variable 'sumary'; did you mean 'summary'?"),
        (["weight: 1", "when: summary =="], "3: when: "),
        (["when: summary summary"], "2: when: it must be one expression"),
    ],
)
def test_faults_of_headers(put, tmp_path, lines, expected):
    put("explain/mine", _head(*lines))
    with pytest.raises(TemplateError) as raised:
        _load(tmp_path)
    where = f"template {tmp_path / 'mine' / 'explain' / 'mine.jinja'}:"
    assert str(raised.value).startswith(where + expected), str(raised.value)


def test_a_folder_that_is_no_language(put, tmp_path):
    put("explain/pyhton/default")
    with pytest.raises(TemplateError, match=r"'pyhton' is no language's; did you mean 'python'\?"):
        _load(tmp_path)


def test_shapes_are_declared_by_task_and_where_a_template_differs():
    templates = Templates(None, {name: task.slots for name, task in TASKS.items()})
    shapes = templates.shapes()
    assert shapes["document"] == {"code_blocks": 1, "only_code": True}
    assert shapes["security"]["sections"] == ["Findings"]
    assert shapes["security/clean.jinja"] == {"begins_with": "text", "code_blocks": 0}
    assert "explain/brief.jinja" not in shapes
