"""From repositories to datasets that tune a code model. The public API, and nothing else.

>>> from corpus import build, load_pipeline
>>> pipeline = load_pipeline(None, flags={"repos": [{"where": "."}]})
>>> summary = build(pipeline, Path("corpus-out"))
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from corpus.config import Pipeline
    from corpus.errors import TunesmithError
    from corpus.pipeline_file import load_pipeline
    from corpus.report.summary import Summary
    from corpus.run.build import build

__all__ = ["Pipeline", "Summary", "TunesmithError", "build", "load_pipeline"]

# The system's allocator gives back what is freed; Arrow's own keeps much of it, for a use that is
# never as large again. Arrow asks once, when it is imported.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")

_HOMES = {
    "Pipeline": "corpus.config",
    "Summary": "corpus.report.summary",
    "TunesmithError": "corpus.errors",
    "build": "corpus.run.build",
    "load_pipeline": "corpus.pipeline_file",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: `tunesmith --help` needs none of it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
