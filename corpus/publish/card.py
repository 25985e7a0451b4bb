"""Writes the dataset card: what is in the folder, from where, and how to load it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from corpus.publish.sections import (
    license_tag,
    licenses_section,
    safety_section,
    schema_section,
    use_section,
)
from corpus.report.summary import Summary
from corpus.schemas import SPLITS

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_ABOUT = {
    "knowledge": "whole files, for training on raw code",
    "instructions": "instruction, input and output rows, also as chat `messages`",
    "preferences": "a prompt, the answer to prefer and the one to reject, as chat messages",
    "functions": "the functions found, with their docs",
    "changes": "functions before and after a commit, and what the commit was for",
}


def card(
    name: str,
    summary: Summary,
    pipeline: Mapping[str, Any],
    glance: str,
    digests: Mapping[str, str],
) -> str:
    """Return the README.md of a dataset folder. Its YAML head is what `load_dataset` reads.

    ``glance`` is the section with the pictures; ``digests`` are as ``manifest.digests`` returns
    them. `datasets` keeps copies of what it loaded by a folder's name and this head, not by what is
    in the files: without them it would give a dataset's old rows for a new one in its place.
    """
    rows = summary.rows
    total = sum(sum(splits.values()) for splits in rows.values())
    head = {
        "pretty_name": name,
        "language": ["code"],
        "license": license_tag(summary),
        "tags": ["code", "tunesmith"],
        "task_categories": ["text-generation"],
        "size_categories": [next((size for limit, size in _SIZES if total < limit), "1M<n<10M")],
        "configs": [
            {
                "config_name": configuration,
                "description": f"content {digests[configuration]}",
                "data_files": [
                    {"split": split, "path": f"{configuration}/{split}-*.parquet"}
                    for split in SPLITS
                    if split in splits
                ],
            }
            for configuration, splits in rows.items()
        ],
    }
    parts = [
        f"---\n{yaml.safe_dump(head, sort_keys=False)}---\n\n# {name}\n",
        "A corpus for tuning a code model, mined by "
        "tunesmith from the repositories below. Every output in a row stands in a repository; "
        "`provenance` says where.\n",
        "## Load it\n\n```python\nfrom datasets import load_dataset\n\n"
        f'rows = load_dataset("path/to/this/folder", "{next(iter(rows), "functions")}", '
        'split="train")\n```\n',
        "## What is in it\n\n" + _table(
            ["configuration", "what", *SPLITS],
            [
                [f"`{c}`", _ABOUT[c], *(f"{splits.get(s, 0):,}" for s in SPLITS)]
                for c, splits in rows.items()
            ],
        ),
        "Equal code is never in two splits, and no function in validation or test stands in a "
        "training file.\n",
        _tasks(summary),
        glance,
        "## Where it is from\n\n" + _table(
            ["repository", "commit"],
            [[repo.name, f"`{repo.commit}`" if repo.commit else "a plain folder"]
             for repo in summary.repos],
        ),
        licenses_section(summary),
        safety_section(summary, pipeline.get("safety", {})),
        "## What was left out\n\n" + _table(
            ["stage", "reason", "rows"],
            [[r.stage, r.reason, f"{r.count:,}"] for r in summary.rejects],
        ),
        schema_section(rows),
        use_section(),
        "## The pipeline that made it\n\n```yaml\n"
        f"{yaml.safe_dump(dict(pipeline), sort_keys=False)}```\n",
    ]  # fmt: skip
    return "\n".join(part for part in parts if part)


def _tasks(summary: Summary) -> str:
    if not summary.examples:
        return ""
    rows = [[f"`{task}`", f"{count:,}"] for task, count in summary.examples.items()]
    return "## Rows by task\n\n" + _table(["task", "rows"], rows)


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(c) for c in line)} |" for line in lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
