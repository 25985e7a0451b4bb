"""Says what changed in one function: shapes for rules, sentences for readers."""

from __future__ import annotations

import re

from corpus.extract.functions import ParsedFile
from corpus.history.edits import Edit, edits
from corpus.history.match import Comparison, Matched
from corpus.history.places import code, is_block, is_parameters
from corpus.history.renames import is_rename, renames
from corpus.history.summaries import Finding, describe
from corpus.history.trees import Tree, build

_MAX_SENTENCES = 6
_LEAST_MOVED = 12  # tokens; smaller statements turn up anywhere
_NOTHING = {"{", "}", "...", "pass"}
_LITERAL_WORDS = ("string", "char", "literal")
_LOGGING = re.compile(r"\b(?:log(?:ger|ging)?|print\w*|warn\w*|debug|trace|console)\b", re.I)


class Findings:
    """What changed in one function: shapes, sentences, and how much of it."""

    def __init__(self, matched: Matched, compared: Comparison, new: ParsedFile) -> None:
        tree, after = matched.old_tree, matched.new_tree
        changed = edits(tree, after)
        total = tree.size + after.size
        self.share = round(min(1.0, sum(edit.size for edit in changed) / (total or 1)), 3)
        renamed = renames(changed, tree, after)
        left = [edit for edit in changed if not is_rename(edit, renamed)]
        findings = [
            Finding("rename", f"{code(a)} was renamed to {code(b)}.") for a, b in renamed.items()
        ]
        left, moved = _moved(left, matched, compared, new)
        findings += [*moved, *describe(left)]
        self.shapes = list(dict.fromkeys(finding.shape for finding in findings))
        if not left and renamed:
            self.shapes.append("only_renames")
        if left and all(_is_annotation(edit) for edit in left):
            self.shapes.append("only_types")
        if left and all(_is_text(edit) for edit in left):
            self.shapes.append("only_text")
        if left and all(_is_logging(edit) for edit in left):
            self.shapes.append("only_logging")
        if _parameters(tree) != _parameters(after):
            self.shapes.append("signature")
        if _is_stub(tree) and _is_stub(after):
            self.shapes.append("stub")
        if any(_is_number(edit) for edit in left):
            self.shapes.append("number")
        if any(_is_raised(edit) for edit in left):
            self.shapes.append("raised")
        if left and all(edit.old is None for edit in left):
            self.shapes.append("only_additions")
        if left and all(edit.new is None for edit in left):
            self.shapes.append("only_removals")
        self.sentences = _cut([f.sentence for f in findings if f.sentence], after)


def _is_annotation(edit: Edit) -> bool:
    """Tell whether an edit is about a type that is written down for readers and checkers alone."""
    nodes = [node for node in (edit.old, edit.new) if node is not None]
    if all(node.text.startswith("@") and "annotation" in node.type for node in nodes):
        return True
    if {node.type for node in nodes} & {"typed_parameter", "typed_default_parameter"}:
        return len(nodes) == 2 and _untyped(nodes[0]) == _untyped(nodes[1])
    return all(_is_in_annotation(node) for node in nodes)


def _is_number(edit: Edit) -> bool:
    """Tell whether one number took another's place."""
    return all(
        n is not None and not n.children and n.text[:1].isdigit() for n in (edit.old, edit.new)
    )


def _is_raised(edit: Edit) -> bool:
    """Tell whether an edit is about what is thrown."""
    nodes = [node for node in (edit.old, edit.new) if node is not None]
    return any(
        outer.named and outer.words & {"throw", "raise"} for n in nodes for outer in (n, *n.above())
    )


def _untyped(parameter: Tree) -> list[int]:
    """Return a parameter's name and default."""
    parts = parameter.children or [parameter]
    return [part.digest for part in parts if part.field != "type" and part.named]


def _is_in_annotation(node: Tree) -> bool:
    return any(
        part.field == "return_type" or part.type in ("->", ":", "type", "type_annotation")
        for part in (node, *node.above())
    )


def _cut(sentences: list[str], after: Tree) -> list[str]:
    if not sentences:
        return [f"{code(after.text)} was changed."]
    if len(sentences) <= _MAX_SENTENCES:
        return sentences
    more = len(sentences) - _MAX_SENTENCES + 1
    return [*sentences[: _MAX_SENTENCES - 1], f"{more} more places changed."]


def _moved(
    changed: list[Edit], matched: Matched, compared: Comparison, new: ParsedFile
) -> tuple[list[Edit], list[Finding]]:
    """Find what was moved into functions that the commit added, and that are called now."""
    called = new.function(matched.new).calls
    left, found = list(changed), []
    for located in compared.added:
        if located.definition.name not in called:
            continue
        digests = {n.digest for n in build(located.definition.node, new.language.name).walk()}
        taken = [e for e in left if e.old is not None and _stands_in(e.old, digests)]
        if taken:
            left = [edit for edit in left if edit not in taken]
            places = [code(edit.old.text) for edit in taken if edit.old is not None]
            name = code(located.qualified_name)
            what = f"{places[0]} was" if len(places) == 1 else f"{places[0]} to {places[-1]} were"
            sentence = f"{what} moved into {name}."
            found.append(Finding("moved", sentence))
    return left, found


def _stands_in(node: Tree, digests: set[int]) -> bool:
    """Tell whether a node, or all statements in it, stand among those of another tree."""
    if node.size < _LEAST_MOVED:
        return False
    return node.digest in digests or (
        is_block(node) and all(child.digest in digests for child in node.named_children())
    )


def _is_text(edit: Edit) -> bool:
    """Tell whether an edit changes the words of a string alone, and not its form."""
    nodes = [node for node in (edit.old, edit.new) if node is not None]
    return len(nodes) == 2 and all(
        any(word in n.type for word in _LITERAL_WORDS) and " " in n.text.strip() for n in nodes
    )


def _is_logging(edit: Edit) -> bool:
    nodes = [node for node in (edit.old, edit.new) if node is not None]
    return all("call" in n.type or "statement" in n.words for n in nodes) and all(
        _LOGGING.match(n.text) for n in nodes
    )


def _is_stub(function: Tree) -> bool:
    """Tell whether a function has a body that does nothing."""
    body = next((node for node in function.walk() if node.field == "body"), function)
    return body.size <= len(_NOTHING) and body.leaves.keys() <= _NOTHING


def _parameters(tree: Tree) -> int | None:
    return next((node.digest for node in tree.walk() if is_parameters(node)), None)
