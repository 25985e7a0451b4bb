"""Renders rows of what a build mined: those that the same build would make with these templates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from corpus.config import Pipeline
from corpus.guard import Guard
from corpus.house.files import Batch, Batches
from corpus.ids import content_id
from corpus.render.changes import KINDS, ComposeChangesStage
from corpus.render.stage import ComposeStage
from corpus.render.tests import ComposeTestsStage
from corpus.run.mined import CHANGES, FILES, MENDED, MUTATED, TESTED, Mined
from corpus.safety.rows import RowGate
from corpus.sources.base import Reader
from corpus.tasks.base import Change, Documented, Mutated, Specified, Tested
from corpus.tasks.mended import MendedStage
from corpus.tasks.policy import Request
from corpus.tasks.registry import tasks_of
from corpus.tasks.security import Audited

# What bandit's rules are about. It takes long for a file: those that hold this are shown to it
# first, and of changes those alone that took some of it away, as others will hardly mend anything.
SUSPICIOUS = (
    r"shell=|subprocess\.|popen|os\.system|pickle\.|marshal\.|yaml\.load\(|\beval\(|\bexec\(|/tmp"
    r"|mktemp|urlopen|\bmd5|\bsha1|random\.\w+\(|verify=False|chmod\(|except[^\n]*:\s*(?:pass|cont)"
)


def built_rows(
    mined: Mined, pipeline: Pipeline, gate: RowGate, readers: Mapping[str, Reader]
) -> list[Batches] | None:
    """Return rows of the pipeline's tasks, a shard at a time; None where the tables are missing."""
    tasks = pipeline.tasks
    tested = any(tasks_of(kind, tasks) for kind in (Tested, Specified, Mutated))
    changed = any(tasks_of(kind, tasks) for kind in (Change, Audited))
    of_files = any(tasks_of(kind, tasks) for kind in (Documented, Request, Audited))
    of_files |= "knowledge" in tasks or ("refactor" in tasks and bool(pipeline.refactor.ruff))
    needed = {*(FILES if of_files or tested else ()), *(CHANGES if changed else ())}
    needed |= {
        *(TESTED if tested else ()),
        *(MUTATED if tested and pipeline.tests.verified else ()),
    }
    if not mined.has(needed):
        return None
    batches = []
    if of_files:
        batches.append(_of_files(mined, ComposeStage(pipeline, gate)))
    if tested:
        batches.append(_of_tests(mined, ComposeTestsStage(pipeline, gate)))
    if changed:
        compose = ComposeChangesStage(pipeline, gate, _proved(pipeline))
        batches.append(_of_changes(mined, compose, readers))
    return batches


def _proved(pipeline: Pipeline) -> frozenset[str] | None:
    if pipeline.tests.fix_tier == "static":
        return None
    from corpus.links.verified import read_fixes  # with it comes polars

    return read_fixes(pipeline.tests)


def _of_files(mined: Mined, compose: ComposeStage) -> Batches:
    tasks = compose.pipeline.tasks
    shards = _in_order(mined.rows("files"))
    if tasks_of(Audited, tasks):
        shards = _suspicious_first(mined, shards)
    for shard in shards:
        made = compose(mined.read(FILES, shard), Guard())
        kind = "knowledge" if tasks == ["knowledge"] else "doc_examples"
        yield Batch.of(made, "row_rejects", kind)


def _suspicious_first(mined: Mined, shards: list[int]) -> list[int]:
    def suspicious(shard: int) -> int:
        functions = mined.read(["functions"], shard)["functions"]
        of_python = functions.filter(pc.equal(functions["language"], "python"))
        found = pc.match_substring_regex(of_python["code"], SUSPICIOUS)
        return -int(pc.sum(found).as_py() or 0)

    return sorted(shards, key=suspicious)


def _of_tests(mined: Mined, compose: ComposeTestsStage) -> Batches:
    filled = [*(MUTATED if "mutated" in compose.inputs else ()), *TESTED]
    holding = [shard for table in filled for shard, rows in mined.rows(table).items() if rows]
    for shard in _in_order(holding):
        made = compose(mined.read(compose.inputs, shard), Guard())
        yield Batch.of(made, "test_row_rejects", "test_examples")


def _of_changes(
    mined: Mined, compose: ComposeChangesStage, readers: Mapping[str, Reader]
) -> Batches:
    tasks = compose.pipeline.tasks
    kinds = [kind for kind, of_kind in KINDS.items() if not {*of_kind}.isdisjoint(tasks)]
    is_audit = bool(tasks_of(Audited, tasks))
    for shard in _in_order(mined.rows("changes")):
        tables = mined.read(CHANGES, shard)
        wanted = pc.is_in(tables["change_kinds"]["kind"], pa.array(kinds, pa.string()))
        if is_audit:
            wanted = pc.or_(wanted, _may_mend(tables["changes"]))
        tables = _only(tables, wanted)
        if not tables["changes"].num_rows:
            continue
        if is_audit:
            found = mined.read(MENDED, shard) if mined.has(MENDED) else None
            tables |= found or MendedStage(readers)(tables, Guard())
        made = compose(tables, Guard())
        yield Batch.of(made, "change_row_rejects", "change_examples", "preferences")


def _may_mend(changes: pa.Table) -> pa.Array:
    """Tell of each change whether it took something suspicious away."""
    columns = (changes[name].to_pylist() for name in ("language", "before", "after"))
    return pa.array(
        [
            language == "python" and bool(_suspicious(before) - _suspicious(after))
            for language, before, after in zip(*columns, strict=True)
        ],
        pa.bool_(),
    )


def _suspicious(code: str) -> Counter[str]:
    return Counter(re.findall(SUSPICIOUS, code))


def _only(tables: Mapping[str, pa.Table], wanted: pa.ChunkedArray) -> dict[str, pa.Table]:
    """Return some of a shard's changes, with what is said of them."""
    changes = tables["changes"].filter(wanted)
    verdicts = tables["change_verdicts"]
    of_these = pc.is_in(verdicts["id"], changes["change_id"].combine_chunks())
    return {
        **tables,
        "changes": changes,
        "change_kinds": tables["change_kinds"].filter(wanted),
        "change_verdicts": verdicts.filter(of_these),
    }


def _in_order(shards: Sequence[int] | Mapping[int, int]) -> list[int]:
    """Return shards in an order that leads all over the repo, each once."""
    return sorted(set(shards), key=lambda shard: content_id(str(shard)))
