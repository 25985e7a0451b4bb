"""How often a link with some evidence is right, as coverage has it: see ``docs/tests.md``."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl


def confidence(flag: Callable[[str], pl.Expr]) -> pl.Expr:
    """Return the confidence of a link from its evidence."""
    return (
        pl.when(flag("imported") | flag("typed") | flag("placed"))
        .then(pl.when(flag("alone")).then(0.98).otherwise(0.9))
        .when(flag("alone"))
        .then(0.95)
        .otherwise(0.85)
    )
