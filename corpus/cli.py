"""The command: parses, calls the library, prints."""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

from corpus.errors import TunesmithError

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


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, with the nearest right word."""

    def error(self, message: str) -> NoReturn:
        unknown = message.removeprefix("unrecognized arguments: ").split()[0]
        close = difflib.get_close_matches(unknown, self._known_options(), 1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        self.exit(2, f"tunesmith: error: {message}{hint}; see {self.prog} --help\n")

    def _known_options(self) -> set[str]:
        """Return the options of this parser and of the commands below it."""
        known = set(self._option_string_actions)
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):
                for parser in action.choices.values():
                    known |= parser._known_options()
        return known


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command."""
    top = _Parser(
        prog="tunesmith",
        description="Mine a repo into datasets that teach a code model its knowledge and manners.",
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"tunesmith {version('tunesmith')}")
    commands = top.add_subparsers(title="commands", dest="command", required=True)
    _add_build(commands)

    _add_pipelines(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. Returns 0, 1 for work that failed, 2 for a request that can't be met."""
    options = parser().parse_args(arguments)
    try:
        options.run(options)
    except TunesmithError as error:
        print(f"tunesmith: error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("tunesmith: interrupted; nothing was written", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 1
    return 0


def _add_build(commands: Any) -> None:
    build = commands.add_parser(
        "build",
        help="make a dataset folder from repos",
        description="Make a dataset folder from repos: knowledge, instructions and functions.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    build.add_argument(
        "pipeline",
        nargs="?",
        type=Path,
        metavar="PIPELINE.yaml",
        help="settings; flags win over it",
    )
    several = {"nargs": "+", "action": "extend"}
    build.add_argument(
        "--repo",
        **several,
        metavar="WHERE",
        help="working tree, bare git directory, address git can clone, or plain folder",
    )
    build.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="the dataset folder to make"
    )
    build.add_argument(
        "--overwrite", action="store_true", help="replace the dataset folder that is there"
    )
    build.add_argument(
        "--revision", metavar="REV", help="commit, branch or tag to read, of every --repo (HEAD)"
    )
    for name, what in (
        ("include", "read only files that match (gitignore patterns)"),
        ("exclude", "leave out files that match (gitignore patterns)"),
    ):
        build.add_argument(f"--{name}", **several, metavar="PATTERN", help=what)
    build.add_argument("--languages", **several, metavar="NAME", help="only these languages")
    build.add_argument("--tasks", **several, metavar="NAME", help="only these tasks")
    build.add_argument(
        "--templates", metavar="DIR", help="your templates, laid over the shipped ones"
    )
    build.add_argument("--workers", type=_positive, metavar="N", help="processes (one per CPU)")
    build.add_argument(
        "--set",
        **several,
        default=[],
        metavar="KEY=VALUE",
        help="change one setting of the pipeline, as docs.min_words=5",
    )
    build.add_argument("--quiet", action="store_true", help="print nothing but errors")
    build.add_argument("--json", action="store_true", help="print the summary as one JSON object")
    build.set_defaults(run=_build)


def _positive(text: str) -> int:
    number = int(text) if text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 up")
    return number


def _words(values: list[str] | None) -> list[str]:
    return [word for value in values or [] for word in value.split(",") if word]


def _build(options: argparse.Namespace) -> None:
    from corpus.pipeline_file import load_pipeline
    from corpus.run.build import build

    flags: dict[str, Any] = {}
    if options.repo:
        flags["repos"] = [{"where": w, "revision": options.revision} for w in options.repo]
    if options.languages:
        flags["languages"] = _words(options.languages)
    if options.tasks:
        flags["tasks"] = _words(options.tasks)
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
        overwrite=options.overwrite,
        quiet=options.quiet or options.json,
    )
    if options.json:
        print(json.dumps(summary.as_json()))
    elif not options.quiet:
        from rich.console import Console

        from corpus.report.terminal import print_summary

        print_summary(summary, str(options.out), Console())


def _add_pipelines(commands: Any) -> None:
    pipelines = commands.add_parser("pipelines", help="the pipeline files that ship with tunesmith")
    actions = pipelines.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", help="name them").set_defaults(run=_list_pipelines)
    copy = actions.add_parser("copy", help="put one into a folder of yours, to change")
    copy.add_argument("name", metavar="NAME")
    copy.add_argument("folder", nargs="?", type=Path, default=Path(), metavar="DIR")
    copy.set_defaults(run=_copy_pipeline)


def _list_pipelines(_: argparse.Namespace) -> None:
    from corpus.pipeline_file import pipeline_names

    print("\n".join(pipeline_names()))


def _copy_pipeline(options: argparse.Namespace) -> None:
    from corpus.pipeline_file import copy_pipeline

    print(copy_pipeline(options.name, options.folder))
