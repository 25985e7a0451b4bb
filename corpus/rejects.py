"""Collects what is left out, and why: nothing leaves the flow without a row here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from corpus.schemas import REJECT, Columns

if TYPE_CHECKING:
    import polars as pl

REASONS = {
    # Paths and files: corpus/sources, corpus/extract.
    "not_source": "not in a language that tunesmith reads",
    "language_not_selected": "in a language that `languages` does not name",
    "not_included": "`files.include` does not match it",
    "excluded": "`files.exclude` matches it",
    "symlink": "a symbolic link",
    "submodule": "a submodule",
    "special": "neither a file nor a link: a device, a pipe",
    "path_encoding": "its path is not UTF-8",
    "unreadable": "it could not be read, or the clone lacks it",
    "too_large": "larger than `files.max_bytes`",
    "vendored": "third-party code, by its folder or .gitattributes",
    "generated": "generated code, by its name, its header or .gitattributes; or a commit of such",
    "lfs_pointer": "a Git LFS pointer, not the file itself",
    "empty": "nothing in it but white space",
    "long_lines": "a line longer than `files.max_line_length`",
    "long_comment": "too many comment lines in a row: data, or a long licence",
    "minified": "minified code",
    "binary": "not text",
    "encoding": "not in the encoding that it declares, or not UTF-8",
    "parser_failed": "the parser crashed, hung or ran out of memory on it",
    # What must not be published: corpus/safety.
    "secret": "holds a key, token or password, and `safety.secret` is drop",
    "email": "holds an e-mail address, and `safety.email` is drop",
    "ip": "holds a public IP address, and `safety.ip` is drop",
    "phone": "holds a phone number, and `safety.phone` is drop",
    "name": "names a person, and `safety.name` is drop",
    "host": "names an internal host, and `safety.host` is drop",
    "control_token": "holds a control token of chat templates, and `safety.control_token` is drop",
    "hidden_character": "holds characters that hide what the code does",
    "benchmark": "holds a benchmark problem",
    "license": "its licence is not allowed by `safety.licenses`",
    "redaction_breaks_code": "the code no longer parses once its secrets are replaced",
    "unsafe_text": "the row would show something that must not be published",
    "forgotten": "taken down with `tunesmith forget`",
    # Copies: corpus/dedup, corpus/history.
    "exact_duplicate": "says the same as another that is kept, layout aside",
    "near_duplicate": "nearly the same as another that is kept",
    # Docs and functions: corpus/render, corpus/tasks.
    "no_doc": "the function has no documentation",
    "todo_doc": "its documentation is a to-do note",
    "generated_doc": "its documentation was generated",
    "license_doc": "its documentation is a licence",
    "url_doc": "its documentation is little more than a link",
    "short_doc": "its documentation has fewer words than `docs.min_words`",
    "separator_doc": "its documentation is a line of signs",
    "not_english": "its documentation is not mostly English, and `docs.english` is true",
    "stale_doc": "more of the code than `docs.max_changed` changed since the doc was written",
    "test_code": "it is a test, whose doc says what must hold and not what the test does",
    "trivial_body": "its body does nothing: a stub, `pass`, or only an error",
    # Commits and changes: corpus/history.
    "revert": "the commit reverts another",
    "reverted": "the commit was reverted later",
    "author": "its author is in `history.skip_authors`",
    "bot": "a bot made the commit",
    "format_commit": "the commit only formats, by its message",
    "release": "a release or a change of version, by its message",
    "no_source_change": "the commit changes no file in a language that is read",
    "large_commit": "the commit changes more than `history.max_files` or `history.max_functions`",
    "long_function": "longer than `history.max_lines`",
    "too_deep": "the code is nested too deeply to compare",
    "crosses_splits": "related to changes or functions in two splits",
    "low_confidence": "less certain to be a fix or refactoring than `history.min_confidence`",
    "no_complaint": "the commit's message does not say what was wrong, and no test shows it",
    "unproved": "running its tests did not prove the fix, and `tests.fix_tier` asks for it",
    # Tests: corpus/links.
    "skipped": "the test is skipped",
    "expected_failure": "the test is expected to fail",
    "giant_test": "longer than `tests.max_lines`",
    "empty_test": "the test does nothing",
    "no_assertion": "the test checks nothing",
    "duplicate": "a copy of another test",
    "no_link": "no function of this repository was found that the test calls",
    "unsure_link": "not certain enough which function is tested: `tests.min_confidence`",
    "duplicate_function": "the function that it tests is a copy of another",
    "enough_tests": "the function has `tests.per_function` other tests",
    "tier_too_low": "running did not prove the link as far as `tests.tier` asks",
    "split_conflict": "the test and the function are in different splits",
    # Rows: corpus/render.
    "no_template": "no template is meant for this row",
    "empty_output": "the template's output is empty",
    "off_format": "the output does not have the shape that the template declares",
    "answer_in_prompt": "the prompt gives the answer away",
    "too_long": "longer than `length.max_tokens`",
    "output_too_long": "the output is longer than `length.max_output_tokens`",
    "two_prompts": "the two answers of a preference do not share one prompt",
    "same_answers": "the two answers of a preference are the same",
    # Mix: corpus/publish/mix.py.
    "repeated_output": "five rows of a task from docs have the same output already",
    "sampled_out": "`mix.weights` keeps only a share of the task's rows",
    "over_function_cap": "over `mix.per_function`",
    "over_task_cap": "over `mix.per_task`",
    "over_language_cap": "over `mix.per_language`",
    "over_repo_cap": "over `mix.per_repo`",
    "docs_over_share": "over `mix.docs_share`",
}
"""What each reason to leave something out means; ``docs/rejects.md`` shows the same table."""


class Rejects:
    """The rejects of one stage on one shard."""

    def __init__(self, stage: str) -> None:
        self._stage = stage
        self._columns = Columns(REJECT)

    def add(
        self,
        row_id: str,
        reason: str,
        repo: str,
        path: str,
        *,
        line: int | None = None,
        detail: str | None = None,
        stage: str | None = None,
    ) -> None:
        """Record that a row was left out."""
        self._columns.add(
            id=row_id,
            stage=stage or self._stage,
            reason=reason,
            detail=detail,
            repo=repo,
            path=path,
            line=line,
        )

    def table(self) -> pa.Table:
        """Return them as ``schemas.REJECT``."""
        return self._columns.table()


def rejects_of(rows: pl.DataFrame, stage: str, row_id: str, detail: str) -> pa.Table:
    """Return ``schemas.REJECT`` for rows with a ``reason``, ``repo``, ``path`` and ``start_line``.

    ``row_id`` and ``detail`` are the columns that have these.
    """
    import polars as pl  # not all who reject rows have it imported

    rejects = rows.select(
        pl.col(row_id).alias("id"),
        pl.lit(stage).alias("stage"),
        "reason",
        pl.col(detail).alias("detail"),
        "repo",
        "path",
        pl.col("start_line").alias("line"),
    )
    return rejects.to_arrow().cast(REJECT)
