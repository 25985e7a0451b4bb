"""The stage from the calls of tests to the functions that they mean.

A call of a test is held against every function of its name. What the call is made on, what its file
imports, and how many functions are left say how sure a link is; see ``docs/tests.md``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from corpus.fingerprint import fingerprint
from corpus.guard import Guard
from corpus.links.calls import MENTIONED, READ
from corpus.links.frames import (
    IMPORTS_ALL,
    asked_first,
    family,
    frame,
    last,
    last_but_one,
    maker,
    of_fixture,
    plain,
    submodule,
    unnested,
)
from corpus.links.records import MEANT

_CALL = ["unit_id", "call"]
_DEFINITION = ["path", "qualified_name", "number"]
_TEST_AFFIX = re.compile(
    r"^(test[s_-]*|it_)|([._-]?(unit|integration)?[._-]?(tests?|spec|it|suite|case))+$"
)


@dataclass(frozen=True)
class LinkStage:
    """Finds what is called, as far as names, calls and imports say."""

    name: str = "link"
    inputs: tuple[str, ...] = ("test_units", "test_calls", "needed")

    @property
    def fingerprint(self) -> str:
        """A hash of nothing: there is no setting."""
        return fingerprint()

    def __call__(self, tables: Mapping[str, pa.Table], guard: Guard) -> Mapping[str, pa.Table]:
        """Return the table ``meant``."""
        # Shards that are linked together need much the same.
        candidates, meanings = (
            unnested(rows).unique(maintain_order=True) for rows in tables["needed"].columns
        )
        units = frame(tables["test_units"].select(["unit_id", "path", "language"]))
        calls = _calls(frame(tables["test_calls"]), units, meanings)
        pairs = _held_against(calls, _placed(candidates))
        meant = _narrowed(_scored(pairs)).with_columns(
            alone=pl.col("choices") == 1,
            called=pl.col("arguments") > READ,
            read=pl.col("arguments") == READ,
        )
        rows = meant.select(MEANT.names).unique(maintain_order=True)
        return {"meant": rows.to_arrow().cast(MEANT)}


def _calls(calls: pl.DataFrame, units: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """Return the calls of all units, with what their types and imports stand for."""
    of_unit = units.select(
        "unit_id",
        pl.col("path").alias("test_path"),
        family(pl.col("language")).alias("family"),
        pl.col("path").map_elements(_about, return_dtype=pl.String).alias("about"),
    )
    calls = calls.join(of_unit, on="unit_id", maintain_order="left")
    calls = calls.with_columns(asked=asked_first(pl.col("type")))
    calls = _joined(calls, named, "fixture", ["unit_id", "asked"])
    calls = calls.with_columns(type=of_fixture("fixture"))
    calls = _joined(calls.with_columns(made_by=maker(pl.col("type"))), named, "maker",
                    ["family", "made_by"])  # fmt: skip
    calls = calls.with_columns(type=pl.coalesce("maker", "type")).with_columns(
        call=pl.int_range(pl.len()),
        test_home=_home(pl.col("test_path")),
        type_last=last(pl.col("type")),
        type_first=last_but_one(pl.col("type")),
    )
    calls = _joined(calls, named, "class", ["family", "type_last"])
    calls = calls.with_columns(
        own_type=pl.col("maker").is_not_null() | pl.col("class").is_not_null()
    )
    calls = _joined(calls, named, "module", ["test_path", "module"], "target")
    # What is called on a name that a package gives may be called on a module of the package.
    calls = calls.with_columns(inner=pl.when(pl.col("on") != "").then(submodule()))
    calls = _joined(calls, named, "module", ["test_path", "inner"], "submodule")
    return calls.with_columns(
        target=pl.coalesce("submodule", "target"),
        original=pl.when(pl.col("submodule").is_null()).then("original").otherwise(pl.lit("")),
    )


def _joined(
    calls: pl.DataFrame, meanings: pl.DataFrame, of: str, by: list[str], name: str | None = None
) -> pl.DataFrame:
    """Add what ``meanings`` of a kind say, as a column of its name or another."""
    known = meanings.filter(pl.col("of") == of)
    within, named = by
    known = known.select(
        pl.col("within").alias(within), pl.col("name").alias(named),
        pl.col("meaning").alias(name or of),
    )  # fmt: skip
    return calls.join(known, on=by, how="left", maintain_order="left")


def _placed(candidates: pl.DataFrame) -> pl.DataFrame:
    """Add what the paths of functions say."""
    return candidates.with_columns(
        stem=pl.col("place").str.split("/").list.last(),
        folder=pl.col("path").str.split("/").list.get(-2, null_on_oob=True),
        home=_home(pl.col("path")),
    )


def _held_against(calls: pl.DataFrame, functions: pl.DataFrame) -> pl.DataFrame:
    """Return calls with the functions of their name: by class, by module, by name where few."""
    few = functions.filter(~pl.col("is_common"))
    common = functions.filter("is_common")
    parts = [
        calls.join(few, left_on=["family", "name"], right_on=["family", "key"],
                   maintain_order="left_right")
    ]  # fmt: skip
    for left, right in (("type_last", "owner"), ("type_first", "owner"), ("target", "place")):
        parts.append(
            calls.filter(pl.col(left).is_not_null() & (pl.col(left) != "")).join(
                common,
                left_on=["family", "name", left],
                right_on=["family", "key", right],
                coalesce=False,
                maintain_order="left_right",
            ).select(parts[0].columns)
        )  # fmt: skip
    # A function stands there once more for each class that inherits it.
    definition = [*_DEFINITION, "owner"]
    return pl.concat(parts).unique([*_CALL, *definition], maintain_order=True)


def _scored(pairs: pl.DataFrame) -> pl.DataFrame:
    """Add what speaks for each function as the one that is called, and drop what can't be it."""
    bare = pl.col("on") == ""
    target, place, owner = pl.col("target"), pl.col("place"), pl.col("owner")
    within = (place == target) | place.str.starts_with(
        pl.when(target == "").then(pl.lit("")).otherwise(pl.format("{}/", target))
    )
    typed = (owner != "") & ((owner == pl.col("type_last")) | (owner == pl.col("type_first")))
    within, typed = within.fill_null(value=False), typed.fill_null(value=False)
    needs_import = pl.col("family").is_in(IMPORTS_ALL)
    outside = (pl.col("module") != "") & target.is_null()
    is_method, is_function = pl.col("kind") == "method", pl.col("kind") == "function"
    # Called on what is imported itself, not on a variable that holds something of it.
    on_import = ~pl.col("made") & (pl.col("on") == pl.col("type"))
    is_module = on_import & (pl.col("module") != "") & (pl.col("original") == "")
    by_module = on_import & ~is_method
    # Imported from where no class of this name has the function: it is another class.
    typed = typed & (within | target.is_null() | (pl.col("original") == ""))
    # An object of JavaScript's counts as a class; one inside a function is no test's variable.
    inner = pl.col("qualified_name").str.count_matches(".", literal=True) > 1
    unsaid = (pl.col("on") == pl.col("type")) & ~pl.col("on").str.contains(r"[A-Z.?]")
    typed = typed & ~(inner & unsaid & (pl.col("family") == "ecmascript"))
    pairs = pairs.with_columns(
        imported=within & (bare | typed | by_module),
        sourced=within & ~(bare | typed | by_module),
        # A constructor is called by its class, which needs no import in some languages.
        typed=pl.when(bare)
        .then((pl.col("kind") == "constructor") & ~pl.col("family").is_in(IMPORTS_ALL))
        .otherwise(typed),
        placed=pl.when(bare)
        .then(~pl.col("family").is_in(IMPORTS_ALL) & (pl.col("home") == pl.col("test_home")))
        .otherwise(
            ~pl.col("made")
            & ((pl.col("type_last") == pl.col("stem")) | (pl.col("type_last") == pl.col("folder")))
            & (~needs_import | (pl.col("module") != ""))
        ),
        near=pl.any_horizontal(
            pl.col("about") == plain(pl.col(name)) for name in ("stem", "owner")
        ),
    )
    named = pl.col("imported") | pl.col("typed") | pl.col("placed")
    foreign = ~bare & pl.col("type_last").str.contains("^[A-Z]") & ~pl.col("own_type")
    read, handed_on = pl.col("arguments") == READ, pl.col("arguments") == MENTIONED
    return pairs.filter(
        (read == pl.col("is_property"))
        & ~(handed_on & ~pl.col("imported"))
        & ~outside
        & ~(bare & is_method & ~pl.col("imported"))
        & ~(is_module & is_method & ~pl.col("typed"))
        & ~(bare & needs_import & ~pl.col("imported"))
        & ~(~bare & is_function & ~named)
        & ~(foreign & ~named)
        # A class of this repo that has the method itself, and it is another one.
        & ~(pl.col("own_type") & ~pl.col("typed") & pl.col("typed").any().over(_CALL))
        # What is read there is no property, else it would be of that class or one that it extends.
        & ~(pl.col("own_type") & ~pl.col("typed") & read)
    ).with_columns(
        score=pl.col("imported") * 2 + pl.col("sourced") + pl.col("typed") * 3 + pl.col("placed")
    )


def _narrowed(pairs: pl.DataFrame) -> pl.DataFrame:
    """Keep the calls that one function is left for."""
    pairs = pairs.filter(pl.col("score") == pl.col("score").max().over(_CALL))
    pairs = pairs.unique([*_CALL, *_DEFINITION], keep="first", maintain_order=True)
    definition = pl.struct("path", "qualified_name")
    pairs = pairs.with_columns(choices=definition.n_unique().over(_CALL))
    near = pl.col("near") & (pl.col("choices") > 1)
    pairs = pairs.filter((pl.col("choices") == 1) | near)
    pairs = pairs.with_columns(left=definition.n_unique().over(_CALL)).filter(pl.col("left") == 1)
    # Overloads: the one that takes as many arguments, if there is one alone.
    several = pl.len().over(_CALL) > 1
    fits = pl.col("arity") == pl.col("arguments")
    pairs = pairs.filter(~several | fits)
    return pairs.filter(pl.len().over(_CALL) == 1)


def _home(path: pl.Expr) -> pl.Expr:
    """Return a file's folder: where a package's names need no import."""
    return path.str.replace(r"[^/]*$", "")


def _about(path: str) -> str:
    """Return what a test file's name says that it tests: ``shop`` of ``tests/test_shop.py``.

    One that says no more than ``test.ts`` is about the folder that it lies in.
    """
    folder, _, name = path.rpartition("/")
    stem = name.partition(".")[0].lower()
    rest = name[len(stem) :]
    kept = stem if re.match(r"\.(test|spec)\.", rest) else _TEST_AFFIX.sub("", stem)
    return re.sub(r"[^a-z0-9]", "", kept or _TEST_AFFIX.sub("", folder.rpartition("/")[2].lower()))
