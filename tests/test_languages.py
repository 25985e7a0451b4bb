"""Every language's fixture: an input that holds its hard cases, and the exact rows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console

from corpus.errors import SourceError, TunesmithError, UsageError
from corpus.extract.functions import ParsedFile
from corpus.inspect import functions_tables, inspect_files
from corpus.languages import LANGUAGES, language_of
from corpus.links.view import seen_in
from corpus.tasks.samples import documented_samples

FIXTURES = Path(__file__).parent / "languages"
# Ids are content hashes of the rest; a fixture has no repo.
LEFT_OUT = {"function_id", "repo", "commit", "path", "blob_id", "language", "license", "name"}


def input_of(language: str) -> Path:
    (path,) = (FIXTURES / language).glob("input.*")
    return path


@pytest.mark.parametrize("language", LANGUAGES)
def test_fixture(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = input_of(language)
    monkeypatch.chdir(path.parent)  # whether a function is a test depends on the path as given
    rows = [
        {key: value for key, value in row.items() if key not in LEFT_OUT}
        for row in inspect_files([Path(path.name)])
    ]
    expected = Path("expected.jsonl").read_text("utf-8").splitlines()
    assert language_of(path.name) is LANGUAGES[language]
    assert rows == [json.loads(line) for line in expected]


@pytest.mark.parametrize("language", LANGUAGES)
def test_contract(language: str) -> None:
    """What holds for every function in every language."""
    path = input_of(language)
    lines = path.read_text("utf-8").split("\n")
    for row in inspect_files([path]):
        assert row["code_without_doc"].startswith(row["signature"])
        assert row["qualified_name"].endswith(row["name"])
        assert row["start_line"] <= row["declaration_line"] <= row["end_line"]
        assert (row["doc"] is None) == (row["doc_raw"] is None)
        assert (row["doc"] is None) == (row["code"] == row["code_without_doc"])
        assert row["calls"] == sorted(set(row["calls"]))
        code = [line.strip() for line in row["code"].split("\n")]
        there = [line.strip() for line in lines[row["start_line"] - 1 : row["end_line"]]]
        # A function may share its first and its last line with other code.
        assert code[0] in there[0]
        assert code[-1] in there[-1]
        assert code[1:-1] == there[1:-1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_forgotten(language: str) -> None:
    """What later stages need of a language: a query for the linker, a sample with a doc."""
    assert seen_in(ParsedFile(LANGUAGES[language], input_of(language).read_bytes())).sites
    assert any(sample.row["language"] == language for sample in documented_samples())


def test_fixtures_and_languages_are_the_same() -> None:
    """A folder without a language is a leftover, a language without a folder is untested."""
    assert {folder.name for folder in FIXTURES.iterdir() if folder.is_dir()} == set(LANGUAGES)


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("missing.py", None, SourceError, "No such file or directory"),
        ("notes.unknown", b"", UsageError, "the extension is of no known language"),
        ("binary.py", b"\0", SourceError, "not text (binary)"),
        ("latin.py", b"# \xe9\n", SourceError, "not text (not utf-8)"),
    ],
)
def test_inspect_says_what_is_wrong(
    tmp_path: Path, name: str, content: bytes | None, error: type[TunesmithError], message: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(error) as raised:
        list(inspect_files([path]))
    assert str(raised.value).startswith(f"{path}: {message}")


def test_inspect_prints_a_table(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text('def f():\n    """Has [brackets]."""\n    g()\n')
    console = Console(width=200, record=True, file=(tmp_path / "out").open("w"))
    with console.file:
        for table in functions_tables(inspect_files([path])):
            console.print(table)
    assert ["1-3", "function", "f", "1", "Has", "[brackets]."] in [
        line.split() for line in console.export_text().splitlines()
    ]


@pytest.mark.parametrize(
    "name", ["cart.test.ts", "cart.spec.tsx", "cart.test-d.ts", "__tests__/a.ts"]
)
def test_names_of_test_files(name: str) -> None:
    path = f"src/{name}"
    language = language_of(path)
    assert language is not None
    assert language.is_test_path(path)
    assert not language.is_test_path("src/contest-data.ts")
