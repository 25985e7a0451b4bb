"""One table of all functions without their code: what steps over the whole corpus begin with.

A store has hundreds of shards, and to open one costs more than to read what such a step wants of
it: so it is done once for all of them.
"""

from __future__ import annotations

import polars as pl
import pyarrow as pa

from corpus.schemas import SPLITS, record, required
from corpus.store import Store

LISTED = ("functions", "function_verdicts")
"""The tables that places are listed from."""

_NAMED = ["function_id", "repo", "path", "language", "kind", "name", "qualified_name",
          "start_line", "end_line", "is_test", "calls"]  # fmt: skip
PLACE = record(
    "place",
    2,
    [
        required("function_id"),
        required("repo"),
        required("path"),
        required("language"),
        required("kind"),
        required("name"),
        required("qualified_name"),
        required("start_line", pa.int32()),
        required("end_line", pa.int32()),
        required("is_test", pa.bool_()),
        required("calls", pa.list_(pa.string())),
        required("is_documented", pa.bool_()),
        required("is_redacted", pa.bool_()),
        required("kept", pa.bool_()),
        required("split", pa.int8()),
        required("shard", pa.int32()),
        required("row", pa.int32()),
    ],
)
"""A function (``schemas.FUNCTION``) with dedup's verdict: whether it is kept, and its split.

``split`` is an index in ``schemas.SPLITS``; ``row`` is its number in ``shard`` of ``functions``.
"""


def list_places(store: Store) -> None:
    """Write the table ``places``, one shard, in the order of ``functions``."""
    verdicts = store.columns("function_verdicts", ["kept", "split"])
    split = verdicts["split"].replace_strict(SPLITS, range(len(SPLITS)), return_dtype=pl.Int8)
    functions = store.numbered("functions", _without_code)
    is_redacted = pl.col("redactions").list.len() > 0
    places = functions.with_columns(is_redacted=is_redacted, kept=verdicts["kept"], split=split)
    store.write("places", 0, places.select(PLACE.names).to_arrow().cast(PLACE))


def _without_code(functions: pa.Table) -> pa.Table:
    plain = functions.select([*_NAMED, "redactions"])
    return plain.append_column("is_documented", functions["doc"].is_valid())
