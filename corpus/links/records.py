"""The records of tests: units, calls, links, and what running proves of them."""

from __future__ import annotations

import pyarrow as pa

from corpus.schemas import record, required

_TEXT = pa.string()
_LINE = pa.int32()
# What of a callable changes with its body and with what stands above it, or says nothing of it
# within a shard, which is of one repo.
_APART = ("function_id", "repo", "start_line", "end_line", "gives")
# What a single call says of a link; the rest of the evidence takes the test.
_SEEN = ("imported", "sourced", "typed", "placed", "alone", "near", "called", "read", "always")

TEST_UNIT = record(
    "test_unit",
    2,
    [
        required("unit_id"),
        required("repo"),
        required("path"),
        required("blob_id"),
        required("language"),
        pa.field("license", _TEXT),
        required("split"),
        required("kind"),
        required("name"),
        required("scope", pa.list_(_TEXT)),
        required("code"),
        required("start_line", _LINE),
        required("end_line", _LINE),
        required("imports", pa.list_(_TEXT)),
        required("uses", pa.list_(_TEXT)),
        required("fixtures", pa.list_(_TEXT)),
        required("returns"),
        required("redactions", pa.list_(_TEXT)),
        pa.field("reason", _TEXT),
    ],
)
"""A test, or what tests use: a hook, a fixture, a helper (``kind``).

``name`` is the qualified name of a function, or the titles of blocks, outermost first, joined by
`` > ``; ``scope`` holds what the classes or groups around it begin with. ``imports`` are the import
statements that its code needs; ``uses`` the ids of the hooks, fixtures and helpers of its file that
run with a test (helpers that none uses are left out);
``fixtures`` the names of its parameters; ``returns`` what makes a fixture's value.
``reason`` says why no row is made of a test: skipped, expected_failure, no_assertion, empty_test,
giant_test, or duplicate (which dedup has counted); null otherwise.
"""

TEST_CALL = record(
    "test_call",
    2,
    [
        required("unit_id"),
        required("name"),
        required("on"),
        required("made", pa.bool_()),
        required("type"),
        required("module"),
        required("original"),
        required("arguments", _LINE),
        required("always", pa.bool_()),
    ],
)
"""A call in a test unit: ``name`` is called on ``on`` (a dotted path, or empty).

``type`` is what made the value that it is called on. ``module`` and ``original`` are what the
path's first name was imported as; empty where it was not. ``made`` says that the path is called
itself, and ``name`` is called on what that gives. ``arguments`` is -1 where their number is not
known, -2 where the name is read as an attribute, -3 where it is handed on. ``always`` is true for
what hooks, fixtures and helpers call whenever they are run.
"""

CALLABLE = record(
    "callable",
    1,
    [
        required("function_id"),
        required("repo"),
        required("path"),
        required("family"),
        required("place"),
        required("kind"),
        required("key"),
        required("owner"),
        required("qualified_name"),
        required("number", _LINE),
        required("start_line", _LINE),
        required("end_line", _LINE),
        required("gives"),
        required("arity", _LINE),
        required("is_property", pa.bool_()),
    ],
)
"""A function that tests can call by the name ``key``: that of its class for a constructor.

``family`` stands for the languages whose code calls each other; ``place`` is the path without its
extension, ``owner`` the class around it, ``gives`` the type that its signature says it returns.
``number`` counts the overloads of a qualified name in a file.
"""

CANDIDATE = pa.struct(
    [
        *(field for field in CALLABLE if field.name not in _APART),
        required("is_common", pa.bool_()),
    ]
)
"""A callable that calls of a shard may mean.

Nothing here changes with the body of the function, nor with what stands above it, so that an edit
there leaves the shards alone whose tests call it. ``is_common``: more than a few have its key.
"""

MEANING = pa.struct([required("of"), required("within"), required("name"), required("meaning")])
"""What a name in a shard's tests stands for, as the rest of the repo has it.

``of`` is fixture (``within`` a unit: what the fixture ``name`` makes), maker (within a family: the
class of what the function ``name`` gives), class (within a family: there is one of this name), or
module (within a test file's path: the place of what an import names).
"""

NEEDED = record(
    "needed",
    1,
    [required("candidates", pa.list_(CANDIDATE)), required("meanings", pa.list_(MEANING))],
)
"""What the tests of a shard need of the rest of the corpus to be linked: one row a shard."""

MEANT = record(
    "meant",
    2,
    [
        required("unit_id"),
        required("path"),
        required("qualified_name"),
        required("number", _LINE),
        *(required(flag, pa.bool_()) for flag in _SEEN),
    ],
)
"""A call of a unit and the one callable that it means, with what speaks for it."""

LINK = record(
    "link",
    2,
    [
        required("test_id"),
        required("function_id"),
        required("repo"),
        required("language"),
        required("test_path"),
        required("test_name"),
        required("test_line", _LINE),
        required("path"),
        required("qualified_name"),
        required("start_line", _LINE),
        required("end_line", _LINE),
        required("evidence", pa.list_(_TEXT)),
        required("confidence", pa.float64()),
        required("rank", _LINE),
    ],
)
"""A test and a function that it tests. ``rank`` is 1 for the function that a test is most about.

``evidence``: see ``docs/tests.md``; ``confidence`` is the share of links with the same evidence
that coverage confirmed there.
"""

TIERS = ("static", "executed", "mutant_killed")
"""How well a link is proved, from least to most."""

VERIFIED = record(
    "verified",
    1,
    [
        required("test_id"),
        required("function_id"),
        required("tier"),
        pa.field("verified_by", _TEXT),
    ],
)
"""What running says of a link. ``verified_by`` is the id of a mutant that the test kills, or how
often the test was run; null where nothing was proved."""

VERIFIED_FIX = record(
    "verified_fix",
    1,
    [
        required("change_id"),
        required("tier"),
        pa.field("reason", _TEXT),
        required("tests", pa.list_(_TEXT)),
    ],
)
"""What running says of a change that is called a fix.

``fail_to_pass``: ``tests``, of those that its commit touched, fail without it and pass with it;
``pass_to_pass``: all pass without it too; ``static``: nothing is said, for ``reason``.
"""

KILLED = record(
    "killed",
    1,
    [
        required("mutant_id"),
        required("function_id"),
        required("test_id"),
        required("test"),
        required("operator"),
        required("start", _LINE),
        required("end", _LINE),
        required("replacement"),
        required("message"),
    ],
)
"""A mutant and a test that passes on the original and fails on it, with the test's message.

``replacement`` takes the place of the bytes ``start`` to ``end`` of ``code_without_doc``.
"""

MUTATED = record(
    "mutated",
    2,
    [
        required("split"),
        *(field for field in KILLED if field.name != "test_id"),
        required("unit", pa.struct(list(TEST_UNIT))),
    ],
)
"""A mutant of a function, whose split it is in, and a test that the mutant fails."""
