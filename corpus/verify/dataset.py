"""Verifies a whole dataset folder, and keeps what was proved beside its rows."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from corpus.config import Repo
from corpus.errors import UsageError
from corpus.links.records import KILLED, VERIFIED, VERIFIED_FIX
from corpus.run.output import WORK
from corpus.run.progress import Stages
from corpus.sources import open_sources
from corpus.verify.fixes import FixVerifier
from corpus.verify.frameworks import Command, Framework, Pytest
from corpus.verify.runner import Mount, Runner, check_out
from corpus.verify.sandbox import Limits, Sandbox
from corpus.verify.verify import Verifier, VerifySummary


@dataclass(frozen=True)
class VerifySettings:
    """How to verify: with which Python, by which other commands, how often, within which limits."""

    python: str = sys.executable
    commands: Mapping[str, str] = field(default_factory=dict)
    runs: int = 3
    mutants: int = 3
    workers: int = 1
    limits: Limits = field(default_factory=Limits)
    unsandboxed: bool = False
    mounts: tuple[Mount, ...] = ()


def verify_dataset(
    folder: Path, where: Sequence[str], settings: VerifySettings, *, quiet: bool = True
) -> VerifySummary:
    """Run the tests of a dataset's repos, at ``where``, and write what that proves.

    Raises UsageError where the folder is no dataset with links or fixes, a repo is not one of its,
    there is no sandbox, or ``python`` can't run tests.
    """
    manifest = _manifest(folder)
    commits = {repo["name"]: repo["revision"] for repo in manifest["pipeline"]["repos"]}
    runners = _runners(folder, settings)
    verified: list[dict[str, Any]] = []
    killed: list[dict[str, Any]] = []
    fixes: list[dict[str, Any]] = []
    summaries = []
    with tempfile.TemporaryDirectory(prefix="tunesmith-verify-") as scratch:
        Path(scratch).chmod(0o755)  # the sandbox's user is nobody
        sources = open_sources([Repo(where=w) for w in where], Path(scratch) / "clones")
        for number, source in enumerate(sources):
            if source.name not in commits:
                known = ", ".join(commits)
                raise UsageError(
                    f"{source.where} is {source.name}, not a repo of {folder}: {known}"
                )
            with Stages(quiet=quiet) as stages:
                checkout = check_out(
                    Path(source.where),
                    commits[source.name],
                    Path(scratch) / f"repo-{number}",
                    settings.mounts,
                )
                for language, runner in runners.items():
                    # No repo counts for more than its own tests.
                    verifier = Verifier(
                        runner, checkout, *_links(folder, source.name, language), settings.workers,
                        settings.runs, settings.mutants,
                        manifest["pipeline"]["tests"]["min_confidence"], stages,
                    )  # fmt: skip
                    rows, deaths, summary = verifier.verify()
                    verified += rows
                    killed += deaths
                    summaries.append(summary)
                    fixes += FixVerifier(
                        runner, Path(source.where), Path(scratch) / f"fixes-{number}-{language}",
                        settings.workers, settings.runs, stages, settings.mounts,
                    ).verify(_fixes(folder, source.name, language, manifest))  # fmt: skip
    _write(verified, VERIFIED, folder / WORK / "verified.parquet")
    _write(killed, KILLED, folder / WORK / "killed.parquet")
    _write(fixes, VERIFIED_FIX, folder / WORK / "verified_fixes.parquet")
    outcomes = Counter(row["reason"] or row["tier"] for row in fixes)
    return replace(_added(summaries), fixes=dict(outcomes))


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError):
        raise UsageError(f"{folder} is not a dataset folder of tunesmith's") from None
    if not (folder / WORK / "links.parquet").exists() and not (folder / "changes").exists():
        raise UsageError(f"{folder} has no links and no fixes: build it with the task test or fix")
    return dict(manifest)


def _runners(folder: Path, settings: VerifySettings) -> dict[str, Runner]:
    """Return what runs the tests of each language; Python's only where the dataset has Python."""
    frameworks: dict[str, Framework] = {
        language: Command.open(language, command)
        for language, command in sorted(settings.commands.items())
    }
    files = [*(folder / "functions").glob("*.parquet"), *(folder / "changes").glob("*.parquet")]
    if any("python" in pl.read_parquet(file, columns=["language"])["language"] for file in files):
        frameworks["python"] = Pytest.open(settings.python)
    prefixes = dict.fromkeys(p for framework in frameworks.values() for p in framework.prefixes)
    prefixes |= dict.fromkeys(str(mount.folder) for mount in settings.mounts)
    sandbox = Sandbox.open(list(prefixes), settings.limits, unsandboxed=settings.unsandboxed)
    cache = folder / WORK / "runs"
    return {language: Runner(sandbox, run, cache) for language, run in frameworks.items()}


def _links(
    folder: Path, repo: str, language: str
) -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]]]:
    """Return a repo's links of tests in a language, and the functions that they lead to."""
    if not (folder / WORK / "links.parquet").exists():
        return [], {}
    functions = pl.concat(
        pl.read_parquet(file) for file in sorted((folder / "functions").glob("*.parquet"))
    ).filter(pl.col("repo") == repo)
    links = pl.read_parquet(folder / WORK / "links.parquet")
    links = links.filter((pl.col("repo") == repo) & (pl.col("language") == language))
    links = links.join(functions.select("function_id"), on="function_id", how="semi",
                       maintain_order="left")  # fmt: skip
    linked = functions.join(links.select("function_id"), on="function_id", how="semi")
    rows = linked.select("function_id", "path", "language", "signature", "code", "code_without_doc",
                         "start_line", "end_line")  # fmt: skip
    return links.to_dicts(), {row["function_id"]: row for row in rows.to_dicts()}


def _fixes(
    folder: Path, repo: str, language: str, manifest: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return a repo's fixes in a language that are sure enough and came with tests."""
    files = sorted((folder / "changes").glob("*.parquet"))
    if not files:
        return []
    least = manifest["pipeline"]["history"]["min_confidence"]
    fixes = pl.scan_parquet(files).filter(
        (pl.col("repo") == repo)
        & (pl.col("language") == language)
        & (pl.col("kind") == "fix")
        & (pl.col("confidence") >= least)
        & (pl.col("touched_tests").list.len() > 0)
    )
    names = ("change_id", "commit", "path", "language", "before", "after", "start_line", "end_line")
    return fixes.select(*names, "touched_tests").collect().to_dicts()


def _write(rows: list[dict[str, Any]], schema: pa.Schema, path: Path) -> None:
    partial = path.with_suffix(f".{os.getpid()}.partial")
    pq.write_table(pa.Table.from_pylist(rows, schema), partial, compression="zstd")
    partial.replace(path)


def _added(summaries: list[VerifySummary]) -> VerifySummary:
    def add(name: str) -> dict[str, int]:
        total: dict[str, int] = {}
        for summary in summaries:
            for key, count in getattr(summary, name).items():
                total[key] = total.get(key, 0) + count
        return total

    figures = [asdict(summary) for summary in summaries]
    return VerifySummary(
        add("tiers"),
        sum(f["judged"] for f in figures),
        sum(f["executed"] for f in figures),
        sum(f["mutants"] for f in figures),
        sum(f["killed"] for f in figures),
        add("unproved"),
        silent={path: said for s in summaries for path, said in s.silent.items()},
    )
