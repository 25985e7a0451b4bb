"""The record of what is shown with a function."""

from __future__ import annotations

import pyarrow as pa

from corpus.schemas import record, required

SNIPPET = pa.struct(
    [
        pa.field("name", pa.string()),
        pa.field("path", pa.string()),
        pa.field("start_line", pa.int32()),
        pa.field("end_line", pa.int32()),
        pa.field("language", pa.string()),
        pa.field("code", pa.string()),
        pa.field("doc", pa.string()),
    ]
)
CONTEXT = record(
    "context",
    1,
    [
        required("function_id"),
        required("shown", pa.list_(SNIPPET)),
        required("asked", pa.list_(pa.string())),
        required("missing", pa.list_(pa.string())),
    ],
)
"""What is shown with a function: definitions from its repo, of what it calls and of near misses.

``asked`` are the names that the function calls and that are defined once in its repo; ``missing``
are those of them that are not ``shown``, as in code search that did not find them.
"""
