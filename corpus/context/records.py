"""The records of what is shown with a function or a change."""

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
    2,
    [
        required("id"),
        required("shown", pa.list_(SNIPPET)),
        required("asked", pa.list_(pa.string())),
        required("missing", pa.list_(pa.string())),
    ],
)
"""What is shown with a function or a change: definitions from its repo, of what it calls and of
near misses.

``id`` is the function's or the change's; ``asked`` are the names that it calls and that are defined
once in its repo; ``missing`` are those of them that are not ``shown``, as in code search that did
not find them. With a fix, all is as it was before its commit; with a refactoring, it is one test
that calls the function, as it was after it.
"""

_PLACE = pa.struct(
    [
        pa.field("paths", pa.list_(pa.string())),
        pa.field("qualified_name", pa.string()),
        pa.field("name", pa.string()),
        pa.field("language", pa.string()),
        pa.field("calls", pa.string()),
    ]
)
CONTEXT_PLAN = record(
    "context_plan",
    1,
    [
        required("id"),
        required("repo"),
        required("revision"),
        required("places", pa.list_(_PLACE)),
        required("asked", pa.list_(pa.string())),
        required("missing", pa.list_(pa.string())),
    ],
)
"""What to look up for a change in the files of a revision: before its commit, or after it.

``paths`` are all that a place's file ever had: the revision has one of them. ``calls`` is the name
of what a test must call, empty elsewhere.
"""
