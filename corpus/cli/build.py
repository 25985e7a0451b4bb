"""The command ``build``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from corpus.cli.cache import add_cache_flag
from corpus.cli.parser import SEVERAL, add_settings, positive, words
from corpus.config import TASKS
from corpus.languages import LANGUAGES

_EXAMPLES = """\
examples:
  tunesmith build --repo . --out corpus-out
      everything the defaults make of the repo in this folder, at HEAD
  tunesmith build --repo ../backend ../web --languages python typescript --out corpus-out
      two repos, two languages
  tunesmith build --repo https://example.org/team/app.git --revision v2.0 --out corpus-out
      a repo that git can clone, at a tag
  tunesmith build --repo . --exclude 'legacy/' '*_old.py' --set docs.min_words=5 --out corpus-out
      leave files out, and change a setting
  tunesmith pipelines copy default . && tunesmith build default.yaml --repo . --out corpus-out
      settings in a file of your own

then, in Python:
  datasets.load_dataset("corpus-out", "instructions", split="train")
"""


def add_commands(commands: Any) -> None:
    """Add ``build``."""
    build = commands.add_parser(
        "build",
        help="make a dataset folder from repos",
        description="Make a dataset folder from repos: knowledge, instructions and functions.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_settings(build, "docs.min_words=5")
    build.add_argument(
        "--repo",
        **SEVERAL,
        metavar="WHERE",
        help="working tree, bare git directory, address git can clone, or folder (s3://… too)",
    )
    build.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="the dataset folder to make"
    )
    build.add_argument(
        "--overwrite", action="store_true", help="replace an existing dataset folder"
    )
    build.add_argument(
        "--revision",
        metavar="REV",
        help="commit, branch or tag to read in every --repo (default: HEAD)",
    )
    for name, what in (
        ("include", "read only files that match (gitignore patterns)"),
        ("exclude", "leave out files that match (gitignore patterns)"),
    ):
        build.add_argument(f"--{name}", **SEVERAL, metavar="PATTERN", help=what)
    for name, known in (("languages", LANGUAGES), ("tasks", TASKS)):
        build.add_argument(
            f"--{name}", **SEVERAL, metavar="NAME", help=f"only these; known are {', '.join(known)}"
        )
    build.add_argument(
        "--templates",
        metavar="DIR",
        help="your template folder; its files replace or add to the shipped ones",
    )
    add_cache_flag(build)
    build.add_argument(
        "--workers", type=positive, metavar="N", help="number of processes (default: one per CPU)"
    )
    build.add_argument("--quiet", action="store_true", help="print nothing but errors")
    build.add_argument("--json", action="store_true", help="print the summary as one JSON object")
    build.set_defaults(run=_build)


def _build(options: argparse.Namespace) -> None:
    from corpus.pipeline_file import load_pipeline
    from corpus.run.build import build

    flags: dict[str, Any] = {}
    if options.repo:
        flags["repos"] = [{"where": w, "revision": options.revision} for w in options.repo]
    if options.languages:
        flags["languages"] = words(options.languages)
    if options.tasks:
        flags["tasks"] = words(options.tasks)
    if options.templates:
        flags["templates"] = options.templates
    patterns = {"include": options.include, "exclude": options.exclude}
    if files := {name: given for name, given in patterns.items() if given}:
        flags["files"] = files
    pipeline = load_pipeline(options.pipeline, options.set, flags)
    summary = build(
        pipeline,
        options.out,
        workers=options.workers,
        cache=options.cache,
        overwrite=options.overwrite,
        quiet=options.quiet or options.json,
    )
    if options.json:
        print(json.dumps(summary.as_json()))
    elif not options.quiet:
        from rich.console import Console

        from corpus.report.terminal import print_summary

        print_summary(summary, str(options.out), Console())
