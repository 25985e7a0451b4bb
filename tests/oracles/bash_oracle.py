"""Prints the functions that shfmt sees, as JSON lines.

A line is path, dotted name, first line, last line, doc. Takes a file that lists the files to read.
A file with syntax errors gives only its path. The doc is the comments on the lines right before,
without lines that speak to shellcheck.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_DIRECTIVE = re.compile(r"# *shellcheck ")


def functions(node: Any, lines: list[str], scope: tuple[str, ...] = ()) -> Iterator[list[Any]]:
    """Yield every function below a node of shfmt's tree."""
    if isinstance(node, list):
        for child in node:
            yield from functions(child, lines, scope)
    elif isinstance(node, dict):
        if node.get("Type") == "FuncDecl":
            first, last = node["Pos"]["Line"], node["End"]["Line"]
            scope = (*scope, node["Name"]["Value"])
            is_alone = not lines[first - 1].encode()[: node["Pos"]["Col"] - 1].strip()
            yield [".".join(scope), first, last, doc(lines[: first - 1]) if is_alone else ""]
        yield from functions(list(node.values()), lines, scope)


def doc(above: list[str]) -> str:
    comments: list[str] = []
    for line in reversed(above):
        if not line.strip().startswith("#") or line.strip().startswith("#!"):
            break
        comments.insert(0, line.strip())
    kept = [comment for comment in comments if not _DIRECTIVE.match(comment)]
    return "\n".join(comment.lstrip("#") for comment in kept)


def main() -> None:
    for path in Path(sys.argv[1]).read_text("utf-8").splitlines():
        source = Path(path).read_bytes()
        done = subprocess.run(
            ["shfmt", "-ln", "bash", "--to-json"], input=source, capture_output=True, check=False
        )
        if done.returncode:
            print(json.dumps([path]))
            continue
        lines = source.decode("utf-8", "replace").split("\n")
        for row in functions(json.loads(done.stdout), lines):
            print(json.dumps([path, *row]))


if __name__ == "__main__":
    main()
