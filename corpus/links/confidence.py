"""How often a link with some evidence is right, as coverage has it: see ``docs/tests.md``."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl


def confidence(flag: Callable[[str], pl.Expr]) -> pl.Expr:
    """Return the confidence of a link from its evidence."""
    named = flag("imported") | flag("typed") | flag("placed")
    return (
        pl.when(~flag("direct"))
        .then(0.8)
        .when(~flag("called"))
        .then(0.9)
        .when(named & flag("alone"))
        .then(0.98)
        .otherwise(0.9)
    )
