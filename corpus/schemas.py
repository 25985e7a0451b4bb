"""The records that cross stage boundaries, each declared once.

Every table tunesmith writes has one of these schemas, never an inferred one. A schema's version
goes up when a column is added, removed or changes its meaning.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

_TEXT = pa.string()
_LINE = pa.int32()


def _record(name: str, version: int, fields: list[pa.Field]) -> pa.Schema:
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


def _required(name: str, kind: pa.DataType = _TEXT) -> pa.Field:
    return pa.field(name, kind, nullable=False)


PROVENANCE = pa.struct(
    [
        pa.field("repo", _TEXT),
        pa.field("commit", _TEXT),
        pa.field("path", _TEXT),
        pa.field("start_line", _LINE),
        pa.field("end_line", _LINE),
        pa.field("evidence", _TEXT),
    ]
)
"""Where a row comes from: ``git show commit:path``, lines start to end (from 1, both included).

``commit`` is null for a plain folder; ``evidence`` names what the output was taken from.
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
    ]
)
"""A doc in parts. ``style`` is plain, rest, google, numpydoc, epydoc, tags (``@param``) or xml."""

BLOB = _record(
    "blob",
    1,
    [
        _required("repo"),
        pa.field("commit", _TEXT),
        _required("path"),
        pa.field("blob_id", _TEXT),
        _required("language"),
        _required("size", pa.int64()),
        pa.field("license", _TEXT),
    ],
)
"""One file at one revision, not yet read. ``blob_id`` is git's, null in a plain folder."""

SOURCE_FILE = _record(
    "source_file",
    1,
    [_required("file_id"), *BLOB, _required("text"), _required("lines", _LINE)],
)
"""A blob that was read: UTF-8, every line ending a ``\\n``."""

FUNCTION = _record(
    "function",
    1,
    [
        _required("function_id"),
        _required("repo"),
        pa.field("commit", _TEXT),
        _required("path"),
        _required("blob_id"),
        _required("language"),
        pa.field("license", _TEXT),
        _required("kind"),
        _required("name"),
        _required("qualified_name"),
        _required("signature"),
        _required("code"),
        _required("code_without_doc"),
        pa.field("doc", _TEXT),
        pa.field("doc_raw", _TEXT),
        _required("start_line", _LINE),
        _required("end_line", _LINE),
        _required("declaration_line", _LINE),
        _required("is_test", pa.bool_()),
        _required("calls", pa.list_(_TEXT)),
    ],
)
"""One function, method or constructor.

``code`` is lines ``start_line`` to ``end_line`` of the file, doc comment, decorators and attributes
included, dedented. ``code_without_doc`` is the same with the doc cut out; ``signature`` is its
beginning, up to the body. ``declaration_line`` is where the declaration begins once a preceding doc
comment is passed. ``doc`` is the doc's text without its markers, ``doc_raw`` as it stands.
``calls`` are the names that the body calls, each once, sorted.
"""

SNIPPET = pa.struct(
    [
        pa.field("name", _TEXT),
        pa.field("path", _TEXT),
        pa.field("start_line", _LINE),
        pa.field("end_line", _LINE),
        pa.field("language", _TEXT),
        pa.field("code", _TEXT),
        pa.field("doc", _TEXT),
    ]
)
CONTEXT = _record(
    "context",
    1,
    [
        _required("function_id"),
        _required("shown", pa.list_(SNIPPET)),
        _required("asked", pa.list_(_TEXT)),
        _required("missing", pa.list_(_TEXT)),
    ],
)
"""What is shown with a function: definitions from its repo, of what it calls and of near misses.

``asked`` are the names that the function calls and that are defined once in its repo; ``missing``
are those of them that are not ``shown``, as in code search that did not find them.
"""

CLUSTER = _record(
    "cluster",
    1,
    [
        _required("id"),
        _required("cluster_id"),
        _required("kept", pa.bool_()),
        _required("survivor_id"),
        _required("similarity", pa.float64()),
        pa.field("reason", _TEXT),
    ],
)
"""The dedup verdict on one row. ``similarity`` is the true Jaccard similarity to the survivor."""

SPLITS = ("train", "validation", "test")

VERDICT = _record("verdict", 1, [*CLUSTER, _required("split")])
"""A cluster verdict with the split that the row is in."""

MESSAGE = pa.struct([pa.field("role", _TEXT), pa.field("content", _TEXT)])

_TEMPLATE_AND_ORIGIN = [
    _required("template"),
    _required("template_digest"),
    _required("split"),
    _required("language"),
    pa.field("license", _TEXT),
    _required("provenance", PROVENANCE),
]

EXAMPLE = _record(
    "example",
    1,
    [
        _required("example_id"),
        _required("pair_id"),
        _required("task"),
        _required("system"),
        _required("instruction"),
        _required("input"),
        _required("output"),
        _required("messages", pa.list_(MESSAGE)),
        *_TEMPLATE_AND_ORIGIN,
    ],
)
"""One row of the configuration ``instructions``; ``messages`` holds the same text for a trainer."""

KNOWLEDGE = _record(
    "knowledge",
    1,
    [_required("example_id"), _required("blob_id"), _required("text"), *_TEMPLATE_AND_ORIGIN],
)
"""One row of the configuration ``knowledge``: a whole file."""

PUBLISHED_FUNCTION = _record(
    "published_function",
    1,
    [
        *FUNCTION,
        pa.field("doc_sections", DOC_SECTIONS),
        _required("cluster_id"),
        _required("split"),
    ],
)
"""One row of the configuration ``functions``: what dedup kept."""

COMMIT = _record(
    "commit",
    1,
    [
        _required("repo"),
        _required("commit"),
        _required("authored_at", pa.timestamp("s", "UTC")),
        _required("author"),
        _required("subject"),
        _required("body"),
        _required("touched_tests", pa.list_(_TEXT)),
    ],
)
"""A commit that changed source files. ``touched_tests`` are test files that it added or changed."""

CHAIN = _record("chain", 1, [_required("repo"), _required("path"), _required("chain")])
"""A path of a file that had several, and what stands for all of them."""

REVISION = _record(
    "revision",
    1,
    [
        _required("repo"),
        _required("commit"),
        _required("parent"),
        _required("path"),
        _required("parent_path"),
        _required("blob_id"),
        _required("parent_blob_id"),
        _required("language"),
        _required("chain"),
    ],
)
"""One file before and after one commit. ``chain`` is equal for all paths that a file ever had."""

CHANGE = _record(
    "change",
    1,
    [
        _required("change_id"),
        *REVISION,
        pa.field("license", _TEXT),
        _required("name"),
        _required("qualified_name"),
        _required("before"),
        _required("after"),
        _required("before_start_line", _LINE),
        _required("before_end_line", _LINE),
        _required("start_line", _LINE),
        _required("end_line", _LINE),
        _required("shapes", pa.list_(_TEXT)),
        _required("summaries", pa.list_(_TEXT)),
        _required("signatures", pa.list_(_TEXT)),
        _required("helpers", pa.list_(_TEXT)),
        _required("share", pa.float64()),
    ],
)
"""One function before and after one commit, outside tests.

``before`` is lines ``before_start_line`` to ``before_end_line`` of ``parent:parent_path``,
dedented, ``after`` lines ``start_line`` to ``end_line`` of ``commit:path``; they differ in more
than comments, docs, imports and layout. ``shapes`` and ``summaries`` say what changed, as a word and as a sentence
each. ``signatures`` are those of what it calls in the same file, ``helpers`` the functions that the
commit added there and that it calls now. ``share`` is how much of its tokens
changed.
"""

TEST_CHANGE = _record(
    "test_change",
    1,
    [
        _required("repo"),
        _required("commit"),
        _required("path"),
        _required("name"),
        _required("code"),
        _required("start_line", _LINE),
        _required("calls", pa.list_(_TEXT)),
        _required("added", pa.bool_()),
        _required("new_expectations", pa.bool_()),
    ],
)
"""A test that a commit added or changed, as it stands after it.

``new_expectations`` says that an assertion of the old version is gone.
"""

CHANGE_KIND = _record(
    "change_kind",
    1,
    [
        _required("authored_at", pa.timestamp("s", "UTC")),
        _required("subject"),
        _required("body"),
        _required("kind"),
        _required("confidence", pa.float64()),
        _required("evidence", pa.list_(_TEXT)),
        _required("touched_tests", pa.list_(_TEXT)),
        pa.field("test_path", _TEXT),
        pa.field("test_name", _TEXT),
        pa.field("test_code", _TEXT),
    ],
)
"""What a change is for: fix, refactor, feature, performance, security, docs or other.

``evidence`` is what says so, ``touched_tests`` the test files that the commit added or changed, and
``test_…`` one test among them that calls the function.
"""

PUBLISHED_CHANGE = _record(
    "published_change",
    1,
    [*CHANGE, *CHANGE_KIND, _required("cluster_id"), _required("split")],
)
"""One row of the configuration ``changes``: what dedup kept."""

REJECT = _record(
    "reject",
    1,
    [
        _required("id"),
        _required("stage"),
        _required("reason"),
        pa.field("detail", _TEXT),
        _required("repo"),
        _required("path"),
        pa.field("line", _LINE),
    ],
)
"""Why something was left out. ``id`` is a blob id, a function id or, unread, empty."""
