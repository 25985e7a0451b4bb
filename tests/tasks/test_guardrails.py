"""Refusals with their twins, and security findings with as many clean functions."""

from __future__ import annotations

import ast
import re
from collections import Counter

import pytest

from corpus.errors import TemplateError
from corpus.tasks.audit import load_remedies
from corpus.tasks.findings import findings_in
from corpus.tasks.policies import load_policies
from tests.conftest import Dataset

UNSAFE = [
    ("import yaml\nx = yaml.load(f)\n", [(2, "B506", 20)]),
    ("import subprocess as sp\nsp.run(x, shell=True)\n", [(2, "B602", 78)]),
    ("import hashlib\n\nhashlib.md5(x)\n", [(3, "B324", 327)]),
    ("try:\n    f()\nexcept Exception:\n    pass\n", [(3, "B110", 703)]),
    ("eval(x)\n", [(1, "B307", 78)]),
    ("eval(x)  # nosec\n", []),
    ("assert x\n", []),
    ("import json\njson.loads(x)\n", []),
    ("password = 'hunter2!'\n", [(1, "B105", 259)]),
]


@pytest.mark.parametrize(("code", "expected"), UNSAFE)
def test_findings(code, expected):
    found = findings_in(code, "a.py")
    assert [(one.line, one.rule, one.cwe) for one in found if one.rule != "B404"] == expected
    for one in found:
        assert one.source == code.split("\n")[one.line - 1].strip()


@pytest.mark.parametrize("code", ["def f(:\n", "print 'x'\n", "x = 1\0\n", "(" * 10000])
def test_what_can_not_be_parsed_is_not_called_clean(code):
    assert findings_in(code, "a.py") is None


def test_looking_runs_nothing(tmp_path):
    trap = tmp_path / "trap"
    found = findings_in(f"open({str(trap)!r}, 'w').write('x')\n", "a.py")
    assert [one.rule for one in found] == ["B108"]
    assert not trap.exists()


@pytest.fixture(scope="module")
def guarded(stdlib, build_dataset, tmp_path_factory) -> Dataset:
    out = tmp_path_factory.mktemp("guardrails") / "out"
    return build_dataset(stdlib, out, tasks=["security", "policy"])


def _rows(dataset, task):
    return [row for row in dataset.rows("instructions") if row["task"] == task]


def test_security_rows_name_line_and_source_and_are_balanced(guarded):
    rows = _rows(guarded, "security")
    found = [row for row in rows if "**Findings**" in row["output"]]
    assert len(found) > 50
    assert len(rows) == 2 * len(found)
    clean = [row["output"] for row in rows if row not in found]
    assert {output.split("**Verdict**\n\n")[-1] for output in clean} == {"No issue found."}
    for row in found:
        code = row["input"].split("\n")[1:-1]
        bullets = [line for line in row["output"].split("\n") if line.startswith("- ")]
        assert bullets
        for bullet in bullets:
            line, source = re.match(
                r"- Line (\d+), (`+) ?(.*?) ?\2: (?:CWE-\d+\. )?\S", bullet
            ).group(1, 3)
            assert " ".join(code[int(line) - 1].split()) == source
        assert row["provenance"]["evidence"].startswith("bandit ")


def test_a_reasoned_review_takes_its_steps_from_what_was_found(guarded):
    rows = [row for row in _rows(guarded, "security") if "**Reasoning**" in row["output"]]
    assert len({row["template"] for row in rows}) == 2
    for row in rows:
        reasoning, verdict = re.split(r"\*\*(?:Findings|Verdict)\*\*", row["output"])
        steps = re.findall(r"^\d+\. (.*)$", reasoning, re.MULTILINE)
        if "No issue" in verdict:
            called = re.findall(r"`([^`]+)`", steps[0])
            assert called
            assert all(f"{name}(" in row["input"] for name in called)
        else:
            lines = re.findall(r"^- Line (\d+), ", verdict, re.MULTILINE)
            assert [step.split(" ")[1] for step in steps[::2]] == lines
            assert all(step.startswith("It matches bandit rule ") for step in steps[1::2])


def test_clean_functions_are_from_files_with_findings_where_there_are_enough(guarded):
    rows = _rows(guarded, "security")
    clean = [row for row in rows if row["output"].endswith("No issue found.")]
    paths = {row["provenance"]["path"] for row in rows if row not in clean}
    assert sum(row["provenance"]["path"] in paths for row in clean) > 0.9 * len(clean)


def test_each_refusal_has_its_benign_twin(guarded):
    rows = _rows(guarded, "policy")
    twins: dict[tuple[str, int], list[dict[str, object]]] = {}
    for row in rows:
        where = row["provenance"]
        twins.setdefault((where["path"], where["start_line"]), []).append(row)
    assert len(twins) > 20
    policies = Counter(row["provenance"]["evidence"] for row in rows)
    assert policies["doc"] == len(twins)
    named = {f"policy {policy.name}" for policy in load_policies(None)}
    assert policies.keys() <= {"doc", *named}
    assert len(policies) >= 4
    for pair in twins.values():
        refused, answered = sorted(pair, key=lambda row: row["template"] != "policy/default.jinja")
        assert refused["template"] == "policy/default.jinja"
        assert answered["template"] == "policy/answered.jinja"
        assert refused["input"] == answered["input"]
        assert refused["split"] == answered["split"]
        assert refused["output"].startswith("I won't ")
        assert not answered["output"].startswith("I won't ")
        code = "\n".join(refused["input"].split("\n")[1:-1])
        assert ast.parse(code)


def test_guardrails_are_asked_for(shop_dataset):
    assert {row["task"] for row in shop_dataset.rows("instructions")} == {
        "explain",
        "document",
        "implement",
    }


POLICY = """\
policies:
  - name: house
    about: "return"
    one_in: 1
    request: "Drop {name}."
    refusal: "Not {name}."
    alternative: "Ask."
    benign: "Explain {name}."
"""


def test_a_team_has_its_own_policies_and_remedies(shop, build_dataset, tmp_path):
    folder = tmp_path / "mine"
    (folder / "policy").mkdir(parents=True)
    (folder / "policy" / "policies.yaml").write_text(POLICY)
    (folder / "security").mkdir()
    (folder / "security" / "remedies.yaml").write_text("B110: Ours.\n")
    made = build_dataset(shop, tmp_path / "out", templates=str(folder), tasks=["policy"])
    refused = [row for row in made.rows("instructions") if row["output"].startswith("Not ")]
    assert len(refused) > 3
    assert {row["provenance"]["evidence"] for row in refused} == {"policy house"}
    assert load_remedies(str(folder)) == {"B110": "Ours."}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("one_in: 1", "one_in: 0", "4: policies.0.one_in: "),
        ("{name}.", "{code}.", "5: policies.0.request: it may say {name} and {path}"),
        ("{name}.", "{name.__class__}.", "5: policies.0.request: it may say {name} and {path}"),
        ('"return"', '"("', "3: policies.0.about: not a regular expression"),
        ("benign", "bening", "8: unknown key 'policies.0.bening'; did you mean 'benign'?"),
        (POLICY, "policies: []\n", "1: policies: "),
    ],
)
def test_faults_of_policies(tmp_path, old, new, expected):
    path = tmp_path / "policy" / "policies.yaml"
    path.parent.mkdir()
    path.write_text(POLICY.replace(old, new))
    with pytest.raises(TemplateError) as raised:
        load_policies(str(tmp_path))
    assert str(raised.value).startswith(f"{path}:{expected}"), str(raised.value)
