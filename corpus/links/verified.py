"""Reads what ``tunesmith verify`` proved of an earlier dataset of the same repos."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from corpus.config import Tests
from corpus.errors import UsageError
from corpus.links.frames import counts
from corpus.links.read import in_batches, read_units, read_verdicts, structs, units_at
from corpus.links.records import MUTATED, TIERS
from corpus.store import Store, cut

MUTATED_OF = ("test_units", "function_verdicts")
"""The tables that mutants are chosen by."""


def read_tiers(settings: Tests) -> pl.DataFrame:
    """Return ``test_id``, ``function_id`` and ``tier`` as a number. Raises UsageError."""
    tiers = pl.Series(TIERS)
    if settings.verified is None:
        if settings.tier != "static":
            raise UsageError(f"tests.tier {settings.tier} needs tests.verified, a verified dataset")
        schema = {"test_id": pl.String, "function_id": pl.String, "proof": pl.UInt32}
        return pl.DataFrame(schema=schema)
    rows = _read(settings.verified, "verified.parquet")
    places = {tier: place for place, tier in enumerate(tiers)}
    proof = pl.col("tier").replace_strict(places, return_dtype=pl.UInt32)
    return rows.select("test_id", "function_id", proof.alias("proof"))


def choose_mutants(store: Store, settings: Tests) -> None:
    """Write the table ``mutated``, in the shards of the functions, of what was proved.

    Mutants are taken whose function and test dedup kept; the test stands in the function's split,
    or in training.
    """
    assert settings.verified is not None
    killed = _read(settings.verified, "killed.parquet")
    killed = killed.unique("mutant_id", keep="first", maintain_order=True)
    units = read_units(store).filter(pl.col("reason").is_null())
    killed = killed.join(
        units.select("shard", "row", test_id="unit_id", test_split="split"),
        on="test_id",
        maintain_order="left",
    )
    killed = killed.with_columns(number=pl.int_range(pl.len()).over("function_id"))
    killed = killed.filter(pl.col("number") < settings.mutants_per_function)
    functions = read_verdicts(store).filter("kept").rename({"function_split": "split"})
    mutated = killed.join(functions, on="function_id", maintain_order="left")
    in_training = pl.col("test_split") == "train"
    mutated = mutated.filter(in_training | (pl.col("test_split") == pl.col("split")))
    mutated = mutated.sort("function_shard", "function_row", maintain_order=True)
    for shards, rows in in_batches(mutated, store.count("function_verdicts")):
        plain = rows.select(MUTATED.names[:-1]).to_arrow()
        made = plain.append_column("unit", structs(units_at(store, rows))).cast(MUTATED)
        place = 0
        for shard, count in zip(shards, counts(rows["function_shard"], shards), strict=True):
            store.write("mutated", shard, cut(made, place, count))
            place += count


def read_fixes(settings: Tests) -> frozenset[str] | None:
    """Return the ids of the changes that are proved to be fixes; None where none need be."""
    if settings.fix_tier == "static":
        return None
    if settings.verified is None:
        raise UsageError(f"tests.fix_tier {settings.fix_tier} needs tests.verified")
    rows = _read(settings.verified, "verified_fixes.parquet")
    return frozenset(rows.filter(pl.col("tier") == settings.fix_tier)["change_id"])


def verified_files(settings: Tests) -> Path | None:
    """Return the folder that holds what was proved, if there is one."""
    return Path(settings.verified, ".tunesmith") if settings.verified else None


def _read(folder: str, name: str) -> pl.DataFrame:
    path = Path(folder) / ".tunesmith" / name
    if not path.exists():
        raise UsageError(f"{folder} is not verified: run `tunesmith verify {folder}` first")
    return pl.read_parquet(path)
