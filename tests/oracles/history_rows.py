"""Looks through a built dataset for changes that it promises not to hold.

``python -m tests.oracles.history_rows DATASET…`` prints how many changes there are, how many are
the same before and after but for comments, docs, layout and imports, and how many share code or a
function with a row of another split. Told without the code that made them: Python by ``ast``, other
languages by the tokens that are left.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import polars as pl
from tree_sitter import Node, Parser

from corpus.languages import LANGUAGES

Row = Mapping[str, Any]


def rows(dataset: Path, configuration: str) -> list[dict[str, Any]]:
    """Return the rows of a configuration."""
    files = sorted((dataset / configuration).glob("*.parquet"))
    return [row for file in files for row in pl.read_parquet(file).to_dicts()]


def alike(changes: list[dict[str, Any]]) -> list[Row]:
    """Return the changes, of docs aside, whose code is the same before and after."""
    return [
        row
        for row in changes
        if "only_doc" not in row["shapes"]
        and _code(row["language"], row["before"]) == _code(row["language"], row["after"])
    ]


def crossing(changes: list[dict[str, Any]], functions: list[dict[str, Any]]) -> list[Row]:
    """Return the changes that share a function or its code with a row of another split."""
    splits: dict[Any, set[str]] = defaultdict(set)
    keys = {row["change_id"]: _keys(row) for row in changes}
    for row in changes:
        for key in keys[row["change_id"]]:
            splits[key].add(row["split"])
    for row in functions:
        splits[row["repo"], row["path"], row["qualified_name"]].add(row["split"])
        splits[row["code"]].add(row["split"])
    return [row for row in changes if any(len(splits[key]) > 1 for key in keys[row["change_id"]])]


def _keys(row: Row) -> list[Any]:
    return [(row["repo"], row["path"], row["qualified_name"]), row["before"], row["after"]]


def _code(language: str, text: str) -> Any:
    if language == "python":
        try:
            tree = ast.parse(dedent(text))
        except (SyntaxError, ValueError):
            pass  # Python 2
        else:
            return ast.dump(_Bare().visit(tree))
    parser = Parser(LANGUAGES[language].load_grammar())
    return list(_tokens(parser.parse(text.encode()).root_node))


class _Bare(ast.NodeTransformer):
    """Takes away docs and imports."""

    def visit_Import(self, node: ast.Import) -> None:
        return None

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        return None

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        is_text = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if is_text else self.generic_visit(node)


def _tokens(node: Node) -> Iterator[bytes]:
    if "comment" in node.type or "import" in node.type or node.type == "use_declaration":
        return
    if node.children:
        for child in node.children:
            yield from _tokens(child)
    elif text := (node.text or b"").strip():
        yield text


def main(datasets: list[str]) -> None:
    """Print the figures of some datasets."""
    for folder in map(Path, datasets):
        changes, functions = rows(folder, "changes"), rows(folder, "functions")
        same, crossed = alike(changes), crossing(changes, functions)
        print(f"{folder.name}: {len(changes):,} changes, {len(same)} alike, {len(crossed)} cross")
        for row in (*same, *crossed):
            print(f"  {row['commit'][:12]} {row['path']}:{row['start_line']} {row['shapes']}")


if __name__ == "__main__":
    main(sys.argv[1:])
