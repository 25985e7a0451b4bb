"""The command ``check``."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from corpus.safety.scrub import Scrubber


def add_commands(commands: Any) -> None:
    """Add ``check``."""
    check = commands.add_parser(
        "check", help="look for secrets and personal data in a dataset folder, as it is"
    )
    check.add_argument("folder", type=Path, metavar="DIR", help="a dataset folder")
    add_policy(check)
    check.add_argument("--json", action="store_true", help="print the findings as a JSON list")
    check.set_defaults(run=_check)


def add_policy(command: Any) -> None:
    """Add the flag that names another policy than the one of the build."""
    command.add_argument(
        "--pipeline",
        type=Path,
        metavar="PIPELINE.yaml",
        help="take the section `safety` of this file; the default: what it was built with",
    )


def scrubber_of(options: argparse.Namespace) -> Scrubber:
    """Return what applies the policy of the flags, or of the folder."""
    from corpus.pipeline_file import load_pipeline
    from corpus.run.output import WORK
    from corpus.safety.gate import load_scrubber
    from corpus.safety.scrub import Scrubber

    if options.pipeline:
        return Scrubber.of(load_pipeline(options.pipeline).safety)
    return load_scrubber(options.folder / WORK)


def _check(options: argparse.Namespace) -> None:
    from corpus.publish.manifest import dataset_files
    from corpus.safety.gate import check, refuse

    found = check(options.folder, dataset_files(options.folder), scrubber_of(options))
    if options.json:
        print(json.dumps([asdict(figures) for figures in found]))
    elif found:
        from rich.console import Console

        from corpus.report.findings import findings_table

        Console().print(findings_table(found))
    else:
        print(f"{options.folder}: nothing that the policy forbids")
    refuse(options.folder, found)
