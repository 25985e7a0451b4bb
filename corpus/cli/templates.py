"""The commands ``templates list``, ``show``, ``copy``, ``preview`` and ``check``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from corpus.cli.cache import add_cache_flag
from corpus.cli.parser import SEVERAL, positive


def add_commands(commands: Any) -> None:
    """Add the commands below ``templates``."""
    templates = commands.add_parser("templates", help="list, copy, preview and check templates")
    actions = templates.add_subparsers(dest="action", required=True, metavar="ACTION")
    list_ = actions.add_parser("list", help="name all templates")
    show = actions.add_parser("show", help="print a template")
    show.add_argument("name", metavar="TASK[/NAME]")
    copy = actions.add_parser(
        "copy", help="put shipped templates into a folder of yours, to change"
    )
    copy.add_argument("name", metavar="TASK[/NAME]", help="one template, or all of a task")
    copy.add_argument("folder", type=Path, metavar="DIR")
    preview = actions.add_parser("preview", help="show rows of a task from a repo of yours")
    preview.add_argument("name", metavar="TASK[/NAME]", help="rows of all templates, or of one")
    preview.add_argument("--repo", **SEVERAL, default=[], metavar="WHERE", help="as for build (.)")
    preview.add_argument("-n", type=positive, default=3, metavar="N", help="rows (3)")
    preview.add_argument(
        "--set", **SEVERAL, default=[], metavar="KEY=VALUE", help="as docs.min_words=5"
    )
    add_cache_flag(preview)
    check = actions.add_parser("check", help="find all faults in a folder of templates")
    check.add_argument("folder", type=Path, metavar="DIR")
    for parser in (list_, show, preview):
        parser.add_argument(
            "--templates", type=Path, metavar="DIR", help="your templates, over the shipped ones"
        )
    for parser, run in (
        (list_, _list),
        (show, _show),
        (copy, _copy),
        (preview, _preview),
        (check, _check),
    ):
        parser.set_defaults(run=run)


def _list(options: argparse.Namespace) -> None:
    from rich.console import Console

    from corpus.house.catalogue import catalogue
    from corpus.house.terminal import entries_table

    Console().print(entries_table(catalogue(options.templates)))


def _show(options: argparse.Namespace) -> None:
    from corpus.house.catalogue import show

    print(show(options.name, options.templates), end="")


def _copy(options: argparse.Namespace) -> None:
    from corpus.house.catalogue import copy

    for path in copy(options.name, options.folder):
        print(path)


def _preview(options: argparse.Namespace) -> None:
    from corpus.errors import TunesmithError
    from corpus.house.catalogue import show
    from corpus.house.preview import preview
    from corpus.house.terminal import UNBUILT, note_on, row_panels, why_none
    from corpus.pipeline_file import load_pipeline
    from corpus.report.listing import print_rows

    task, _, name = options.name.removesuffix(".jinja").partition("/")
    flags: dict[str, Any] = {
        "repos": [{"where": where} for where in options.repo or ["."]],
        "tasks": [task],
    }
    if options.templates:
        flags["templates"] = str(options.templates)
    pipeline = load_pipeline(None, options.set, flags)
    if name:
        show(options.name, options.templates)  # there is such a template, or an error
    found = preview(
        pipeline,
        options.n,
        f"{task}/{name}" if name else "",
        cache=options.cache,
        on_unbuilt=lambda: print(UNBUILT, file=sys.stderr),
    )
    if not found.rows:
        raise TunesmithError(why_none(options.name, pipeline, found))
    print_rows(map(row_panels, found.rows))
    if note := note_on(found, options.n):
        print(note, file=sys.stderr)


def _check(options: argparse.Namespace) -> None:
    from corpus.errors import TemplateError
    from corpus.house.check import check_folder

    found = check_folder(options.folder)
    for fault in found.faults:
        print(fault)
    counted = f"{_number(found.templates, 'template')}, {found.rows} sample rows rendered"
    if found.faults:
        faults = _number(len(found.faults), "fault")
        raise TemplateError(f"{faults} in {options.folder} ({counted})")
    print(f"no fault: {counted}")


def _number(count: int, thing: str) -> str:
    return f"1 {thing}" if count == 1 else f"{count} {thing}s"
