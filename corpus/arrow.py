"""What is set for Arrow in processes that are tunesmith's own."""

from __future__ import annotations

import sys
from collections.abc import Sequence


class _NoPandas:
    """A finder to which there is no pandas."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: object = None) -> None:
        """Raise ImportError for pandas; leave what else there is to other finders."""
        if name == "pandas":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def spare_pandas() -> None:
    """Keep Arrow from importing pandas at its first array.

    It does so to know the arrays of pandas, and that takes longer than all else that is imported.
    Tables here hold none. What turns a table into one of pandas still does: Arrow tries again.
    """
    if "pandas" in sys.modules:
        return
    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    try:
        import pyarrow as pa

        pa.array([])
    finally:
        sys.meta_path.remove(finder)
