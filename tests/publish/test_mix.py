"""The mix: caps, shares, the same rows each time, and figures that add up."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pytest

from corpus.config import Mix
from corpus.publish.mix import mix_rows
from corpus.schemas import EXAMPLE
from corpus.store import Store

TASKS = {"explain": 60, "document": 60, "fix": 30, "test": 10}
DOCS = ("explain", "document")


def _row(task: str, number: int) -> dict[str, object]:
    text = dict.fromkeys(
        ("pair_id", "system", "instruction", "input", "template", "template_digest", "split"), "x"
    )
    return text | {
        "example_id": f"{task}{number}",
        "task": task,
        "language": ("python", "go")[number % 2],
        "license": None,
        "output": "abc" * number,
        "messages": [],
        "provenance": {"repo": f"r{number % 3}", "path": "a", "start_line": number},
    }


@pytest.fixture
def store(tmp_path):
    rows = [_row(task, number) for task, count in TASKS.items() for number in range(count)]
    made = Store(tmp_path)
    for table, shard, part in (("a", 0, rows[:40]), ("a", 1, rows[40:70]), ("b", 0, rows[70:])):
        made.write(table, shard, pa.Table.from_pylist(part, schema=EXAMPLE))
    return made


def _mixed(store, **mix):
    mix_rows(store, ("a", "b", "empty"), Mix(**mix), DOCS)
    rows = [
        row
        for part in (("a", 0), ("a", 1), ("b", 0))
        for row in store.read(*part)
        .filter(store.read(f"{part[0]}_mixed", part[1])["kept"])
        .to_pylist()
    ]
    rejects = Counter(row["reason"] for row in store.read("mix_rejects", 0).to_pylist())
    figures = {row["task"]: row for row in store.read("mix_figures", 0).to_pylist()}
    assert len(rows) + rejects.total() == sum(TASKS.values())
    assert {task: f["made"] for task, f in figures.items()} == TASKS
    assert {t: f["kept"] for t, f in figures.items() if f["kept"]} == Counter(_by(rows, "task"))
    return rows, rejects, figures


def test_few_rows_from_docs_have_the_same_output(tmp_path):
    alike = [_row("explain", number) | {"output": "Runs the module."} for number in range(8)]
    others = [_row("explain", number) for number in range(8, 12)]
    other_task = [_row("test", number) | {"output": "Runs the module."} for number in range(8)]
    store = Store(tmp_path)
    store.write("a", 0, pa.Table.from_pylist(alike + others + other_task, schema=EXAMPLE))
    mix_rows(store, ("a",), Mix(docs_share=1), DOCS)
    rejects = store.read("mix_rejects", 0).to_pylist()
    assert [row["reason"] for row in rejects] == ["repeated_output"] * 3
    assert {row["id"] for row in rejects} < {row["example_id"] for row in alike}


def _by(rows, key) -> Counter[str]:
    return Counter(row[key] for row in rows)


def test_by_default_all_rows_stay(store):
    rows, rejects, figures = _mixed(store)
    assert not rejects
    assert len(rows) == 160
    explain = figures["explain"]
    assert (explain["median"], explain["p95"], explain["longest"]) == (30, 56, 59)


@pytest.mark.parametrize(
    ("mix", "kept", "reason"),
    [
        ({"weights": {"explain": 0.5, "document": 0.0}}, {"explain": 30, "fix": 30, "test": 10},
         {"sampled_out": 90}),
        ({"per_task": {"document": 7}}, {**TASKS, "document": 7}, {"over_task_cap": 53}),
        ({"docs_share": 0.5, "enough": 0.66}, None, {"docs_over_share": 80}),
        ({"docs_share": 0.2, "enough": 0.66}, None, {"docs_over_share": 110}),
        ({"docs_share": 0.5, "enough": 0.67}, TASKS, {}),  # 40 others for 60 documented functions
        ({"per_task": {"explain": 10}, "enough": 0.1}, None,
         {"over_task_cap": 50, "docs_over_share": 30}),
    ],
)  # fmt: skip
def test_caps(store, mix, kept, reason):
    rows, rejects, _ = _mixed(store, **mix)
    assert rejects == reason
    if kept:
        assert _by(rows, "task") == kept
    else:
        docs = sum(row["task"] in DOCS for row in rows)
        assert docs / len(rows) <= mix.get("docs_share", 0.5)


def test_of_each_function_one_row_stays_before_any_has_two(store):
    rows, _, _ = _mixed(store, docs_share=0.65, enough=0.5)
    documented = Counter(row["provenance"]["start_line"] for row in rows if row["task"] in DOCS)
    assert documented.total() == 74
    assert len(documented) == 60


def test_caps_by_language_repo_and_function(store):
    rows, rejects, _ = _mixed(store, per_language={"go": 5}, per_repo=10, per_function=1)
    assert _by(rows, "language")["go"] <= 5
    assert max(Counter(row["provenance"]["repo"] for row in rows).values()) == 10
    assert max(Counter(row["provenance"]["start_line"] for row in rows).values()) == 1
    assert set(rejects) == {"over_function_cap", "over_language_cap", "over_repo_cap"}


def test_the_seed_chooses_and_a_larger_cap_keeps_what_a_smaller_one_does(store):
    def kept(seed: int, cap: int) -> list[str]:
        rows, _, _ = _mixed(store, seed=seed, per_task={"explain": cap})
        return [row["example_id"] for row in rows if row["task"] == "explain"]

    assert kept(0, 10) != kept(1, 10)
    assert set(kept(2, 5)) < set(kept(2, 20))
    small = kept(3, 30)
    assert small == sorted(small, key=lambda id_: int(id_.removeprefix("explain")))


def test_a_build_prints_its_mix(shop, build_dataset, tmp_path):
    made = build_dataset(
        shop, tmp_path / "out", "mix.per_function=1", "length.max_output_tokens={document: 20}"
    )
    rows = made.rows("instructions")
    places = Counter((r["provenance"]["path"], r["provenance"]["start_line"]) for r in rows)
    assert set(places.values()) == {1}
    assert all(len(r["output"]) <= 60 for r in rows if r["task"] == "document")
    reasons = Counter((row["stage"], row["reason"]) for row in made.rejects())
    assert reasons["mix", "over_function_cap"] > 10
    assert reasons["document", "output_too_long"] > 5
    assert sum(task["kept"] for task in made.summary["mix"]) == len(rows)
    assert sum(made.summary["examples"].values()) == len(rows) + len(made.rows("knowledge"))
