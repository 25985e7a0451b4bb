"""What each language's own tool sees in files: the paths in, their functions out.

A file that the tool finds a syntax error in is left out.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

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
    from tests.oracles import clang_oracle  # needs what only this oracle does

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
