"""Compares what tunesmith extracts with what a language's own compiler sees.

``python -m tests.oracles.compare LANGUAGE TREE…`` prints recall and precision over the files under
TREE, for the languages in ``ORACLES``. Each needs its tool: javac, node and npm, go, ruby, php,
cargo and Debian's librust-syn-dev, shfmt, clang and ``pip install libclang``.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from corpus.extract.functions import extract
from corpus.languages import language_of
from corpus.sources.text import UnreadableTextError, decode
from tests.oracles.preprocessor import preprocessed_lines
from tests.oracles.tools import (
    Row,
    bash,
    c,
    cpp,
    go,
    java,
    lua,
    php,
    plain,
    ruby,
    rust,
    scala,
    typescript,
)


@dataclass
class Score:
    """How two sets of rows agree. ``missed`` and ``extra`` hold the path before each row."""

    files: int = 0
    functions: int = 0
    found: int = 0
    missed: list[tuple[Path, Row]] = field(default_factory=list)
    extra: list[tuple[Path, Row]] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return 1 - len(self.missed) / max(self.functions, 1)

    @property
    def precision(self) -> float:
        return 1 - len(self.extra) / max(self.found, 1)


# Which of a function's docs the oracle has.
Doc = Literal["doc", "doc_raw"] | None
Oracle = Callable[[Sequence[Path], Path], dict[Path, set[Row]]]
Lines = Callable[[bytes], set[int]]


def compare(
    paths: Sequence[Path], oracle: Oracle, doc: Doc = "doc", ignored: Lines | None = None
) -> Score:
    """Score the extractor over files, without those that are no text or have syntax errors.

    ``ignored`` gives the lines of a source that no function is counted on.
    """
    paths = [path for path in paths if source_of(path) is not None]
    with tempfile.TemporaryDirectory() as scratch:
        expected = oracle(paths, Path(scratch))
    score = Score()
    for path in paths:
        if path not in expected:
            continue
        lines = ignored(source_of(path) or b"") if ignored else set()
        want = {row for row in expected[path] if lines.isdisjoint(row.lines)}
        got = {row for row in extracted(path, doc) if lines.isdisjoint(row.lines)}
        score.files += 1
        score.functions += len(want)
        score.found += len(got)
        score.missed += [(path, row) for row in sorted(want - got)]
        score.extra += [(path, row) for row in sorted(got - want)]
    return score


def extracted(path: Path, doc: Doc) -> Iterator[Row]:
    language = language_of(str(path))
    assert language is not None
    for function in extract(language, source_of(path) or b""):
        text = getattr(function, doc) if doc else None
        first, last = function.declaration_line, function.end_line
        yield Row(function.qualified_name, first, last, plain(text or ""))


def source_of(path: Path) -> bytes | None:
    try:
        return decode(path.read_bytes())
    except UnreadableTextError:
        return None


class Comparison(NamedTuple):
    oracle: Oracle
    extensions: tuple[str, ...]
    doc: Doc
    ignored: Lines | None = None


ORACLES = {
    "java": Comparison(java, (".java",), "doc"),
    "typescript": Comparison(typescript, (".ts", ".tsx", ".mts", ".cts"), "doc_raw"),
    "javascript": Comparison(typescript, (".js", ".jsx", ".mjs", ".cjs"), "doc_raw"),
    "go": Comparison(go, (".go",), "doc"),
    "ruby": Comparison(ruby, (".rb",), "doc"),
    "php": Comparison(php, (".php",), "doc_raw"),
    "rust": Comparison(rust, (".rs",), "doc"),
    "bash": Comparison(bash, (".sh", ".bash"), "doc"),
    "lua": Comparison(lua, (".lua",), None),
    "scala": Comparison(scala, (".scala",), None),
    "c": Comparison(c, (".c", ".h"), "doc_raw", preprocessed_lines),
    "cpp": Comparison(cpp, (".cc", ".cpp", ".cxx", ".hpp"), "doc_raw", preprocessed_lines),
}


def main() -> None:
    comparison = ORACLES[sys.argv[1]]
    trees = [Path(tree).resolve() for tree in sys.argv[2:]]
    paths = [
        p for tree in trees for p in sorted(tree.rglob("*")) if p.suffix in comparison.extensions
    ]
    score = compare(
        [path for path in paths if path.is_file()],
        comparison.oracle,
        comparison.doc,
        comparison.ignored,
    )
    for sign, rows in (("-", score.missed), ("+", score.extra)):
        for path, row in rows[:20]:
            print(sign, path, *row[:3], repr(row.doc[:60]))
    print(f"{score.files} files, {score.functions} functions", end=", ")
    print(f"recall {score.recall:.4%}, precision {score.precision:.4%}")


if __name__ == "__main__":
    main()
