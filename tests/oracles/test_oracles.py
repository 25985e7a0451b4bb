"""What tunesmith extracts is what the languages' own compilers see, where those are installed."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path
from typing import NoReturn

import pytest

from tests.oracles.compare import compare
from tests.oracles.tools import java, typescript, typescript_package

FIXTURES = Path(__file__).parent.parent / "languages"


def lacking(what: str) -> NoReturn:
    """Skip a test for want of an oracle; CI installs them all, so there it is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


def test_java(tmp_path: Path) -> None:
    javac = shutil.which("javac")
    if javac is None:
        lacking("no JDK: javac is not on the path")
    score = compare([FIXTURES / "java" / "input.java"], java)
    assert (score.missed, score.extra) == ([], [])

    library = Path(javac).resolve().parent.parent / "lib" / "src.zip"
    if not library.is_file():
        lacking(f"the JDK has no sources: {library}")
    with zipfile.ZipFile(library) as sources:
        names = [n for n in sources.namelist() if n.startswith("java.base/java/")]
        sources.extractall(tmp_path, names)
    score = compare(sorted(tmp_path.rglob("*.java")), java)
    assert score.files > 200
    assert score.recall > 0.999
    assert score.precision > 0.999


def test_typescript_and_javascript() -> None:
    try:
        package = typescript_package()
    except OSError as error:
        lacking(f"no TypeScript compiler: {error}")
    inputs = ["javascript/input.js", "typescript/input.ts", "tsx/input.tsx"]
    score = compare([FIXTURES / path for path in inputs], typescript, "doc_raw")
    assert (score.missed, score.extra) == ([], [])

    declarations = sorted((package / "lib").glob("*.d.ts"))
    score = compare([*declarations, package / "lib" / "_tsc.js"], typescript, "doc_raw")
    assert score.functions > 10_000
    assert score.recall > 0.995
    assert score.precision > 0.995
