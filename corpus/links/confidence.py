"""How often a link with some evidence is right, as coverage has it: see ``docs/tests.md``."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl


def confidence(flag: Callable[[str], pl.Expr]) -> pl.Expr:
    """Return the confidence of a link from its evidence."""
    resolved = flag("imported") | flag("typed") | flag("placed")
    # The class of the value is not known, but the name is no common one.
    told = flag("compound") & (flag("near") | flag("named"))
    return (
        pl.when(~flag("alone"))
        .then(0.85)
        .when(flag("direct") & flag("called"))
        .then(pl.when(resolved).then(0.98).when(told).then(0.97).otherwise(0.8))
        .when(
            flag("direct")
            & flag("read")
            & (flag("typed") | (~flag("sourced") & (flag("compound") | flag("near"))))
        )
        .then(0.97)
        .when(flag("called") & flag("always") & resolved & (flag("near") | flag("named")))
        .then(0.96)
        .otherwise(0.85)
    )
