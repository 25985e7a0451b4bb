"""The commands that look at files, tables and datasets: ``inspect``, ``dedup``, ``duplicates``."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from corpus.cli.parser import SEVERAL, positive


def add_commands(commands: Any) -> None:
    """Add ``inspect``, ``dedup`` and ``duplicates``."""
    inspect = commands.add_parser("inspect", help="show the functions that are seen in files")
    inspect.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a source file")
    inspect.add_argument("--json", action="store_true", help="one JSON object a line, all columns")
    inspect.set_defaults(run=_inspect)

    dedup = commands.add_parser("dedup", help="mark near-duplicates in any table of texts")
    dedup.add_argument(
        "source", metavar="TABLE", help="Parquet file or folder, JSON Lines, or a hub dataset's id"
    )
    dedup.add_argument("--column", required=True, metavar="NAME", help="the column with the texts")
    dedup.add_argument(
        "--out", required=True, type=Path, metavar="FILE.parquet", help="the table, with verdicts"
    )
    dedup.add_argument(
        "--threshold", metavar="JACCARD", help="how alike copies are, from 0 to 1 (0.7)"
    )
    dedup.add_argument(
        "--set",
        **SEVERAL,
        default=[],
        metavar="KEY=VALUE",
        help="change one setting of `dedup`, as shingle=3",
    )
    dedup.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    dedup.set_defaults(run=_dedup)

    duplicates = commands.add_parser(
        "duplicates", help="list what a build left out as copies, the largest clusters first"
    )
    duplicates.add_argument("folder", type=Path, metavar="DIR", help="a dataset folder")
    duplicates.add_argument(
        "-n", type=positive, default=10, metavar="N", help="clusters to list (10)"
    )
    duplicates.set_defaults(run=_duplicates)


def _inspect(options: argparse.Namespace) -> None:
    from rich.console import Console

    from corpus.inspect import functions_tables, inspect_files

    if options.json:
        for row in inspect_files(options.files):
            print(json.dumps(row, ensure_ascii=False))
    else:
        console = Console()
        for table in functions_tables(inspect_files(options.files)):
            console.print(table)


def _dedup(options: argparse.Namespace) -> None:
    from corpus.dedup.table import dedup_table
    from corpus.pipeline_file import load_pipeline

    threshold = [f"dedup.threshold={options.threshold}"] if options.threshold else []
    settings = [*threshold, *(f"dedup.{setting}" for setting in options.set)]
    parameters = load_pipeline(None, settings).dedup
    figures = dedup_table(options.source, options.column, options.out, parameters)
    if options.json:
        print(json.dumps(asdict(figures)))
    else:
        print(
            f"{figures.rows:,} rows, {figures.kept:,} kept, {figures.exact_duplicates:,} exact and "
            f"{figures.near_duplicates:,} near duplicates: {options.out}"
        )


def _duplicates(options: argparse.Namespace) -> None:
    from corpus.report.duplicates import clusters
    from corpus.report.listing import print_rows

    print_rows(clusters(options.folder, options.n))
