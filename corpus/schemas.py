"""The records that cross stage boundaries, each declared once.

Every table tunesmith writes has one of these schemas, never an inferred one. A schema's version
goes up when a column is added, removed or changes its meaning.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

_TEXT = pa.string()
_LINE = pa.int32()


def record(name: str, version: int, fields: list[pa.Field]) -> pa.Schema:
    """Return the schema of a record."""
    return pa.schema(fields, metadata={"record": name, "version": str(version)})


class Columns:
    """Gathers rows column by column, and makes one table of them."""

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._columns: dict[str, list[Any]] = {name: [] for name in schema.names}

    def add(self, **row: Any) -> None:
        """Add a row, which must name every column. Raises KeyError for a column too many."""
        for name, value in row.items():
            self._columns[name].append(value)

    def table(self) -> pa.Table:
        """Return the rows. Raises ArrowInvalid where a row lacked a column."""
        return pa.Table.from_pydict(self._columns, schema=self._schema)


def required(name: str, kind: pa.DataType = _TEXT) -> pa.Field:
    """Return a column that is never null."""
    return pa.field(name, kind, nullable=False)


PROVENANCE = pa.struct(
    [
        pa.field("repo", _TEXT),
        pa.field("commit", _TEXT),
        pa.field("path", _TEXT),
        pa.field("start_line", _LINE),
        pa.field("end_line", _LINE),
        pa.field("evidence", _TEXT),
        pa.field("redactions", pa.list_(_TEXT)),
    ]
)
"""Where a row comes from: ``git show commit:path``, lines start to end (from 1, both included).

``commit`` is null for a plain folder; ``evidence`` names what the output was taken from.
``redactions`` are the kinds of what placeholders stand for (``safety.policy.KINDS``), sorted; where
there are none, the lines are verbatim.
"""

DOC_ITEM = pa.struct(
    [pa.field("name", _TEXT), pa.field("type", _TEXT), pa.field("description", _TEXT)]
)
DOC_SECTIONS = pa.struct(
    [
        pa.field("style", _TEXT),
        pa.field("summary", _TEXT),
        pa.field("description", _TEXT),
        pa.field("parameters", pa.list_(DOC_ITEM)),
        pa.field("returns", pa.list_(DOC_ITEM)),
        pa.field("raises", pa.list_(DOC_ITEM)),
        pa.field("examples", pa.list_(_TEXT)),
    ]
)
"""A doc in parts. ``style``: plain, rest, google, numpydoc, epydoc, tags, xml or markdown."""

BLOB = record(
    "blob",
    2,
    [
        required("repo"),
        required("path"),
        required("blob_id"),
        required("language"),
        required("size", pa.int64()),
        pa.field("license", _TEXT),
    ],
)
"""One file, not yet read; ``blob_id`` is git's. Its commit is put in where rows are written: until
then, what a commit did not change is what it was, and what was made of it is still good."""

SOURCE_FILE = record(
    "source_file",
    3,
    [
        required("file_id"),
        *BLOB,
        required("text"),
        required("lines", _LINE),
        required("redactions", pa.list_(_TEXT)),
    ],
)
"""A blob that was read: UTF-8, every line ending a ``\\n``, redacted as ``redactions`` says."""

FUNCTION = record(
    "function",
    3,
    [
        required("function_id"),
        required("repo"),
        required("path"),
        required("blob_id"),
        required("language"),
        pa.field("license", _TEXT),
        required("kind"),
        required("name"),
        required("qualified_name"),
        required("signature"),
        required("code"),
        required("code_without_doc"),
        pa.field("doc", _TEXT),
        pa.field("doc_raw", _TEXT),
        required("start_line", _LINE),
        required("end_line", _LINE),
        required("declaration_line", _LINE),
        required("is_test", pa.bool_()),
        required("calls", pa.list_(_TEXT)),
        required("redactions", pa.list_(_TEXT)),
    ],
)
"""One function, method or constructor.

``code`` is lines ``start_line`` to ``end_line`` of the file, doc comment, decorators and attributes
included, dedented. ``code_without_doc`` is the same with the doc cut out; ``signature`` is its
beginning, up to the body. ``declaration_line`` is where the declaration begins once a preceding doc
comment is passed. ``doc`` is the doc's text without its markers, ``doc_raw`` as it stands.
``calls`` are the names that the body calls, each once, sorted; ``redactions`` are as in provenance.
"""

CLUSTER = record(
    "cluster",
    1,
    [
        required("id"),
        required("cluster_id"),
        required("kept", pa.bool_()),
        required("survivor_id"),
        required("similarity", pa.float64()),
        pa.field("reason", _TEXT),
    ],
)
"""The dedup verdict on one row. ``similarity`` is the true Jaccard similarity to the survivor."""

SPLITS = ("train", "validation", "test")

VERDICT = record("verdict", 1, [*CLUSTER, required("split")])
"""A cluster verdict with the split that the row is in."""

MESSAGE = pa.struct([pa.field("role", _TEXT), pa.field("content", _TEXT)])

_TEMPLATE_AND_ORIGIN = [
    required("template"),
    required("template_digest"),
    required("split"),
    required("language"),
    pa.field("license", _TEXT),
    required("provenance", PROVENANCE),
]

SOURCES = ("doc", "history", "test", "mutant", "ruff", "bandit", "policy")
"""What rows are mined from: docs, commits, tests, faults put in, rules of linters, policies."""

EXAMPLE = record(
    "example",
    3,
    [
        required("example_id"),
        required("pair_id"),
        required("task"),
        required("source"),
        required("system"),
        required("instruction"),
        required("input"),
        required("output"),
        required("messages", pa.list_(MESSAGE)),
        *_TEMPLATE_AND_ORIGIN,
    ],
)
"""One row of the configuration ``instructions``; ``messages`` holds the same text for a trainer."""

_MESSAGES = pa.list_(MESSAGE)
PREFERENCE = record(
    "preference",
    1,
    [
        required("example_id"),
        required("pair_id"),
        required("source"),
        required("prompt", _MESSAGES),
        required("chosen", _MESSAGES),
        required("rejected", _MESSAGES),
        *_TEMPLATE_AND_ORIGIN,
    ],
)
"""One row of the configuration ``preferences``: a prompt, the better answer and the worse one."""

KNOWLEDGE = record(
    "knowledge",
    2,
    [required("example_id"), required("blob_id"), required("text"), *_TEMPLATE_AND_ORIGIN],
)
"""One row of the configuration ``knowledge``: a whole file."""

PUBLISHED_FUNCTION = record(
    "published_function",
    3,
    [
        *list(FUNCTION)[:2],
        pa.field("commit", _TEXT),
        *list(FUNCTION)[2:],
        pa.field("changed_since_doc", pa.float64()),
        pa.field("doc_sections", DOC_SECTIONS),
        required("cluster_id"),
        required("split"),
    ],
)
"""One row of the configuration ``functions``: what dedup kept.

``changed_since_doc`` is how much of the code's tokens commits changed after the doc was last
edited, added up and at most 1; null where history does not tell.
"""

REJECT = record(
    "reject",
    1,
    [
        required("id"),
        required("stage"),
        required("reason"),
        pa.field("detail", _TEXT),
        required("repo"),
        required("path"),
        pa.field("line", _LINE),
    ],
)
"""Why something was left out. ``id`` is a blob id, a function id or, unread, empty."""
