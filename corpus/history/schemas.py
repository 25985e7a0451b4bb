"""The records that history mining passes on, each declared once."""

from __future__ import annotations

import pyarrow as pa

from corpus.schemas import record, required

_TEXT = pa.string()
_LINE = pa.int32()

COMMIT = record(
    "commit",
    1,
    [
        required("repo"),
        required("commit"),
        required("authored_at", pa.timestamp("s", "UTC")),
        required("author"),
        required("subject"),
        required("body"),
        required("touched_tests", pa.list_(_TEXT)),
    ],
)
"""A commit that changed source files. ``touched_tests`` are test files that it added or changed."""

CHAIN = record(
    "chain",
    2,
    [
        required("repo"),
        required("path"),
        required("chain"),
        required("begins", pa.bool_()),
    ],
)
"""A path of a file that had several, or that was added, and what stands for all of them.

``begins`` says that the first version of the file is in the history that was read.
"""

REVISION = record(
    "revision",
    1,
    [
        required("repo"),
        required("commit"),
        required("parent"),
        required("path"),
        required("parent_path"),
        required("blob_id"),
        required("parent_blob_id"),
        required("language"),
        required("chain"),
    ],
)
"""One file before and after one commit. ``chain`` is equal for all paths that a file ever had.

``parent_blob_id`` is empty for a test that the commit added.
"""

CHANGE = record(
    "change",
    3,
    [
        required("change_id"),
        *REVISION,
        pa.field("license", _TEXT),
        required("name"),
        required("qualified_name"),
        required("before_name"),
        required("signature"),
        pa.field("doc", _TEXT),
        required("before"),
        required("after"),
        required("before_start_line", _LINE),
        required("before_end_line", _LINE),
        required("start_line", _LINE),
        required("end_line", _LINE),
        required("shapes", pa.list_(_TEXT)),
        required("summaries", pa.list_(_TEXT)),
        required("signatures", pa.list_(_TEXT)),
        required("helpers", pa.list_(_TEXT)),
        required("calls", pa.list_(_TEXT)),
        required("share", pa.float64()),
    ],
)
"""One function before and after one commit, outside tests.

``before_name`` is its qualified name before the commit; ``signature`` and ``doc`` are of then, too.
``before`` is lines ``before_start_line`` to ``before_end_line`` of ``parent:parent_path``,
dedented, ``after`` lines ``start_line`` to ``end_line`` of ``commit:path``; they differ in more
than comments, docs, imports and layout, or in their docs alone: shape ``only_doc``. ``shapes`` and
``summaries`` say what changed, as a word and as a sentence each. ``signatures`` are those of what
it calls in the same file, ``helpers`` the functions that the commit added there and that it calls
now; ``calls`` are the names that the new version calls, each once, sorted. ``share`` is how much of
its tokens changed.
"""

DOC_EDIT = record(
    "doc_edit",
    1,
    [
        required("change_id"),
        required("repo"),
        required("chain"),
        required("qualified_name"),
        pa.field("old_qualified_name", _TEXT),
        pa.field("doc", _TEXT),
        pa.field("old_doc", _TEXT),
        pa.field("share", pa.float64()),
    ],
)
"""What a commit did to a documented function outside tests, the newest first within a chain.

``doc`` and ``old_doc`` stand for the docs after and before, null where there was none; ``share`` is
how much of the code's tokens changed, null where they were not compared. ``old_qualified_name`` is
null for a function that was added. ``change_id`` is the change's, if it is one.
"""

DOC_AGE = record(
    "doc_age", 2, [required("function_id"), required("changed_since_doc", pa.float64())]
)
"""How much of a function changed since its doc did: shares of its tokens, added up and at most 1.

There is none for a function without a doc, or of which history tells nothing.
"""

TEST_CHANGE = record(
    "test_change",
    1,
    [
        required("repo"),
        required("commit"),
        required("path"),
        required("name"),
        required("code"),
        required("start_line", _LINE),
        required("calls", pa.list_(_TEXT)),
        required("added", pa.bool_()),
        required("new_expectations", pa.bool_()),
    ],
)
"""A test that a commit added or changed, as it stands after it.

``new_expectations`` says that an assertion of the old version is gone.
"""

CHANGE_KIND = record(
    "change_kind",
    1,
    [
        required("authored_at", pa.timestamp("s", "UTC")),
        required("subject"),
        required("body"),
        required("kind"),
        required("confidence", pa.float64()),
        required("evidence", pa.list_(_TEXT)),
        required("touched_tests", pa.list_(_TEXT)),
        pa.field("test_path", _TEXT),
        pa.field("test_name", _TEXT),
        pa.field("test_code", _TEXT),
    ],
)
"""What a change is for: fix, refactor, feature, performance, security, docs or other.

``evidence`` is what says so, ``touched_tests`` the test files that the commit added or changed, and
``test_…`` one test among them that calls the function.
"""

PUBLISHED_CHANGE = record(
    "published_change",
    3,
    [
        *CHANGE,
        *CHANGE_KIND,
        required("cluster_id"),
        required("split"),
        required("redactions", pa.list_(_TEXT)),
    ],
)
"""One row of the configuration ``changes``: what dedup kept. ``redactions`` are of its words."""
