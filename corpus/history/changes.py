"""What one commit did to one file, as rows: functions changed, tests added or changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from corpus.extract.calls import Called, can_mean, defined_outside
from corpus.extract.captures import Definition
from corpus.extract.functions import Function, Located, ParsedFile
from corpus.history.docs import doc_edits, doc_key
from corpus.history.findings import Findings
from corpus.history.match import Matched, compare
from corpus.history.trees import Tree
from corpus.ids import content_id

Row = dict[str, Any]

_EXPECTATION = re.compile(
    r"\b(?:assert\w*|expect\w*|should\w*|verify\w*|raises|throws|require|check\w*)\b|\.(?:Error|Fatal)f?\("
)
_MAX_SIGNATURES = 5
_ONLY_DOC: Row = {
    "shapes": ["only_doc"],
    "summaries": [],
    "signatures": [],
    "helpers": [],
    "share": 0.0,
}


class FileComparison:
    """A file before and after one commit."""

    def __init__(
        self, revision: Mapping[str, Any], old: ParsedFile, new: ParsedFile, max_lines: int
    ) -> None:
        self._revision = revision
        self._old = old
        self._new = new
        self._max_lines = max_lines
        self._compared = compare(old, new, max_lines)
        self._found: dict[int, Findings] = {}
        self._tests: dict[int, bool] = {}
        edits = doc_edits(old, new, self._compared, lambda m: self._findings(m).share)
        self._doc_edits = [edit for edit in edits if not self._is_test(edit.located)]

    def changes(self) -> Iterator[Row]:
        """Yield the changed functions outside tests, as ``schemas.CHANGE``.

        Of functions inside each other it is the outermost. Where the doc alone was reworded, the
        shape is ``only_doc``.
        """
        taken: list[Definition] = []
        for matched in self._compared.changed:
            inside = any(outer in matched.new.scope for outer in taken)
            if not inside and not self._is_test(matched.new):
                taken.append(matched.new.definition)
                yield self._change(matched)
        for edit in self._doc_edits:
            if edit.old and edit.is_reworded and self._is_short(edit.old, edit.new):
                yield self._row(edit.old, edit.new) | _ONLY_DOC

    def doc_edits(self) -> Iterator[Row]:
        """Yield what was done to documented functions outside tests, as ``schemas.DOC_EDIT``."""
        for edit in self._doc_edits:
            yield {
                "change_id": self._id(edit.new),
                "repo": self._revision["repo"],
                "chain": self._revision["chain"],
                "qualified_name": edit.new.qualified_name,
                "old_qualified_name": edit.old.qualified_name if edit.old else None,
                "doc": doc_key(edit.new.doc),
                "old_doc": doc_key(edit.old.doc) if edit.old else None,
                "share": edit.share,
            }

    def too_long(self) -> Iterator[Row]:
        """Yield a reject for every function outside tests that was too long to compare."""
        for _, located in self._compared.long:
            if not self._is_test(located):
                yield {
                    "row_id": self._revision["blob_id"],
                    "reason": "long_function",
                    "repo": self._revision["repo"],
                    "path": self._revision["path"],
                    "line": located.definition.node.start_point.row + 1,
                }

    def tests(self) -> Iterator[Row]:
        """Yield the tests that were added or changed, as ``schemas.TEST_CHANGE``."""
        for located in self._compared.added:
            if self._is_test(located):
                yield self._test(located, added=True, new_expectations=False)
        for matched in self._compared.changed:
            if self._is_test(matched.new):
                kept = _expectations(matched.old_tree) <= _expectations(matched.new_tree)
                yield self._test(matched.new, added=False, new_expectations=not kept)

    def _is_test(self, located: Located) -> bool:
        known = self._tests.get(id(located))
        if known is None:
            known = is_test(self._new, located, self._revision["path"])
            self._tests[id(located)] = known
        return known

    def _test(self, located: Located, *, added: bool, new_expectations: bool) -> Row:
        function = self._new.function(located)
        return {
            **{name: self._revision[name] for name in ("repo", "commit", "path")},
            "name": function.qualified_name,
            "code": function.code,
            "start_line": function.start_line,
            "calls": function.calls,
            "added": added,
            "new_expectations": new_expectations,
        }

    def _change(self, matched: Matched) -> Row:
        before = self._old.function(matched.old)
        after = self._new.function(matched.new)
        found = self._findings(matched)
        return self._row(before, after) | {
            "shapes": found.shapes,
            "summaries": found.sentences,
            "signatures": self._signatures(before, after),
            "helpers": self._helpers(before, after),
            "share": found.share,
        }

    def _findings(self, matched: Matched) -> Findings:
        found = self._found.get(id(matched))
        if found is None:
            found = self._found[id(matched)] = Findings(matched, self._compared, self._new)
        return found

    def _is_short(self, *versions: Function) -> bool:
        return all(v.code.count("\n") < self._max_lines for v in versions)

    def _id(self, after: Function) -> str:
        place = (self._revision[name] for name in ("repo", "commit", "path"))
        return content_id(*place, str(after.start_line))

    def _row(self, before: Function, after: Function) -> Row:
        """Return what stands in any change's row."""
        return {
            "change_id": self._id(after),
            **self._revision,
            "license": None,
            "name": after.name,
            "qualified_name": after.qualified_name,
            "before_name": before.qualified_name,
            "signature": before.signature,
            "doc": before.doc,
            "before": before.code,
            "after": after.code,
            "before_start_line": before.start_line,
            "before_end_line": before.end_line,
            "start_line": after.start_line,
            "end_line": after.end_line,
            "calls": after.calls,
        }

    def _signatures(self, before: Function, after: Function) -> list[str]:
        """Return the signatures of what either version calls, as far as the old file holds it."""
        calls = [
            defined_outside({*version.calls} - {before.name}, version.code_without_doc)
            for version in (before, after)
        ]
        alike: dict[str, list[Function]] = {}
        for located in self._old.located:
            if any(located.definition.name in of_version for of_version in calls):
                function = self._old.function(located)
                alike.setdefault(function.name, []).append(function)
        meant = [
            function
            for name, functions in alike.items()
            for call in [of_version[name] for of_version in calls if name in of_version]
            for function in self._meant(call, functions, _owner(before))
        ]
        meant.sort(key=lambda function: function.start_byte)
        return list(dict.fromkeys(function.signature for function in meant))[:_MAX_SIGNATURES]

    def _meant(self, call: Called, alike: list[Function], owner: str) -> list[Function]:
        """Return those functions of one name in the old file that a call in a class can mean."""
        language, path = self._old.language.name, self._revision["parent_path"]
        found = [f for f in alike if can_mean(call, language, f.kind, path, f.qualified_name)]
        if not (call.is_bare or call.is_own or call.words):
            return found if len(alike) == 1 else []
        return [function for function in found if _owner(function) == owner] or found

    def _helpers(self, before: Function, after: Function) -> list[str]:
        """Return the functions that were added to the file and are called by the new version."""
        names = {*after.calls} - {*before.calls}
        added = [loc for loc in self._compared.added if loc.definition.name in names]
        inside = range(after.start_line, after.end_line + 1)
        helpers = [self._new.function(located) for located in added]
        return [helper.code for helper in helpers if helper.start_line not in inside]


def _owner(function: Function) -> str:
    return function.qualified_name[: -len(function.name)]


def is_test(file: ParsedFile, located: Located, path: str) -> bool:
    """Tell whether a function is test code: by its path, its header, or a module ``tests``."""
    if file.language.is_test_path(path) or any(
        d.name in ("tests", "test") and d.kind == "namespace" for d in located.scope
    ):
        return True
    return file.language.test_header is not None and file.language.is_test_header(
        file.function(located).signature
    )


def _expectations(tree: Tree) -> set[str]:
    lines = (" ".join(line.split()) for line in tree.text.splitlines())
    return {line for line in lines if _EXPECTATION.search(line)}
