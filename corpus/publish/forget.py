"""Take-down: rewrites a dataset folder without some rows, and sees to it that they stay away."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from corpus.errors import UsageError
from corpus.publish.card import card
from corpus.publish.croissant import write_croissant
from corpus.publish.manifest import MANIFEST, describe_files, digests
from corpus.publish.parquet import CONFIGURATIONS, number_files, write_parquet
from corpus.rejects import Rejects
from corpus.report.figures import count_examples
from corpus.report.glance import write_glance
from corpus.report.summary import Summary
from corpus.safety.tombstones import (
    TOMBSTONES,
    Forgotten,
    Tombstone,
    load_tombstones,
    save_tombstones,
)
from corpus.sources.authorship import commits_of, lines_of
from corpus.sources.git import open_git

_IDS = {"functions": "function_id", "changes": "change_id"}


@dataclass(frozen=True)
class Gone:
    """A row that went: its configuration, its id, and where it was from."""

    configuration: str
    row_id: str
    repo: str
    path: str
    line: int


def what_to_forget(tombstones: list[Tombstone], repos: Mapping[str, tuple[str, str]]) -> Forgotten:
    """Return what ``tombstones`` mean: the lines and commits of their authors among it.

    ``repos`` are a clone and a commit by the name that rows have. Raises SourceError.
    """
    asked = [tombstone for tombstone in tombstones if tombstone.needs_history]
    if not asked:
        return Forgotten(tombstones)

    def wanted(sha: str, author: str) -> bool:
        return any(stone.wants(sha, author) for stone in asked)

    return Forgotten(
        tombstones,
        {name: lines_of(where, commit, wanted) for name, (where, commit) in repos.items()},
        {name: commits_of(where, commit, wanted) for name, (where, commit) in repos.items()},
    )


def forget(folder: Path, work: Path, tombstone: Tombstone, clone: str | None) -> list[Gone]:
    """Take the rows that ``tombstone`` means out of ``folder``, in place, and return them.

    ``folder`` must be one that nobody else sees: the caller swaps it for the old one. ``clone`` is
    where the history is looked up. Raises UsageError where it takes one and none is given.
    """
    manifest = _manifest(folder)
    origins = {repo["name"]: repo["commit"] for repo in manifest["figures"]["repos"]}
    forgotten = what_to_forget([tombstone], _clones(tombstone, origins, clone))
    gone: list[Gone] = []
    for configuration in CONFIGURATIONS:
        for file in sorted((folder / configuration).glob("*.parquet")):
            gone += _rewrite(file, configuration, forgotten)
        if (folder / configuration).is_dir() and not any((folder / configuration).iterdir()):
            shutil.rmtree(folder / configuration)
    _forget_copies(work / "clusters.parquet", forgotten)
    _record(work / "rejects.parquet", gone)
    _describe(folder, manifest, len(gone))
    save_tombstones(work / TOMBSTONES, [*load_tombstones(work / TOMBSTONES), tombstone])
    return gone


def _forget_copies(path: Path, forgotten: Forgotten) -> None:
    """Take the code of what is forgotten out of the list of copies, too."""
    if not path.is_file():
        return
    rows = pq.read_table(path)
    kept = []
    for row in rows.select(["repo", "path", "start_line", "code"]).to_pylist():
        end = row["start_line"] + row["code"].count("\n")
        kept.append(not forgotten.covers({**row, "commit": None, "end_line": end}))
    path.unlink()
    write_parquet(rows.filter(pa.array(kept, pa.bool_())), path)


def _record(path: Path, gone: list[Gone]) -> None:
    """Add the rows that went to the list of what was left out."""
    if not path.is_file():
        return
    rejects = Rejects("forget")
    for row in gone:
        rejects.add(row.row_id, "forgotten", row.repo, row.path, line=row.line)
    rows = pa.concat_tables([pq.read_table(path), rejects.table()])
    path.unlink()
    write_parquet(rows, path)


def _describe(folder: Path, manifest: dict[str, Any], gone: int) -> None:
    """Write the card and the manifest anew, with what is there now."""
    figures, pipeline = manifest["figures"], manifest["pipeline"]
    figures["rows"] = number_files(folder)
    figures["examples"] = count_examples(folder, list(figures["examples"]), figures["rows"])
    taken_down = figures["rejects"].setdefault("forget", {})
    taken_down["forgotten"] = taken_down.get("forgotten", 0) + gone
    name = " + ".join(repo["name"] for repo in figures["repos"])
    summary = Summary.from_json(figures)
    write_croissant(folder, name, summary)
    text = card(
        name, summary, pipeline, write_glance(folder, summary), digests(folder, summary.rows)
    )
    (folder / "README.md").write_text(text, "utf-8")
    manifest["files"] = describe_files(folder)
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, "utf-8")


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        manifest["figures"]["repos"]
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(f"{folder} is not a dataset folder of tunesmith's") from None
    assert isinstance(manifest, dict)
    return manifest


def _clones(
    tombstone: Tombstone, origins: Mapping[str, str | None], clone: str | None
) -> dict[str, tuple[str, str]]:
    """Return the clone of the repo whose history is asked for, at the commit of the dataset."""
    if not tombstone.needs_history or (tombstone.commit and clone is None):
        return {}
    source = open_git(clone or ".", None, None)
    if source is None:
        raise UsageError("it takes the history to know an author's lines: name a --clone")
    names = [name for name in origins if name == source.name]
    names = names or [name for name, commit in origins.items() if commit and len(origins) == 1]
    found = {name: (source.where, commit) for name in names if (commit := origins[name])}
    if not found:
        raise UsageError(f"{source.name} is no repo of this dataset: {', '.join(origins)}")
    return found


def _rewrite(file: Path, configuration: str, forgotten: Forgotten) -> list[Gone]:
    """Write a file anew without the rows that are forgotten; one without rows is removed."""
    rows = pq.read_table(file)
    columns = ["repo", "commit", "path", "start_line", "end_line"]
    columns += ["parent"] if configuration == "changes" else []
    if "provenance" in rows.column_names:
        places = rows["provenance"].to_pylist()
    else:
        places = rows.select(columns).to_pylist()
    goes = [forgotten.covers(place) for place in places]
    if not any(goes):
        return []
    ids = rows[_IDS.get(configuration, "example_id")].to_pylist()
    gone = [
        Gone(configuration, row_id, place["repo"], place["path"], place["start_line"])
        for row_id, place, is_gone in zip(ids, places, goes, strict=True)
        if is_gone
    ]
    kept = rows.filter(pa.array([not is_gone for is_gone in goes], pa.bool_()))
    file.unlink()
    if kept.num_rows:
        write_parquet(kept, file)
    return gone
