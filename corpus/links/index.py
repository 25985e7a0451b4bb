"""Looks up what each shard's tests need of the rest of the corpus to be linked on their own."""

from __future__ import annotations

import polars as pl
import pyarrow as pa

from corpus.ids import is_boundary
from corpus.links.fixtures import fixture_types
from corpus.links.frames import (
    IMPORTS_ALL,
    asked_first,
    family,
    last,
    last_but_one,
    maker,
    nested,
    of_fixture,
    read_all,
    submodule,
)
from corpus.links.inherit import CLASS, inherited, without_made_otherwise
from corpus.links.modules import Modules
from corpus.links.records import CALLABLE, CANDIDATE, MEANING, NEEDED, TEST_CALL, TEST_UNIT
from corpus.schemas import SOURCE_FILE
from corpus.store import Store, cut

INDEXED = ("files", "callables", "classes", "test_units", "test_calls")
"""The tables that are looked into."""

# Names that more functions have are looked up by class or module alone.
_MANY = 30
_TOGETHER = 4  # shards that are linked at once, more or less
_CANDIDATE = [field.name for field in CANDIDATE]
_KNOWN = ["repo", "family"]
_KEY = [*_KNOWN, "key"]


def index_tests(store: Store) -> None:
    """Write the table ``needed``, in those shards of the tests that call something.

    The rows of a shard change with what is called there, and where names come or go that are called
    there; with nothing else.
    """
    units = _units(store)
    fixtures = fixture_types(units).join(units.select("unit_id", "shard"), on="unit_id")
    calls = _calls(store, units, fixtures)
    modules = _modules(store, calls)
    functions = read_all(store, "callables", CALLABLE, [*_CANDIDATE[:-1], "repo", "gives"])
    functions = functions.with_columns(is_common=pl.len().over(_KEY) > _MANY)
    classes = read_all(store, "classes", CLASS, CLASS.names)
    functions = without_made_otherwise(functions, classes)
    everything = pl.concat([functions, inherited(functions, classes, _classes(calls, functions))])
    types = _types(calls, functions, everything)
    types_of = types.select("shard", *_KNOWN, "made_by", "gives")
    calls = calls.join(types_of, on=["shard", *_KNOWN, "made_by"], how="left")
    by_module = modules.rename({"module": "inner", "target": "submodule"})
    calls = calls.join(modules, on=["shard", "path", "module"], how="left")
    calls = calls.join(by_module, on=["shard", "path", "inner"], how="left")
    calls = calls.with_columns(target=pl.coalesce("submodule", "target"))
    candidates = _candidates(calls, everything)
    shards = candidates["shard"].unique(maintain_order=True).to_list()
    meanings = _meanings(fixtures, types, modules).filter(pl.col("shard").is_in(shards))
    columns = [
        nested(candidates, candidates["shard"], shards, CANDIDATE),
        nested(meanings, meanings["shard"], shards, MEANING),
    ]
    needed = pa.table(columns, schema=NEEDED)
    for row, shard in enumerate(shards):
        store.write("needed", shard, cut(needed, row, 1))


def calling_together(store: Store) -> list[list[int]]:
    """Return the shards of ``needed`` in groups of one repo that are linked at once.

    Most of what a shard costs is beginning a step. A group ends by a path alone, so that a shard
    that comes or goes moves the ends of the groups near it.
    """
    groups: list[list[int]] = []
    before = None
    for shard in store.numbers("needed"):
        first = store.read("test_units", shard).slice(0, 1).select(["repo", "path"]).to_pylist()[0]
        if first["repo"] != before or is_boundary(first["path"], _TOGETHER):
            groups.append([])
        groups[-1].append(shard)
        before = first["repo"]
    return groups


def _units(store: Store) -> pl.DataFrame:
    columns = ["unit_id", "repo", "path", "language", "kind", "name", "fixtures", "returns"]
    return read_all(store, "test_units", TEST_UNIT, columns).with_columns(
        family=family(pl.col("language"))
    )


def _calls(store: Store, units: pl.DataFrame, fixtures: pl.DataFrame) -> pl.DataFrame:
    """Return what tests call, each once in a file, with the last names of its type."""
    calls = read_all(store, "test_calls", TEST_CALL, ["unit_id", "name", "on", "type", "module",
                                                    "original"])  # fmt: skip
    calls = calls.drop("row")
    made = fixtures.select("unit_id", "returns", asked="fixture")
    calls = calls.with_columns(asked=asked_first(pl.col("type")))
    calls = calls.join(made, on=["unit_id", "asked"], how="left", maintain_order="left")
    calls = calls.with_columns(type=of_fixture("returns"))
    calls = calls.join(units.select("unit_id", *_KNOWN, "path"), on="unit_id")
    calls = calls.select("shard", *_KNOWN, "path", "type", "module", key="name",
                         is_bare=pl.col("on") == "",
                         inner=pl.when(pl.col("on") != "").then(submodule()))  # fmt: skip
    return calls.unique().with_columns(last=last(pl.col("type")), made_by=maker(pl.col("type")))


def _classes(calls: pl.DataFrame, functions: pl.DataFrame) -> pl.Series:
    """Return the names that calls may name a class by."""
    of_type = calls["type"].unique().str.split(".").explode().str.strip_suffix("()")
    return pl.concat([of_type, calls["key"], functions["gives"]]).unique()


def _types(calls: pl.DataFrame, functions: pl.DataFrame, everything: pl.DataFrame) -> pl.DataFrame:
    """Return the last names of types: as functions what they give, and whether they are classes.

    A function gives what its signature says if it is the only one of its name, or of its class
    where that is known (``Client().get``), and if that is a class of the repo.
    """
    owners = everything.select(*_KNOWN, pl.col("owner").alias("last")).unique()
    makers = functions.unique(_KEY, keep="none").filter(pl.col("gives") != "")
    of_class = everything.unique([*_KEY, "owner"], keep="none").filter(pl.col("gives") != "")
    of_class = of_class.with_columns(key=pl.format("{}().{}", "owner", "key"))
    makers = pl.concat([makers, of_class]).select(*_KNOWN, made_by="key", gives="gives")
    makers = makers.join(owners, left_on=[*_KNOWN, "gives"], right_on=[*_KNOWN, "last"], how="semi")
    asked = calls.select("shard", *_KNOWN, "last", "made_by").unique()
    owners = owners.with_columns(is_class=pl.lit(value=True))
    return asked.join(makers, on=[*_KNOWN, "made_by"], how="left").join(
        owners, on=[*_KNOWN, "last"], how="left"
    )


def _modules(store: Store, calls: pl.DataFrame) -> pl.DataFrame:
    """Return where in the repo every module is that a test file names and that is there."""
    at = ("shard", "repo", "path")
    both = [calls.select(*at, "module"), calls.select(*at, module="inner").drop_nulls()]
    asked = pl.concat(both).filter(pl.col("module") != "").unique(maintain_order=True)
    repos = asked["repo"].unique().to_list()
    files = read_all(store, "files", SOURCE_FILE, ["repo", "path"]).filter(
        pl.col("repo").is_in(repos)
    )
    modules = {str(repo): Modules(found["path"]) for (repo,), found in files.group_by("repo")}
    # Only a relative module hangs on who names it.
    is_relative = pl.col("module").str.starts_with(".")
    asked = asked.with_columns(importer=pl.when(is_relative).then("path").otherwise(pl.lit("")))
    named = asked.select("repo", "importer", "module").unique()
    targets = [modules[repo].resolve(path, module) for repo, path, module in named.iter_rows()]
    named = named.with_columns(target=pl.Series(targets, dtype=pl.String)).drop_nulls("target")
    found = asked.join(named, on=["repo", "importer", "module"])
    return found.select("shard", "path", "module", "target")


def _meanings(fixtures: pl.DataFrame, types: pl.DataFrame, modules: pl.DataFrame) -> pl.DataFrame:
    parts = [
        ("fixture", fixtures, "unit_id", "fixture", "returns"),
        ("maker", types.drop_nulls("gives"), "family", "made_by", "gives"),
        (
            "class",
            types.drop_nulls("is_class").unique(["shard", "family", "last"]),
            "family",
            "last",
            "last",
        ),
        ("module", modules, "path", "module", "target"),
    ]
    rows = [
        found.select("shard", of=pl.lit(of), within=within, name=name, meaning=meaning)
        for of, found, within, name, meaning in parts
    ]
    return pl.concat(rows).sort(["shard", *(field.name for field in MEANING)])


def _candidates(calls: pl.DataFrame, functions: pl.DataFrame) -> pl.DataFrame:
    """Return the functions that calls of a shard may mean: all that scoring could leave.

    Those of a class that is named; those of a module that is named; and where few have the name,
    any, but no method for a bare call that names no module.
    """
    functions = functions.with_row_index("order")
    needs_target = pl.col("is_bare") & pl.col("family").is_in(IMPORTS_ALL)
    calls = calls.with_columns(  # the class that is given; else the one named, or the one before it
        before=pl.when(pl.col("gives").is_null()).then(last_but_one(pl.col("type"))),
        last=pl.coalesce("gives", "last"),
    ).filter(~needs_target | pl.col("target").is_not_null())
    may_be_method = ~pl.col("is_bare") | pl.col("target").is_not_null()
    few = functions.filter(~pl.col("is_common"))
    free = few.filter((pl.col("owner") == "") | (pl.col("kind") != "method"))
    common = functions.filter("is_common")
    lookups = [
        (calls.filter(may_be_method), few, None, None),
        (calls.filter(~may_be_method), free, None, None),
        (calls, functions, "last", "owner"),
        (calls, common, "before", "owner"),
        (calls, common, "target", "place"),
    ]
    found = [_looked_up(*lookup) for lookup in lookups]
    chosen = pl.concat(found).unique().sort("shard", "order")
    columns = functions.select(_CANDIDATE)[chosen["order"]]
    return columns.with_columns(chosen["shard"])


def _looked_up(
    calls: pl.DataFrame, functions: pl.DataFrame, named: str | None, of: str | None
) -> pl.DataFrame:
    """Return ``shard`` and ``order`` of functions that calls name, and whose ``of`` they name."""
    by = [*_KEY, of] if of else _KEY
    asked = calls.select("shard", *_KEY, *([pl.col(named).alias(of)] if named and of else []))
    if of:
        asked = asked.filter(pl.col(of).is_not_null() & (pl.col(of) != ""))
    return asked.unique().join(functions.select(*by, "order"), on=by).select("shard", "order")
