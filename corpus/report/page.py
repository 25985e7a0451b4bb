"""Writes report.html: one file with everything in it, which asks the net for nothing."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import jinja2
import polars as pl
import yaml
from markupsafe import Markup

from corpus.errors import OutputError, UsageError
from corpus.rejects import REASONS
from corpus.report import funnel, measure, pictures
from corpus.report.browser import browsable
from corpus.report.dataset import REPORT, Dataset, open_dataset, readable
from corpus.report.markup import code, style_sheet
from corpus.report.plain import visible
from corpus.schemas import SPLITS

_PAGE = Path(__file__).parent / "page"
_CLUSTERS = 5
_MOST_CHARACTERS = 3_000


def write_report(folder: Path, out: Path | None = None) -> Path:
    """Write the report on a dataset folder to ``out``, by default into it; return where it lies.

    The page is a sample of the rows and counts of them all: it stays under 5 MB. Raises UsageError
    if the folder is no dataset or ``out`` a folder, SourceError for a table that can't be read,
    OutputError if the page can't be written.
    """
    dataset = open_dataset(folder)
    out = out or folder / REPORT
    if out.is_dir():
        raise UsageError(f"{out} is a folder: name a file to write")
    with readable(folder):
        page = render(dataset)
    partial = out.with_name(f".{out.name}.partial")
    try:
        partial.write_text(page, "utf-8")
        partial.replace(out)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise OutputError(f"cannot write {out}: {error.strerror or error}") from error
    return out


def render(dataset: Dataset) -> str:
    """Return the page of a dataset."""
    script = (_PAGE / "report.js").read_text("utf-8")
    styles = [(_PAGE / name).read_text("utf-8") for name in ("report.css", "chart.css")]
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_PAGE), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    env.filters["visible"] = visible
    return env.get_template("report.html.jinja").render(
        # The page runs this one script, and nothing that a row might smuggle in.
        script=Markup(script),
        script_hash=b64encode(sha256(script.encode()).digest()).decode(),
        style=Markup("\n".join([*styles, style_sheet()])),
        **_contents(dataset),
    )


def _contents(dataset: Dataset) -> dict[str, Any]:
    """Return what the page's template shows, by name."""
    figures = dataset.figures
    mix = measure.mix(dataset)
    counted = measure.count_rows(dataset)
    languages = measure.functions_by(dataset, pl.col("language"))
    groups = {"repository": pl.col("repo"), "folder": measure.folder()}
    return {
        "name": " + ".join(repo["name"] for repo in figures["repos"]),
        "figures": figures,
        "repos": [
            (repo["name"], repo["commit"] or "a plain folder", repo.get("date"))
            for repo in figures["repos"]
        ],
        "splits": list(SPLITS),
        "steps": funnel.funnel(figures),
        "tasks": funnel.tasks(figures),
        "agrees": counted == figures["rows"],
        "by_split": [
            (configuration, *(counts.get(split, 0) for split in SPLITS))
            for configuration, counts in counted.items()
        ],
        "rejects": _rejects(dataset),
        "meanings": REASONS,
        "functions": {"language": languages}
        | {name: measure.functions_by(dataset, group) for name, group in groups.items()},
        "mix": mix.rows(),
        "leaks": measure.leaks(dataset),
        "clusters": _clusters(dataset),
        "safety": figures["redactions"],
        "versions": dataset.manifest["versions"],
        "pipeline": yaml.safe_dump(dataset.manifest["pipeline"], sort_keys=False),
        "browser": [Markup(row) for row in browsable(dataset)],
        "pictures": {
            name: Markup(picture.svg)
            for name, picture in pictures.draw(
                figures, languages, measure.lengths(dataset), mix, measure.cluster_sizes(dataset)
            ).items()
        },
    }


def _rejects(dataset: Dataset) -> list[dict[str, Any]]:
    """Return the manifest's counts by stage and reason, with samples where the folder has them."""
    samples = measure.reject_samples(dataset)
    return [
        {
            "stage": stage,
            "reason": why,
            "count": count,
            "samples": samples.get((stage, why), []),
        }
        for stage, reasons in dataset.figures["rejects"].items()
        for why, count in reasons.items()
    ]


def _clusters(dataset: Dataset) -> list[dict[str, Any]]:
    """Return the largest clusters, each with its survivor and the copy least like it."""
    return [
        {
            "size": len(members),
            "pair": [
                {
                    "place": f"{member['repo']} {member['path']}:{member['start_line']}",
                    "similarity": member["similarity"],
                    "kept": member["kept"],
                    "code": Markup(code(member["code"][:_MOST_CHARACTERS], member["language"])),
                }
                for member in (kept, other)
            ],
        }
        for members, kept, other in measure.largest_clusters(dataset, _CLUSTERS)
    ]
