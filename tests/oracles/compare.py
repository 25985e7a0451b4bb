"""Compares what tunesmith extracts with what a language's own compiler sees.

``python -m tests.oracles.compare LANGUAGE TREE…`` prints recall and precision over the files under
TREE, for the languages in ``ORACLES``. Each needs its tool: javac, node and npm, go, ruby, php,
cargo and Debian's librust-syn-dev, shfmt, clang and ``pip install libclang``.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from corpus.extract.functions import extract
from corpus.languages import language_of
from corpus.sources.text import UnreadableTextError, decode
from tests.oracles import clang_oracle

HERE = Path(__file__).parent


class Row(NamedTuple):
    """One function; ``first_line`` is the declaration's, ``doc`` as the oracle has it."""

    name: str
    first_line: int
    last_line: int
    doc: str

    @property
    def lines(self) -> range:
        return range(self.first_line, self.last_line + 1)


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


def plain(doc: str) -> str:
    """Return a doc without indents, which every tool takes off in its own way."""
    return "\n".join(line.strip() for line in doc.strip().split("\n"))


def java(paths: Sequence[Path], scratch: Path) -> dict[Path, set[Row]]:
    """Ask javac's parser."""
    run(["javac", "-d", scratch, HERE / "JavaOracle.java"])
    return ask(["java", "-cp", scratch, "JavaOracle"], paths, scratch)


def typescript(paths: Sequence[Path], scratch: Path) -> dict[Path, set[Row]]:
    """Ask the TypeScript compiler's parser, also about JavaScript."""
    return ask(["node", HERE / "typescript_oracle.js", typescript_package()], paths, scratch)


def go(paths: Sequence[Path], scratch: Path) -> dict[Path, set[Row]]:
    """Ask go/parser."""
    run(["go", "build", "-o", scratch / "oracle", HERE / "go_oracle.go"])
    return ask([scratch / "oracle"], paths, scratch)


def ruby(paths: Sequence[Path], scratch: Path) -> dict[Path, set[Row]]:
    """Ask Ruby's own parser."""
    return ask(["ruby", "-W0", HERE / "ruby_oracle.rb"], paths, scratch)


def php(paths: Sequence[Path], scratch: Path) -> dict[Path, set[Row]]:
    """Ask PHP's own tokenizer."""
    return ask(["php", "-d", "memory_limit=-1", HERE / "php_oracle.php"], paths, scratch)


def rust(paths: Sequence[Path], scratch: Path) -> dict[Path, set[Row]]:
    """Ask syn, which Debian has as librust-syn-dev."""
    (scratch / "Cargo.toml").write_text(
        _CARGO.format(path=json.dumps(str(HERE / "rust_oracle.rs")))
    )
    (scratch / ".cargo").mkdir()
    (scratch / ".cargo" / "config.toml").write_text(_CRATES)
    run(["cargo", "build", "--quiet", "--offline"], scratch)
    return ask([scratch / "target" / "debug" / "oracle"], paths, scratch)


_CRATES = """
[source.crates-io]
replace-with = "debian"
[source.debian]
directory = "/usr/share/cargo/registry"
"""
_CARGO = """
[package]
name = "oracle"
version = "0.0.0"
edition = "2021"
[dependencies]
syn = {{ version = "1", features = ["full", "visit"] }}
proc-macro2 = {{ version = "1", features = ["span-locations"] }}
quote = "1"
[[bin]]
name = "oracle"
path = {path}
"""


def bash(paths: Sequence[Path], scratch: Path) -> dict[Path, set[Row]]:
    """Ask shfmt."""
    return ask([sys.executable, HERE / "bash_oracle.py"], paths, scratch)


def lua(paths: Sequence[Path], scratch: Path) -> dict[Path, set[Row]]:
    """Ask luaparse."""
    package = npm_package("luaparse", "0.3.1")
    return ask(["node", HERE / "lua_oracle.js", package], paths, scratch)


def scala(paths: Sequence[Path], scratch: Path) -> dict[Path, set[Row]]:
    """Ask Scalameta."""
    package = npm_package("scalameta-parsers", "4.14.2")
    return ask(["node", HERE / "scala_oracle.js", package], paths, scratch)


def c(paths: Sequence[Path], scratch: Path) -> dict[Path, set[Row]]:
    """Ask clang."""
    return _clang(paths, ["-xc", "-std=gnu11"])


def cpp(paths: Sequence[Path], scratch: Path) -> dict[Path, set[Row]]:
    """Ask clang."""
    return _clang(paths, ["-xc++", "-std=c++17"])


def _clang(paths: Sequence[Path], arguments: Sequence[str]) -> dict[Path, set[Row]]:
    found = clang_oracle.functions(paths, arguments)
    return {path: {Row(*row[:3], plain(row[3])) for row in rows} for path, rows in found.items()}


def ask(
    command: Sequence[str | Path], paths: Sequence[Path], scratch: Path
) -> dict[Path, set[Row]]:
    """Run an oracle, which prints a line per function, and a bare path for a faulty file."""
    listed = scratch / "files"
    listed.write_text("".join(f"{path}\n" for path in paths))
    expected: dict[Path, set[Row]] = {path: set() for path in paths}
    for line in run([*command, listed]).splitlines():
        path, *row = json.loads(line)
        if row:
            name, first, last, doc = row
            expected[Path(path)].add(Row(name, first, last, plain(doc)))
        else:
            del expected[Path(path)]
    return expected


def run(command: Sequence[str | Path], folder: Path | None = None) -> str:
    done = subprocess.run(
        command, cwd=folder, check=True, stdout=subprocess.PIPE, encoding="utf-8", timeout=300
    )
    return done.stdout


def typescript_package() -> Path:
    """Install the compiler. Raises OSError where npm can't."""
    return npm_package("typescript", "5.9.3")


def npm_package(name: str, version: str) -> Path:
    """Install a package into the user's cache folder once. Raises OSError where npm can't."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = caches / "tunesmith-tests" / f"{name}-{version}"
    package = folder / "node_modules" / name
    if not package.is_dir():
        if not (shutil.which("npm") and shutil.which("node")):
            raise OSError("node and npm are not installed")
        folder.mkdir(parents=True, exist_ok=True)
        try:
            run(["npm", "install", "--silent", "--prefix", folder, f"{name}@{version}"])
        except subprocess.SubprocessError as error:
            raise OSError(f"npm cannot install {name}") from error
    return package


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
    "c": Comparison(c, (".c", ".h"), "doc_raw", clang_oracle.preprocessed_lines),
    "cpp": Comparison(
        cpp, (".cc", ".cpp", ".cxx", ".hpp"), "doc_raw", clang_oracle.preprocessed_lines
    ),
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
