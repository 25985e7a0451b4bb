"""The tables that linking joins: calls, the functions that they may mean, and test units."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from corpus.links.modules import Modules, without_extension
from corpus.store import Store

# Languages whose code calls each other.
_FAMILIES = {
    "javascript": "ecmascript",
    "typescript": "ecmascript",
    "tsx": "ecmascript",
    "cpp": "c",
    "kotlin": "java",
    "scala": "java",
}
_TEST_AFFIX = re.compile(
    r"^(test[s_-]*|it_)|([._-]?(unit|integration)?[._-]?(tests?|spec|it|suite|case))+$"
)


@dataclass(frozen=True)
class Frames:
    """``units`` and ``calls`` are of tests and what they use, ``functions`` of all other code.

    ``uses`` holds which units run with a test, those of other files included.
    """

    units: pl.DataFrame
    calls: pl.DataFrame
    functions: pl.DataFrame
    uses: pl.DataFrame


def read_frames(store: Store) -> Frames:
    """Read the tables ``functions``, ``test_units`` and ``test_calls`` of all shards."""
    units = _table(
        store, "test_units",
        ["unit_id", "repo", "path", "language", "kind", "name", "start_line", "uses", "fixtures",
         "returns"],
    )  # fmt: skip
    families = pl.col("language").replace_strict(_FAMILIES, default=pl.col("language"))
    units = units.with_columns(
        family=families,
        order=pl.int_range(pl.len()),
        words=plain(pl.col("name")),
        about=pl.col("path").map_elements(_about, return_dtype=pl.String),
    )
    functions = _functions(store, units).with_columns(family=families)
    calls = _calls(store, units, functions)
    return Frames(units, calls, functions, _uses(units))


def _table(store: Store, name: str, columns: list[str]) -> pl.DataFrame:
    return pl.concat(frame(rows.select(columns)) for rows in store.shards(name))


def frame(rows: pa.Table) -> pl.DataFrame:
    """Return a table as polars has it."""
    made = pl.from_arrow(rows)
    assert isinstance(made, pl.DataFrame)
    return made


def _functions(store: Store, units: pl.DataFrame) -> pl.DataFrame:
    """Return what can be called from a test, once per name that it is called by.

    Test code is left out, and so are functions inside functions. A constructor is called by the
    name of its class.
    """
    columns = ["function_id", "repo", "path", "language", "kind", "name", "qualified_name",
               "signature", "start_line", "end_line", "is_test"]  # fmt: skip
    rows = _table(store, "functions", columns)
    scope = pl.col("qualified_name").str.slice(
        0, pl.col("qualified_name").str.len_chars() - pl.col("name").str.len_chars()
    )
    rows = rows.with_columns(scope=scope.str.strip_chars_end("."))
    outer = rows.select("repo", "path", pl.col("qualified_name").alias("scope")).unique()
    rows = rows.join(
        units.select(pl.col("unit_id").alias("function_id")), on="function_id", how="anti"
    ).filter(~pl.col("is_test"))
    rows = rows.join(outer, on=["repo", "path", "scope"], how="anti", maintain_order="left")
    # Of overloads written out for a type checker, the one that runs has no such mark.
    rows = rows.filter(~pl.col("signature").str.contains(r"@(\w+\.)?overload\b"))
    rows = rows.with_columns(
        is_property=pl.col("signature").str.contains(r"@[\w.]*property\b"),
        owner=pl.col("scope").str.split(".").list.last(),
        place=pl.col("path").map_elements(without_extension, return_dtype=pl.String),
        gives=pl.struct("signature", "name").map_elements(_gives, return_dtype=pl.String),
        arity=pl.col("signature").map_elements(_arity, return_dtype=pl.Int32),
    )
    is_made = (pl.col("kind") == "constructor") & (pl.col("owner") != "")
    called = pl.when(is_made).then("owner").otherwise("name")
    return rows.with_columns(
        key=called,
        word=plain(called),
        stem=pl.col("place").str.split("/").list.last(),
        folder=pl.col("path").str.split("/").list.get(-2, null_on_oob=True),
        home=_home(pl.col("path")),
    ).drop("is_test", "scope", "signature")


def _calls(store: Store, units: pl.DataFrame, functions: pl.DataFrame) -> pl.DataFrame:
    """Return the calls of all units, with what their imports and fixtures stand for."""
    calls = _table(
        store, "test_calls", ["unit_id", "name", "on", "made", "type", "module", "arguments"]
    )
    of_unit = units.select("unit_id", "repo", "path", "family", "about")
    calls = calls.join(of_unit, on="unit_id", maintain_order="left")
    calls = calls.filter(~pl.col("on").str.contains(r"^(self|this|cls|Self|super)$"))
    calls = calls.rename({"path": "test_path"})
    calls = _typed_by_fixtures(calls, units)
    calls = _typed_by_returns(calls, functions)
    parts = pl.col("type").str.split(".")
    owners = functions.select("repo", "family", pl.col("owner").alias("type_last")).unique()
    calls = calls.with_columns(
        call=pl.int_range(pl.len()),
        test_home=_home(pl.col("test_path")),
        type_last=parts.list.last(),
        type_first=parts.list.get(-2, null_on_oob=True),
    ).join(owners.with_columns(own_type=pl.lit(value=True)), on=["repo", "family", "type_last"],
           how="left", maintain_order="left")  # fmt: skip
    calls = calls.with_columns(pl.col("own_type").fill_null(value=False))
    return calls.join(
        _targets(store, calls), on=["repo", "test_path", "module"], how="left",
        maintain_order="left",
    )  # fmt: skip


def _typed_by_fixtures(calls: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Let what a fixture returns be the type of the parameter that asks for it."""
    fixtures = _asked_for(units).select("unit_id", pl.col("fixture").alias("type"), "returns")
    fixtures = fixtures.filter(pl.col("returns") != "").unique(["unit_id", "type"], keep="first")
    calls = calls.join(fixtures, on=["unit_id", "type"], how="left", maintain_order="left")
    return calls.with_columns(type=pl.coalesce("returns", "type")).drop("returns")


def _typed_by_returns(calls: pl.DataFrame, functions: pl.DataFrame) -> pl.DataFrame:
    """Let the declared result of a function be the type of what is called on that result."""
    owners = functions.select("repo", "family", pl.col("owner").alias("gives")).unique()
    makers = functions.unique(["repo", "family", "key"], keep="none").filter(pl.col("gives") != "")
    makers = makers.join(owners, on=["repo", "family", "gives"], how="semi")
    makers = makers.select("repo", "family", pl.col("key").alias("made_by"), "gives")
    calls = calls.with_columns(made_by=pl.col("type").str.split(".").list.last())
    calls = calls.join(makers, on=["repo", "family", "made_by"], how="left", maintain_order="left")
    return calls.with_columns(type=pl.coalesce("gives", "type")).drop("gives", "made_by")


def _asked_for(units: pl.DataFrame) -> pl.DataFrame:
    """Return the fixtures that units name as parameters: of their file, or of a conftest above."""
    given = units.filter(pl.col("kind") == "fixture").select(
        "repo",
        pl.col("unit_id").alias("uses"),
        pl.col("name").str.split(".").list.last().alias("fixture"),
        pl.col("path").alias("fixture_path"),
        "returns",
    )
    asked = units.select("unit_id", "repo", "path", pl.col("fixtures").alias("fixture"))
    pairs = asked.explode("fixture").drop_nulls("fixture").join(given, on=["repo", "fixture"])
    folder = pl.col("fixture_path").str.strip_suffix("conftest.py")
    above = pl.col("fixture_path").str.ends_with("conftest.py") & pl.col("path").str.starts_with(
        folder
    )
    pairs = pairs.filter((pl.col("path") == pl.col("fixture_path")) | above)
    nearest = pl.col("fixture_path").str.len_chars()
    return pairs.filter(nearest == nearest.max().over("unit_id", "fixture")).sort("unit_id", "uses")


def _uses(units: pl.DataFrame) -> pl.DataFrame:
    """Return which units run with a test: of its own file, and fixtures of conftest files."""
    tests = units.filter(pl.col("kind") == "test")
    own = tests.select("unit_id", "uses").explode("uses").drop_nulls("uses")
    asked = _asked_for(tests).select("unit_id", "uses")
    return pl.concat([own, asked]).unique(maintain_order=True)


def _targets(store: Store, calls: pl.DataFrame) -> pl.DataFrame:
    """Return where in the repo every module is that a test file names."""
    paths: dict[str, list[str]] = {}
    for files in store.shards("files"):
        for repo, path in zip(files["repo"].to_pylist(), files["path"].to_pylist(), strict=True):
            paths.setdefault(repo, []).append(path)
    modules = {repo: Modules(found) for repo, found in paths.items()}
    asked = calls.filter(pl.col("module") != "").select("repo", "test_path", "module").unique()
    targets = [modules[repo].resolve(path, module) for repo, path, module in asked.iter_rows()]
    return asked.with_columns(target=pl.Series(targets, dtype=pl.String))


def _home(path: pl.Expr) -> pl.Expr:
    """Return a file's folder: where a package's names need no import."""
    return path.str.replace(r"[^/]*$", "")


def plain(text: pl.Expr) -> pl.Expr:
    """Return a name without its case and its separators."""
    return text.str.replace_all(r"[^A-Za-z0-9]", "").str.to_lowercase()


def _about(path: str) -> str:
    """Return what a test file's name says that it tests: ``shop`` of ``tests/test_shop.py``."""
    stem = path.rpartition("/")[2].partition(".")[0]
    rest = path.rpartition("/")[2][len(stem) :]
    kept = stem.lower() if re.match(r"\.(test|spec)\.", rest) else _TEST_AFFIX.sub("", stem.lower())
    return re.sub(r"[^a-z0-9]", "", kept)


def _arity(signature: str) -> int:
    """Return how many parameters a signature lists, commas in brackets aside."""
    start = signature.find("(")
    depth = commas = 0
    for character in signature[start + 1 :] if start >= 0 else "":
        if character in "([{<":
            depth += 1
        elif character in ")]}>":
            if depth == 0:
                break
            depth -= 1
        commas += character == "," and depth == 0
    inside = signature[start + 1 :].lstrip()
    return 0 if start < 0 or inside.startswith(")") else commas + 1


def _gives(function: dict[str, str]) -> str:
    """Return the type that a signature says a function gives: after its parameters, or before."""
    head, _, tail = function["signature"].rpartition(")")
    after = re.search(r"\b([A-Z]\w*)", tail)
    if after:
        return after[1]
    before = re.search(
        rf"\b([A-Z]\w*)(?:<[^()]*>)?\s+{re.escape(function['name'])}\s*\(", head + tail
    )
    return before[1] if before else ""
