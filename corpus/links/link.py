"""Links tests to the functions that they test, for the whole corpus at once.

A call of a test is held against every function of its name. What the call is made on, what its file
imports, and how many functions are left say how sure a link is; see ``docs/tests.md``.
"""

from __future__ import annotations

import polars as pl

from corpus.links.confidence import confidence
from corpus.links.frames import Frames, plain, read_frames
from corpus.links.records import LINK
from corpus.links.view import MENTIONED, READ
from corpus.store import Store

# Names that more functions have are looked up by class or module alone.
_MANY = 30
_CALL = ["unit_id", "call"]
_OWN = ["self", "this", "cls", "Self", "super"]
# Where nothing can be called by its bare name that was not imported or defined in the file.
_IMPORTS_ALL = ["python", "ecmascript"]


def link_corpus(store: Store) -> None:
    """Write the table ``links``, best first for each test, tests in the order of their files."""
    frames = read_frames(store)
    found = _narrowed(_scored(_held_against(frames)))
    links = _ranked(frames, found)
    store.write("links", 0, links.select(LINK.names).to_arrow().cast(LINK))


def _held_against(frames: Frames) -> pl.DataFrame:
    """Return calls with the functions of their name: by class, by module, by name where few."""
    calls, functions = frames.calls, frames.functions.drop("language")
    known = ["repo", "family"]
    count = functions.group_by([*known, "key"]).len()
    few = functions.join(count.filter(pl.col("len") <= _MANY), on=[*known, "key"], how="semi")
    parts = [calls.join(few, left_on=[*known, "name"], right_on=[*known, "key"])]
    many = functions.join(few, on=[*known, "key"], how="anti")
    for left, right in (("type_last", "owner"), ("type_first", "owner"), ("target", "place")):
        parts.append(
            calls.filter(pl.col(left).is_not_null() & (pl.col(left) != "")).join(
                many,
                left_on=[*known, "name", left],
                right_on=[*known, "key", right],
                how="inner",
                coalesce=False,
            ).select(parts[0].columns)
        )  # fmt: skip
    return pl.concat(parts).unique(["unit_id", "call", "function_id"], maintain_order=True)


def _scored(pairs: pl.DataFrame) -> pl.DataFrame:
    """Add what speaks for each function as the one that is called, and drop what can't be it."""
    bare = pl.col("on") == ""
    target, place, owner = pl.col("target"), pl.col("place"), pl.col("owner")
    within = (place == target) | place.str.starts_with(
        pl.when(target == "").then(pl.lit("")).otherwise(pl.format("{}/", target))
    )
    typed = (owner != "") & ((owner == pl.col("type_last")) | (owner == pl.col("type_first")))
    within = within.fill_null(value=False)
    # Called on the module itself, not on a variable that holds something of it.
    by_module = ~pl.col("made") & (pl.col("on") == pl.col("type"))
    pairs = pairs.with_columns(
        imported=within & (bare | typed | by_module),
        sourced=within & ~(bare | typed | by_module),
        # A constructor is called by its class, which needs no import in some languages.
        typed=pl.when(bare)
        .then((pl.col("kind") == "constructor") & ~pl.col("family").is_in(_IMPORTS_ALL))
        .otherwise(typed),
        placed=pl.when(bare)
        .then(~pl.col("family").is_in(_IMPORTS_ALL) & (pl.col("home") == pl.col("test_home")))
        .otherwise(
            ~pl.col("made")
            & ((pl.col("type_last") == pl.col("stem")) | (pl.col("type_last") == pl.col("folder")))
        ),
        near=pl.any_horizontal(
            pl.col("about") == plain(pl.col(name)) for name in ("stem", "owner")
        ),
    )
    named = pl.col("imported") | pl.col("typed") | pl.col("placed")
    is_method, is_function = pl.col("kind") == "method", pl.col("kind") == "function"
    needs_import = pl.col("family").is_in(_IMPORTS_ALL)
    outside = (pl.col("module") != "") & target.is_null()
    foreign = ~bare & pl.col("type_last").str.contains("^[A-Z]") & ~pl.col("own_type")
    read, handed_on = pl.col("arguments") == READ, pl.col("arguments") == MENTIONED
    return pairs.filter(
        (read == pl.col("is_property"))
        & ~(handed_on & ~pl.col("imported"))
        & ~outside
        & ~(bare & is_method & ~pl.col("imported"))
        & ~(bare & needs_import & ~pl.col("imported"))
        & ~(~bare & is_function & ~named)
        & ~(foreign & ~named)
        # A class of this repo that has the method itself, and it is another one.
        & ~(pl.col("own_type") & ~pl.col("typed") & pl.col("typed").any().over(_CALL))
    ).with_columns(
        score=(pl.col("imported") | pl.col("sourced")) * 2 + pl.col("typed") * 3 + pl.col("placed")
    )


def _narrowed(pairs: pl.DataFrame) -> pl.DataFrame:
    """Keep the calls that one function is left for."""
    pairs = pairs.filter(pl.col("score") == pl.col("score").max().over(_CALL))
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


def _ranked(frames: Frames, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return one link per test and function, ranked, with evidence and confidence."""
    flags = [
        "imported",
        "sourced",
        "typed",
        "placed",
        "alone",
        "near",
        "named",
        "called",
        "read",
        "direct",
    ]
    pairs = pairs.with_columns(
        alone=pl.col("choices") == 1,
        direct=pl.lit(value=True),
        called=pl.col("arguments") > READ,
        read=pl.col("arguments") == READ,
    )
    uses = frames.uses
    tests = frames.units.filter(pl.col("kind") == "test")
    own = pairs.join(tests.select("unit_id"), on="unit_id", how="semi")
    used = pairs.with_columns(direct=pl.lit(value=False)).join(
        uses.select(pl.col("uses").alias("unit_id"), pl.col("unit_id").alias("test_id")),
        on="unit_id",
    )
    columns = ["test_id", "function_id", *(flag for flag in flags if flag != "named")]
    both = pl.concat(
        [own.with_columns(test_id="unit_id").select(columns), used.select(columns)]
    ).join(tests.select(pl.col("unit_id").alias("test_id"), "words"), on="test_id")
    both = both.join(
        frames.functions.unique("function_id", maintain_order=True).select(
            "function_id", "word", "path", "qualified_name", "start_line", "end_line"
        ),
        on="function_id",
    ).with_columns(
        named=(pl.col("word").str.len_chars() > 2)
        & pl.col("words").str.contains(pl.col("word"), literal=True)
    )
    strength = confidence(pl.col)
    both = both.with_columns(confidence=strength)
    both = both.sort("confidence", descending=True, maintain_order=True)
    both = both.unique(["test_id", "function_id"], keep="first", maintain_order=True)
    both = both.with_columns(tests=pl.len().over("function_id"))
    place = tests.select(
        pl.col("unit_id").alias("test_id"), "repo", "language", "order",
        pl.col("path").alias("test_path"), pl.col("name").alias("test_name"),
        pl.col("start_line").alias("test_line"),
    )  # fmt: skip
    both = both.join(place, on="test_id").sort(
        ["order", "direct", "named", "near", "tests", "path", "start_line"],
        descending=[False, True, True, True, False, False, False],
    )
    evidence = pl.concat_list(
        pl.when(pl.col(flag)).then(pl.lit(flag)) for flag in flags
    ).list.drop_nulls()
    return both.with_columns(evidence=evidence, rank=pl.int_range(1, pl.len() + 1).over("test_id"))
