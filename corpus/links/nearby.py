"""Looks up which helpers of test code some tests may use: by their places, and by their names."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from corpus.links.frames import frame, nested, read_all
from corpus.links.modules import without_extension
from corpus.links.records import NEEDED
from corpus.links.support import HELPER, MODULE, PACKAGES, REACH
from corpus.store import Store

_UNIT = ["repo", "path", "language", "code", "imports"]


class Nearby:
    """The helpers of all test code, and where the imports of tests lead."""

    def __init__(self, store: Store) -> None:
        """Read them from a store that has been indexed."""
        helpers = read_all(store, "helpers", HELPER, HELPER.names).drop("shard", "row")
        paths = helpers["path"].unique()
        places = [without_extension(path) for path in paths]
        place = pl.DataFrame({"path": paths, "place": pl.Series(places, dtype=pl.String)})
        helpers = helpers.join(place, on="path", how="left", maintain_order="left")
        self._helpers = helpers.with_columns(folder=_folder()).with_row_index("order")
        meanings = read_all(store, "needed", NEEDED, ["meanings"]).select("shard", "meanings")
        modules = meanings.explode("meanings").unnest("meanings").filter(pl.col("of") == "module")
        self._modules = modules.select("shard", path="within", module="name", place="meaning")

    def of(self, units: pa.Table, shards: pl.Series, sizes: npt.NDArray[np.integer]) -> pa.Table:
        """Return what of it the tests of each row may use (``REACH``).

        ``units`` (``records.TEST_UNIT``) are the tests, ``shards`` where they lie, and ``sizes``
        says how many each row has, in their order.
        """
        each = range(len(sizes))
        rows = pl.Series("row", np.repeat(each, sizes), pl.Int64)
        tests = frame(units.select(_UNIT)).with_columns(shards, rows)
        words = pl.concat_str("code", pl.col("imports").list.join("\n"), separator="\n")
        words = words.str.extract_all(r"\w+").list.unique()
        asked = tests.select("row", "shard", "repo", "path", "language", name=words).explode("name")
        asked = asked.join(self._helpers, on=["repo", "name"], how="semi").unique()
        asked = asked.with_columns(folder=_folder())
        imported = asked.join(self._modules, on=["shard", "path"])
        in_package = asked.filter(pl.col("language").is_in(PACKAGES))
        lookups = [(asked, "path"), (in_package, "folder"), (imported, "place")]
        found = [self._looked_up(names, where) for names, where in lookups]
        helpers = pl.concat(found).unique().sort("row", "order")
        columns = self._helpers.select(HELPER.names)[helpers["order"]]
        led = imported.join(self._helpers, on=["repo", "name", "place"], how="semi")
        modules = led.select("row", "module", "place").unique().sort("row", "module")
        lists = [
            nested(columns, helpers["row"], each, pa.struct(list(HELPER))),
            nested(modules, modules["row"], each, MODULE),
        ]
        return pa.table(lists, schema=REACH)

    def _looked_up(self, asked: pl.DataFrame, where: str) -> pl.DataFrame:
        """Return ``row`` and ``order`` of the helpers of a name that are where it is asked for."""
        by = ["repo", "name", where]
        return asked.join(self._helpers.select(*by, "order"), on=by).select("row", "order")


def _folder() -> pl.Expr:
    return pl.col("path").str.extract(r"^(.*)/").fill_null("")
