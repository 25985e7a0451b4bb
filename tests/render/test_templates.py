# ruff: noqa: E501 - a row of a table reads better on one line
from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import TemplateError
from corpus.ids import content_id
from corpus.languages import LANGUAGES
from corpus.render.environment import code, fence, one_line
from corpus.render.shape import violation
from corpus.render.templates import KNOWLEDGE_SLOTS, Templates
from corpus.tasks.registry import TASKS

EXPLAIN = {
    "language": "python",
    "name": "Order.total",
    "path": "py/orders.py",
    "code": "def total(self):\n    return 1",
    "summary": "Add up.",
    "description": "",
    "parameters": [],
    "returns": [],
    "raises": [],
    "context": [],
    "asked": [],
    "used": [],
    "missing": [],
}
KNOWLEDGE = {
    "language": "go",
    "path": "a.go",
    "repo": "r",
    "text": "package a\n",
    "line_comment": "//",
}


def _templates(folder: Path | None, *tasks: str) -> Templates:
    slots = {task: TASKS[task].slots for task in tasks or ("explain",) if task in TASKS}
    if "knowledge" in tasks:
        slots["knowledge"] = KNOWLEDGE_SLOTS
    return Templates(str(folder) if folder else None, slots)


def _all(templates: Templates, task: str) -> dict[str, object]:
    ids = (content_id(str(number)) for number in range(200))
    found = (templates.choose(task, id_, EXPLAIN) for id_ in ids)
    return {chosen.name: chosen for chosen in found}


def _render_all(folder: Path) -> None:
    for template in _all(_templates(folder), "explain").values():
        template.render(EXPLAIN)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "mine" / "explain").mkdir(parents=True)
    return tmp_path / "mine"


# ---------------------------------------------------------------- what they render


@pytest.mark.parametrize("task", sorted(TASKS))
def test_every_template_renders_its_samples_in_the_declared_shape(task):
    """Each sample has a template, and each template samples, in every language of the task."""
    templates = list(_templates(None, task).of_task(task))
    pairs = [pair for pair in map(TASKS[task].make, TASKS[task].samples()) if pair]
    languages = {pair.slots["language"] for pair in pairs}
    assert languages == ({"python"} if task == "security" else set(LANGUAGES))
    for template in templates:
        rows = [template.render(pair.slots) for pair in pairs if template.fits(pair.slots)]
        assert len(rows) >= (1 if task == "security" else len(LANGUAGES)), template.name
        for row in rows:
            assert all((row.system, row.instruction, row.input, row.output))
            assert violation(row.output, template.shape) is None
            assert "\n\n\n" not in row.output
    phrasings = {t.render(p.slots).instruction for t in templates for p in pairs if t.fits(p.slots)}
    assert len(phrasings) >= 3


def test_the_choice_follows_from_the_id():
    one, other = _templates(None), _templates(None)
    for number in range(50):
        id_ = content_id(str(number))
        assert (
            one.choose("explain", id_, EXPLAIN).name == other.choose("explain", id_, EXPLAIN).name
        )


def test_explain_says_what_the_doc_says(folder):
    slots = EXPLAIN | {
        "description": "More.\n\nAnd more.",
        "parameters": [
            {"name": "a", "type": "int", "description": "the\n   first"},
            {"name": "b", "type": "", "description": "the second"},
        ],
        "returns": [{"name": "", "type": "str", "description": "a text"}],
        "raises": [
            {"name": "KeyError", "type": "", "description": "if absent"},
            {"name": "OSError", "type": "", "description": ""},
        ],
    }
    rendered = _templates(None).choose("explain", content_id("x"), EXPLAIN).render(slots)
    assert rendered.input == "```python\ndef total(self):\n    return 1\n```"
    assert rendered.output == (
        "Add up.\n\nMore.\n\nAnd more.\n\n"
        "**Parameters**\n\n- `a` (`int`): the first\n- `b`: the second\n\n"
        "**Returns**\n\n- `str`: a text\n\n"
        "**Raises**\n\n- `KeyError`: if absent\n- `OSError`"
    )


def test_knowledge_is_a_header_and_the_file():
    template = _templates(None, "knowledge").choose("knowledge", content_id("x"), KNOWLEDGE)
    assert template.render_text(KNOWLEDGE) == "// a.go\n\npackage a\n"


JINJA = "{{ 7*7 }} {% raw %} {# gone? #} {{ boundary }} {% include 'x' %}"


def test_mined_text_that_looks_like_jinja_stays_as_it_is(shop_dataset):
    rendered = (
        _templates(None)
        .choose("explain", content_id("x"), EXPLAIN)
        .render(EXPLAIN | {"code": JINJA})
    )
    assert rendered.input == fence(JINJA, "python")
    pages = [r for r in shop_dataset.rows("instructions") if "{{ 7*7 }}" in r["output"]]
    assert {row["task"] for row in pages} == {"explain", "document", "implement"}
    orders = next(r for r in shop_dataset.rows("knowledge") if "traced" in r["text"])
    assert '    text = "{{ 7*7 }} {% raw %} {# gone? #}"\n' in orders["text"]


# ---------------------------------------------------------------- fences


@pytest.mark.parametrize(
    ("code", "fenced"),
    [
        ("x", "```py\nx\n```"),
        ("", "```py\n\n```"),
        ("`x` ``y``", "```py\n`x` ``y``\n```"),
        ("```\nx\n```", "````py\n```\nx\n```\n````"),
        ("a ````` b", "``````py\na ````` b\n``````"),
    ],
)
def test_fence(code, fenced):
    assert fence(code, "py") == fenced


@given(st.text(alphabet="`x\n ", max_size=60))
def test_nothing_in_the_code_closes_its_fence(code):
    opening, *inside, closing = fence(code, "py").split("\n")
    assert opening == f"{closing}py"
    assert re.fullmatch("`{3,}", closing)
    assert "\n".join(inside) == code
    assert closing not in code


@pytest.mark.parametrize(
    ("text", "quoted"),
    [("x", "`x`"), ("a\n b", "`a b`"), ("`x`", "`` `x` ``"), ("a``b", "```a``b```"), ("", "``")],
)
def test_inline_code(text, quoted):
    assert code(text) == quoted


def test_one_line():
    assert one_line("  a\n\tb   c ") == "a b c"


# ---------------------------------------------------------------- the user's own


def test_a_user_template_replaces_by_name_and_adds_by_name(folder):
    (folder / "explain" / "default.jinja").write_text(
        '{% extends "tunesmith/explain/default.jinja" %}\n'
        "{% block instruction %}Mine: {{ name }}{% endblock %}"
    )
    (folder / "explain" / "added.jinja").write_text(
        '{% extends "row.jinja" %}{% block system %}{% endblock %}'
        "{% block instruction %}Added{% endblock %}{% block output %}{{ summary }}{% endblock %}"
    )
    chosen, shipped = _all(_templates(folder), "explain"), _all(_templates(None), "explain")
    assert chosen.keys() == shipped.keys() | {"explain/added.jinja"}
    default = chosen["explain/default.jinja"].render(EXPLAIN)
    assert default.instruction == "Mine: Order.total"
    assert default.output == "Add up."
    assert default.input == shipped["explain/default.jinja"].render(EXPLAIN).input
    added = chosen["explain/added.jinja"].render(EXPLAIN)
    assert (added.system, added.instruction, added.input, added.output) == (
        "",
        "Added",
        "",
        "Add up.",
    )
    # `explain/brief` extends explain/default, which is the user's now.
    assert chosen["explain/brief.jinja"].digest != shipped["explain/brief.jinja"].digest


def test_the_digest_covers_what_a_template_builds_on(folder):
    before = _all(_templates(None), "explain")
    (folder / "row.jinja").write_text(
        "{% block system %}Short.{% endblock %}{{ boundary }}{% block instruction required %}"
        "{% endblock %}{{ boundary }}{% block input %}{% endblock %}{{ boundary }}"
        "{% block output required %}{% endblock %}"
    )
    after = _all(_templates(folder), "explain")
    for name, template in before.items():
        assert after[name].digest != template.digest
        assert after[name].render(EXPLAIN).system == "Short."


def test_a_user_template_reaches_the_dataset(shop, shop_dataset, folder, build_dataset, tmp_path):
    (folder / "knowledge").mkdir()
    (folder / "knowledge" / "default.jinja").write_text("<{{ path }}>\n{{ text }}")
    made = build_dataset(shop, tmp_path / "out", templates=str(folder), tasks=["knowledge"])
    texts = {row["provenance"]["path"]: row["text"] for row in made.rows("knowledge")}
    assert texts["web/ui.ts"].startswith("<web/ui.ts>\n/** Formats")
    assert made.rows("functions") == shop_dataset.rows("functions")


ROW = '{% extends "row.jinja" %}\n'
OUTPUT = "{% block output %}{{ summary }}{% endblock %}\n"
ASK = "{% block instruction %}x{% endblock %}\n"
FAULTS = {
    "typo": (f"{ROW}{ASK}\n{{% block output %}}{{{{ sumary }}}}{{% endblock %}}",
             "{file}:4: no variable 'sumary'; did you mean 'summary'?"),
    "unknown": (f"{ROW}{ASK}{{% block output %}}{{{{ zzz }}}}{{% endblock %}}",
                "{file}:3: no variable 'zzz'; there are "),
    "unclosed": (f"{ROW}{ASK}{{% block output %}}{{{{ summary }}}}",
                 "{file}:3: 'block' is not closed: it needs {% endblock %}"),
    "syntax": (f"{ROW}{ASK}{{% block output %}}{{{{ summary | }}}}{{% endblock %}}", "{file}:3: "),
    "filter": (f"{ROW}{ASK}{{% block output %}}{{{{ summary | fense }}}}{{% endblock %}}",
               "{file}:3: No filter named 'fense'."),
    "test": (f"{ROW}{ASK}{{% if summary is blue %}}{{% endif %}}{OUTPUT}",
             "{file}:3: No test named 'blue'"),
    "parent": ('\n{% extends "explain/absent.jinja" %}', "{file}:2: there is no template "),
    "itself": ('{% extends "explain/mine.jinja" %}', "{file}:1: "),
    "layout": ("{{ summary }}\n", '{file}:1: begin it with {% extends "row.jinja" %}'),
    "bytes": (b"{# caf\xe9 #}\n", "{file}:1: the file is not UTF-8"),
    "missing block": (f"{ROW}{OUTPUT}", "{file}:"),
    "class": (f"{ROW}{ASK}{{% block output %}}{{{{ summary.__class__ }}}}{{% endblock %}}",
              "{file}:3: access to attribute '__class__' of 'str' object is unsafe."),
    "globals": (f"{ROW}{ASK}\n{{% block output %}}{{% macro m() %}}{{% endmacro %}}{{{{ m._func.__globals__ }}}}{{% endblock %}}",
                "{file}:4: access to attribute '_func' of 'Macro' object is unsafe."),
    "getitem": (f"{ROW}{ASK}{{% block output %}}{{{{ summary['__class__'] }}}}{{% endblock %}}",
                "{file}:3: "),
    "attr": (f"{ROW}{ASK}{{% block output %}}{{{{ summary|attr('__class__') }}}}{{% endblock %}}",
             "{file}:3: "),
    "format": (f"{ROW}{ASK}{{% block output %}}{{{{ '{{0.__class__}}'.format(summary) }}}}{{% endblock %}}",
               "{file}:3: access to attribute '__class__' of 'str' object is unsafe."),
    "mutation": (f"{ROW}{ASK}{{% block output %}}{{{{ parameters.append(1) }}}}{{% endblock %}}",
                 "{file}:3: access to attribute 'append' of 'list' object is unsafe."),
    "attribute": (f"{ROW}{ASK}{{% block output %}}{{{{ summary.nope }}}}{{% endblock %}}",
                  "{file}:3: "),
    "wrong kind": (f"{ROW}{ASK}{{% block output %}}{{{{ parameters | one_line }}}}{{% endblock %}}",
                   "{file}:3: "),
    "division": (f"{ROW}{ASK}{{% block output %}}\n{{{{ 1 / 0 }}}}{{% endblock %}}",
                 "{file}:4: division by zero"),
    "boundary": (f"{ROW}{ASK}{{% block output %}}{{{{ boundary }}}}{{% endblock %}}", "{file}:"),
    "global": (f"{ROW}{ASK}{{% block output %}}{{{{ range(9) }}}}{{% endblock %}}",
               "{file}:3: no variable 'range'; "),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_faults(folder, tunesmith, tmp_path, shop, fault):
    """Each is found before the work starts, and said in one line with file and line."""
    text, expected = FAULTS[fault]
    file = folder / "explain" / "mine.jinja"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    for name in ("brief", "default", "newcomer", "path"):  # leave no choice but that one
        (folder / "explain" / f"{name}.jinja").write_bytes(file.read_bytes())
    out = tmp_path / "parent" / "out"
    with pytest.raises(TemplateError) as raised:
        _render_all(folder)
    assert "\n" not in str(raised.value)
    said = re.sub(r"/(brief|default|newcomer|path)\.jinja", "/mine.jinja", str(raised.value))
    expected = f"template {expected.replace('{file}', str(file))}"
    assert said.startswith(expected), said
    if fault in ("typo", "wrong kind"):
        done = tunesmith("build", "--repo", shop, "--out", out, "--templates", folder)
        assert (done.returncode, done.stdout) == (2, "")
        assert re.sub(r"/\w+\.jinja", "/mine.jinja", done.stderr).startswith(
            f"tunesmith: error: {expected}"
        )
        assert done.stderr.count("\n") == 1
        assert not out.parent.exists()


def test_folder_that_is_not_there(tmp_path):
    with pytest.raises(TemplateError, match=r"template folder .* does not exist"):
        _templates(tmp_path / "absent")


def test_a_user_layout_without_boundaries(folder):
    (folder / "row.jinja").write_text("{% block instruction %}{% endblock %}")
    with pytest.raises(TemplateError, match=r"row\.jinja"):
        _render_all(folder)


def test_templates_of_tasks_that_are_not_asked_for_are_not_read(folder):
    (folder / "implement").mkdir()
    (folder / "implement" / "bad.jinja").write_text("{{")
    _templates(folder, "explain")
    with pytest.raises(TemplateError):
        _templates(folder, "implement")
