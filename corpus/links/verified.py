"""Reads what ``tunesmith verify`` proved of an earlier dataset of the same repos."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from corpus.config import Tests
from corpus.errors import UsageError
from corpus.links.frames import frame
from corpus.links.records import KILLED, MUTATED, TIERS
from corpus.schemas import FUNCTION
from corpus.store import Store


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


def mutate_corpus(store: Store, units: pl.DataFrame, settings: Tests) -> None:
    """Write the table ``mutated``, in the shards of the functions.

    Mutants are taken whose function and test dedup kept; the test stands in the function's split,
    or in training.
    """
    if settings.verified is None:
        killed = pl.DataFrame(schema=dict.fromkeys(KILLED.names, pl.String))
    else:
        killed = _read(settings.verified, "killed.parquet").unique("mutant_id", keep="first",
                                                                  maintain_order=True)  # fmt: skip
    unit = pl.struct(units.columns).alias("unit")
    killed = killed.join(
        units.filter(pl.col("reason").is_null()).select(pl.col("unit_id").alias("test_id"), unit),
        on="test_id",
        maintain_order="left",
    )
    killed = killed.with_columns(number=pl.int_range(pl.len()).over("function_id"))
    killed = killed.filter(pl.col("number") < settings.mutants_per_function)
    for shard, (rows, verdicts) in enumerate(
        zip(store.shards("functions"), store.shards("function_verdicts"), strict=True)
    ):
        functions = frame(rows).hstack(frame(verdicts).select("kept", "split")).filter("kept")
        mutated = functions.select(*FUNCTION.names, "split").join(
            killed, on="function_id", maintain_order="left_right"
        )
        test_split = pl.col("unit").struct.field("split")
        mutated = mutated.filter(test_split.is_in(["train"]) | (test_split == pl.col("split")))
        store.write("mutated", shard, mutated.select(MUTATED.names).to_arrow().cast(MUTATED))


def verified_files(settings: Tests) -> Path | None:
    """Return the folder that holds what was proved, if there is one."""
    return Path(settings.verified, ".tunesmith") if settings.verified else None


def _read(folder: str, name: str) -> pl.DataFrame:
    path = Path(folder) / ".tunesmith" / name
    if not path.exists():
        raise UsageError(f"{folder} is not verified: run `tunesmith verify {folder}` first")
    return pl.read_parquet(path)
