"""The command ``verify``."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import Any

from corpus.cli.parser import SEVERAL, positive

_DESCRIPTION = """\
Run the tests of a dataset's repos, at the commits that it was built from, and mark every link of a
test to a function with its tier: static, executed, or mutant_killed. Run the tests that came with
fixes, at their commits, with each fix and without it: fail_to_pass, or pass_to_pass. Python tests
run with pytest; those of another language with the command that tests.commands of a pipeline file
names for it, which tells no lines, so that their links are mutant_killed or static. They run in a
sandbox: no network, a read-only worktree, limits on time, memory and processes.
"""


def add_commands(commands: Any) -> None:
    """Add ``verify``."""
    verify = commands.add_parser(
        "verify",
        help="prove test links by running the tests, and find mutants that they kill",
        description=_DESCRIPTION,
        allow_abbrev=False,
    )
    verify.add_argument("folder", type=Path, metavar="DIR", help="the dataset folder")
    verify.add_argument("--repo", **SEVERAL, required=True, metavar="WHERE",
                        help="the repos that it was built from")  # fmt: skip
    verify.add_argument("--pipeline", type=Path, metavar="PIPELINE.yaml",
                        help="has tests.commands, for other languages than Python")  # fmt: skip
    verify.add_argument("--python", default=sys.executable, metavar="PYTHON",
                        help="the Python that has what the tests need, and pytest-cov")  # fmt: skip
    for name, default, what in (
        ("runs", 3, "runs of every test: those that differ prove nothing"),
        ("mutants", 3, "mutants to try of every function"),
        ("seconds", 120, "time limit of one run"),
        ("memory-mb", 2048, "memory limit of one run"),
        ("workers", 1, "runs at a time"),
    ):
        verify.add_argument(f"--{name}", type=positive, default=default, metavar="N",
                            help=f"{what} ({default})")  # fmt: skip
    verify.add_argument("--mount", **SEVERAL, default=[], metavar="[PLACE=]FOLDER",
                        help="folders of this machine that the tests may read; as PLACE of the "
                        "worktree, as node_modules=shop/node_modules")  # fmt: skip
    verify.add_argument("--unsandboxed", action="store_true",
                        help="run the repo's code with your rights, on your files")  # fmt: skip
    verify.add_argument("--quiet", action="store_true", help="print nothing but errors")
    verify.add_argument("--json", action="store_true", help="print the figures as JSON")
    verify.set_defaults(run=_verify)


def _verify(options: argparse.Namespace) -> None:
    from corpus.pipeline_file import load_pipeline
    from corpus.verify.dataset import VerifySettings, verify_dataset
    from corpus.verify.runner import Mount
    from corpus.verify.sandbox import Limits

    commands = load_pipeline(options.pipeline).tests.commands
    settings = VerifySettings(
        options.python, commands, options.runs, options.mutants, options.workers,
        Limits(seconds=options.seconds, memory_mb=options.memory_mb), options.unsandboxed,
        tuple(map(Mount.read, options.mount)),
    )  # fmt: skip
    quiet = options.quiet or options.json
    summary = verify_dataset(options.folder, options.repo, settings, quiet=quiet)
    if options.json:
        print(json.dumps(asdict(summary)))
    elif not options.quiet:
        for tier, count in sorted(summary.tiers.items()):
            print(f"links {tier:14} {count:7,}")
        if summary.judged:
            share = summary.executed / summary.judged
            print(f"precision: {summary.executed:,} of {summary.judged:,} sure links "
                  f"executed by their test ({share:.1%})")  # fmt: skip
        print(f"mutants: {summary.killed:,} of {summary.mutants:,} killed by a linked test")
        proved = summary.fixes.get("fail_to_pass", 0)
        ran = proved + summary.fixes.get("pass_to_pass", 0)
        print(f"fixes: {proved:,} of {ran:,} whose commit's tests run fail without it, "
              f"of {sum(summary.fixes.values()):,}")  # fmt: skip
        for reason, count in sorted(summary.unproved.items()):
            print(f"tests {reason:14} {count:7,}")
        for path, said in list(summary.silent.items())[:1]:
            print(f"no results of {len(summary.silent):,} test files; {path} ended with\n"
                  f"{textwrap.indent(said, '    ')}")  # fmt: skip
