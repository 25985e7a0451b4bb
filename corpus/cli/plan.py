"""The command ``plan``."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import Any

from corpus.cli.parser import SEVERAL, add_settings, positive

_ABOUT = """\
Estimate the time, memory and disk that a build would take, without running it. A sample of the
files is extracted on this machine; the rest follows from measured ratios. The figures are for a
first build without a cache; later builds take less.
"""


def add_commands(commands: Any) -> None:
    """Add ``plan``."""
    plan = commands.add_parser(
        "plan",
        help="estimate what a build would read and cost, without running it",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_settings(plan, "history.max_commits=500")
    plan.add_argument("--repo", **SEVERAL, metavar="WHERE", help="as for build")
    plan.add_argument("--workers", type=positive, metavar="N", help="processes (one per CPU)")
    plan.add_argument("--json", action="store_true", help="print it as one JSON object")
    plan.set_defaults(run=_plan)


def _plan(options: argparse.Namespace) -> None:
    from corpus.pipeline_file import load_pipeline
    from corpus.run.estimate import estimate

    flags = {"repos": [{"where": where} for where in options.repo]} if options.repo else {}
    found = estimate(load_pipeline(options.pipeline, options.set, flags), options.workers)
    if options.json:
        print(json.dumps(asdict(found)))
        return
    from rich.console import Console

    from corpus.report.terminal import print_estimate

    print_estimate(found, Console())
