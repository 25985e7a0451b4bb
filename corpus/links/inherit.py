"""What classes inherit: a base's methods are its subclass's, where that has none itself.

Bases are read from the text of class headers, in Python and in languages that write ``extends``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import polars as pl
import pyarrow as pa

from corpus.links.callables import FAMILIES
from corpus.links.modules import without_extension
from corpus.schemas import record, required

CLASS = record(
    "class",
    1,
    [
        required("repo"),
        required("family"),
        required("place"),
        required("name"),
        required("base"),
        required("is_made_otherwise", pa.bool_()),
    ],
)
"""A class and one that it extends, both by their last names; ``place`` is where it stands.

``base`` is empty for what is no base, such as a metaclass.

``is_made_otherwise``: it is an enumeration or has a metaclass, so that what calls it may get an
object that there is already.
"""

# Plain text comes first in both, which is searched for much faster than a word's beginning. What
# may stand between is bounded, so that a file of beginnings alone takes no square of its length.
_PYTHON = re.compile(r"class (\w{1,200})(?:\[[^\]]{0,500}\])?\(([^()]{0,2000})\)\s{0,9}:")
_EXTENDS = re.compile(r"class (\w{1,200})(?:<[^{}\n]{0,500}>)? extends ([\w.]{1,500})")
_WITH_EXTENDS = frozenset({"java", "javascript", "typescript", "tsx", "php", "scala"})
_BASE = re.compile(r"\s*([\w.]+)\s*(=?)")
_OF = ["repo", "family"]
_DEEPEST = 5  # classes between a method and the one that it is called on
# What makes instances by other means than the constructor of their class.
_OTHER_MAKERS = re.compile(r"metaclass\s*=\s*(?!(?:abc\.)?ABCMeta\b)|\b(?:Int|Str)?(?:Enum|Flag)\b")


def class_rows(repo: str, path: str, language: str, text: str) -> Iterator[tuple[Any, ...]]:
    """Yield ``CLASS`` for the bases of the classes in a text."""
    place = without_extension(path)
    if language == "python":
        for name, bases in _PYTHON.findall(text) if "class " in text else ():
            is_made_otherwise = bool(_OTHER_MAKERS.search(bases))
            for base in filter(None, map(_BASE.match, bases.split(","))):
                last = "" if base[2] else base[1].rpartition(".")[2]
                yield repo, "python", place, name, last, is_made_otherwise
    elif language in _WITH_EXTENDS and "extends " in text:
        for name, base in _EXTENDS.findall(text):
            last = base.rpartition(".")[2]
            yield repo, FAMILIES.get(language, language), place, name, last, False


def inherited(functions: pl.DataFrame, classes: pl.DataFrame, asked: pl.Series) -> pl.DataFrame:
    """Return what classes have from their bases, as if it were their own.

    Of the ``classes`` only those count that are ``asked`` for by name; a class or base of a name
    that several have says nothing. The nearest base counts, as far as ``_DEEPEST`` above.
    """
    edges = _edges(functions, classes)
    ways = edges.filter(pl.col("name").is_in(asked.implode()))
    is_made = pl.col("kind") == "constructor"
    own = functions.with_columns(member=pl.when(is_made).then(pl.lit("")).otherwise("key"))
    has = own.select(*_OF, "member", name="owner").unique()
    parts = [functions.clear()]
    for _ in range(_DEEPEST):
        found = ways.join(own, left_on=[*_OF, "base"], right_on=[*_OF, "owner"],
                          maintain_order="left_right")  # fmt: skip
        found = found.join(has, on=[*_OF, "name", "member"], how="anti", maintain_order="left")
        has = pl.concat([has, found.select(has.columns).unique()])
        found = found.with_columns(
            owner="name",
            place="subclass_place",
            key=pl.when(is_made).then("name").otherwise("key"),
            is_common=~is_made,  # only looked up by its class
        )
        parts.append(found.select(functions.columns))
        ways = ways.join(edges.select(*_OF, base="name", above="base"), on=[*_OF, "base"],
                         maintain_order="left_right")  # fmt: skip
        ways = ways.with_columns(base="above").select(edges.columns)
    return pl.concat(parts)


def _edges(functions: pl.DataFrame, classes: pl.DataFrame) -> pl.DataFrame:
    """Return classes and what they extend, where one class alone has the name of either."""
    named = pl.concat([functions.select(*_OF, "place", name="owner"),
                       classes.select(*_OF, "place", "name")]).unique()  # fmt: skip
    alone = named.unique([*_OF, "name"], keep="none").select(*_OF, "name")
    edges = classes.join(alone, on=[*_OF, "name"], how="semi", maintain_order="left")
    edges = edges.join(alone, left_on=[*_OF, "base"], right_on=[*_OF, "name"], how="semi",
                       maintain_order="left")  # fmt: skip
    return edges.select(*_OF, "name", "base", subclass_place="place")


def without_made_otherwise(functions: pl.DataFrame, classes: pl.DataFrame) -> pl.DataFrame:
    """Leave out the constructors of classes whose call may run none of theirs."""
    odd = classes.filter("is_made_otherwise").select(*_OF, "name").unique()
    for _ in range(_DEEPEST):
        below = classes.join(odd, left_on=[*_OF, "base"], right_on=[*_OF, "name"], how="semi")
        odd = pl.concat([odd, below.select(*_OF, "name")]).unique()
    owned = functions.select(*_OF, name="owner").with_row_index()
    owned = owned.filter(functions["kind"] == "constructor")
    left_out = owned.join(odd, on=[*_OF, "name"], how="semi")["index"]
    return functions.with_row_index().filter(
        ~pl.col("index").is_in(left_out.implode())
    ).drop("index")  # fmt: skip
