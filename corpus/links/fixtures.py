"""The fixtures that tests ask for by the names of their parameters, and what those make."""

from __future__ import annotations

import polars as pl

from corpus.links.frames import last

_ASKED = ["repo", "path", "fixture"]


def fixtures_asked(units: pl.DataFrame) -> pl.DataFrame:
    """Return the fixtures that units name as parameters.

    A fixture is of the unit's file, or of a conftest above; the nearest counts. ``units`` has the
    columns ``unit_id``, ``repo``, ``path``, ``kind``, ``name``, ``fixtures`` and ``returns``.
    Returns ``unit_id``, ``fixture`` (its name), ``fixture_id`` and ``returns`` (what makes its
    value, or empty), one row for each that is asked for and found.
    """
    asked = units.select("unit_id", "repo", "path", fixture="fixtures")
    asked = asked.explode("fixture").drop_nulls("fixture").unique(maintain_order=True)
    given = units.filter(pl.col("kind") == "fixture").select(
        "repo", "returns", fixture_id="unit_id", fixture_path="path", fixture=last(pl.col("name"))
    )
    # By file, not by unit: there are fewer, and what a name stands for is the same in all of one.
    files = asked.select(_ASKED).unique().join(given, on=["repo", "fixture"])
    folder = pl.col("fixture_path").str.strip_suffix("conftest.py")
    is_above = pl.col("fixture_path").str.ends_with("conftest.py")
    is_above = is_above & pl.col("path").str.starts_with(folder)
    files = files.filter((pl.col("path") == pl.col("fixture_path")) | is_above)
    nearest = pl.col("fixture_path").str.len_chars()
    files = files.filter(nearest == nearest.max().over(_ASKED)).sort("fixture_id")
    files = files.unique(_ASKED, keep="first", maintain_order=True)
    return asked.join(files, on=_ASKED, maintain_order="left").select(
        "unit_id", "fixture", "fixture_id", "returns"
    )


def fixture_types(units: pl.DataFrame) -> pl.DataFrame:
    """Return of ``fixtures_asked`` those whose code says what they make."""
    asked = fixtures_asked(units).filter(pl.col("returns") != "")
    return asked.select("unit_id", "fixture", "returns")
