"""What is set in a process that builds: what it need not import, and memory that it gives back."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Sequence

_M_MMAP_THRESHOLD = -3  # malloc.h of glibc
_LARGE = 1 << 20  # bytes


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


def give_back_freed() -> None:
    """Have every large array go back to the system when it is freed.

    Left to itself, glibc learns from arrays that come and go to keep the next ones, and what was
    needed once stays. Other C libraries are left as they are.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE)


def trim_heap() -> None:
    """Give back what lies free between small pieces that are still held, where this is glibc."""
    malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if malloc_trim is not None:
        malloc_trim(0)
