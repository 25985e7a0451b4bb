"""Python's functions and docstrings are those of ``ast``, over the whole standard library."""

from __future__ import annotations

import ast
import sysconfig
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from multiprocessing import get_context
from pathlib import Path

from corpus.extract.functions import extract
from corpus.languages import LANGUAGES
from corpus.sources.text import decode

Row = tuple[str, int, str | None]


def expected(node: ast.AST, scope: tuple[str, ...] = ()) -> Iterator[Row]:
    # Statements alone hold functions; to walk every expression takes most of the time.
    blocks = (
        getattr(node, name, ()) for name in ("body", "orelse", "handlers", "finalbody", "cases")
    )
    for child in chain.from_iterable(blocks):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names = (*scope, child.name)
            if not isinstance(child, ast.ClassDef):
                first = min([child.lineno, *(d.lineno for d in child.decorator_list)])
                yield ".".join(names), first, ast.get_docstring(child)
            yield from expected(child, names)
        else:
            yield from expected(child, scope)


def differences(path: Path) -> tuple[int, list[str]]:
    """Return how many functions ``ast`` sees in a file, and what differs."""
    content = path.read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the library's own test data holds
        try:
            tree = ast.parse(content)
        except (SyntaxError, ValueError):
            return 0, []
        functions = extract(LANGUAGES["python"], decode(content))
        want = set(expected(tree))
        got = {(f.qualified_name, f.start_line, f.doc) for f in functions}
        wrong = [f"{path}: {row}" for row in want ^ got]
        wrong += [
            f"{path}: {function.qualified_name}: code_without_doc"
            for function in functions[::5]  # to parse them all again takes a minute
            if function.doc and not is_same_without_doc(function.code, function.code_without_doc)
        ]
    return len(want), wrong


def is_same_without_doc(code: str, bare: str) -> bool:
    whole = ast.parse(code).body[0]
    assert isinstance(whole, ast.FunctionDef | ast.AsyncFunctionDef)
    whole.body = whole.body[1:] or [ast.Pass()]
    return ast.dump(whole) == ast.dump(ast.parse(bare).body[0])


def test_standard_library() -> None:
    root = Path(sysconfig.get_path("stdlib"))
    files = [p for p in sorted(root.rglob("*.py")) if "site-packages" not in p.parts]
    with ProcessPoolExecutor(mp_context=get_context("forkserver")) as pool:
        results = list(pool.map(differences, files, chunksize=20))
    assert [row for _, wrong in results for row in wrong] == []
    assert sum(count for count, _ in results) > 10_000
