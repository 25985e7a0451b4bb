"""True sentences about what changed in a function, for every language alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from corpus.history.edits import Edit
from corpus.history.places import (
    COMPARISONS,
    callee,
    checks_for_nothing,
    code,
    condition,
    condition_of,
    is_arguments,
    is_block,
    is_branch,
    is_call,
    is_loop,
    is_operator,
    is_parameters,
    is_short,
    is_statement,
)
from corpus.history.trees import Tree

_SHORT = 24
_LEAST_MOVED = 4  # tokens; a `return` or a `break` that is taken out is not one put in elsewhere
_HANDLERS = {"catch", "except", "rescue", "finally", "ensure"}


class Finding(NamedTuple):
    """One thing that changed: what shape the change has, and a sentence on it.

    What was moved has two shapes, of which one has the sentence and the other an empty one.
    """

    shape: str
    sentence: str


def describe(changes: Iterable[Edit]) -> list[Finding]:
    """Return what changed, in the order of the source, everything once."""
    found = []
    changes = list(changes)
    in_macros = Counter(id(edit.new_parent) for edit in changes if _is_tokens(edit.new_parent))
    moved = _moved(changes)
    for edit in changes:
        if in_macros[id(edit.new_parent)] > 1:
            found.append(_macro(edit.old_parent, edit.new_parent))
        elif edit.old is not None and edit.new is not None:
            found.append(_replaced(edit.old, edit.new))
        elif edit.new is not None:
            was_there = edit.new.digest in moved
            found.append(_one_sided(edit.new, edit.new_parent, added=True, moved=was_there))
        elif edit.old is not None:
            finding = _one_sided(edit.old, edit.old_parent, added=False)
            found.append(finding._replace(sentence="") if edit.old.digest in moved else finding)
    return list(dict.fromkeys(found))


def _moved(changes: list[Edit]) -> set[int]:
    """Return the digests of statements that were taken out in one place and put in in another."""
    taken = Counter(_statements((e.old, e.old_parent) for e in changes if e.new is None))
    put = Counter(_statements((e.new, e.new_parent) for e in changes if e.old is None))
    return {digest for digest in taken if taken[digest] == put[digest] == 1}


def _statements(nodes: Iterable[tuple[Tree | None, Tree]]) -> Iterator[int]:
    """Yield the digests of those nodes that stand in a block and are no chance match."""
    for node, parent in nodes:
        if node is not None and is_block(parent) and node.size >= _LEAST_MOVED:
            yield node.digest


def _is_tokens(node: Tree) -> bool:
    """Tell whether a node holds what a macro of Rust is given: tokens, of which no tree is made."""
    return node.type == "token_tree"


def _macro(old: Tree, new: Tree) -> Finding:
    """Tell of a macro as a whole: several of its tokens say nothing one by one."""
    while _is_tokens(old) and _is_tokens(new) and old.parent and new.parent:
        old, new = old.parent, new.parent
    return Finding("argument", _rewritten(old.text, new.text))


def _replaced(old: Tree, new: Tree) -> Finding:
    if is_operator(old) and is_operator(new):
        return _operator(old, new)
    if inside := _in_parameters(old, new):
        sentence = f"The parameter {code(inside[0].text)} became {code(inside[1].text)}."
        return Finding("parameter", sentence)
    parent_old, parent_new = old.parent, new.parent
    if parent_old is not None and parent_new is not None:
        if is_arguments(parent_new) and parent_new.parent is not None and is_short(new):
            call = code(callee(parent_new.parent))
            sentence = (
                f"The call to {call} now passes {code(new.text)} instead of {code(old.text)}."
            )
            return Finding("argument", sentence)
        if is_call(parent_new) and is_call(parent_old) and not is_arguments(new):
            before, after = callee(parent_old), callee(parent_new)
            if before != after:
                return Finding("call", f"{code(after)} is called instead of {code(before)}.")
    left, right = condition_of(old), condition_of(new)
    if left and right and is_short(left[0]) and is_short(right[0]):
        sentence = f"The {_head(*right)} {code(left[0].text)} became {code(right[0].text)}."
        return Finding("condition", sentence)
    if is_short(new) and any(node.digest == old.digest for node in new.walk()):
        return Finding("wrapped", f"{code(old.text)} is now part of {code(new.text)}.")
    old, new = _lift(old, new)
    if new.parent is not None and "return" in new.parent.words and is_short(new):
        sentence = f"{code(new.text)} is returned instead of {code(old.text)}."
        return Finding("returned", sentence)
    if any(node.digest == old.digest for node in new.walk()):
        return Finding("wrapped", _part_of(old.text, new.text))
    if is_block(old) or is_block(new) or not (is_short(old) and is_short(new)):
        return Finding("rewritten", _rewritten(old.text, new.text))
    shape = "value" if "literal" in new.words or "string" in new.words else "expression"
    return Finding(shape, f"{code(old.text)} became {code(new.text)}.")


def _in_parameters(old: Tree, new: Tree) -> tuple[Tree, Tree] | None:
    """Return the parameters that two nodes are in or are, if they are."""
    while old.parent is not None and new.parent is not None and not is_block(new):
        if is_parameters(new.parent):
            return old, new
        old, new = old.parent, new.parent
    return None


def _operator(old: Tree, new: Tree) -> Finding:
    what = "comparison" if {old.text, new.text} <= COMPARISONS else "operator"
    sentence = f"The {what} {code(old.text)} became {code(new.text)}"
    around = new.parent
    if around is not None and is_short(around) and not is_block(around):
        sentence += f" in {code(around.text)}"
    if found := condition_of(new):
        sentence += f", in the {_head(*found)}" if is_loop(found[1]) else ", in a condition"
    return Finding("operator", f"{sentence}.")


def _head(asked: Tree, of: Tree) -> str:
    """Name what a branch or a loop goes by: a loop over items has a header, and no condition."""
    if not is_loop(of):
        return "condition"
    is_asked = asked.field == "condition" or (asked.field is None and "binary" in asked.words)
    return "loop condition" if is_asked else "loop header"


def _rewritten(old: str, new: str) -> str:
    """Say that one text took another's place: of texts that begin alike, the lines that differ."""
    if code(old) == code(new):
        pairs = zip(old.split("\n"), new.split("\n"), strict=False)
        old, new = next(((a, b) for a, b in pairs if code(a) != code(b)), (old, new))
    if code(old) == code(new):
        return f"{code(new)} was changed."
    return f"{code(old)} was replaced by {code(new)}."


def _part_of(old: str, new: str) -> str:
    if code(old) == code(new):
        return _rewritten(old, new)
    return f"{code(old)} is now part of {code(new)}."


def _lift(old: Tree, new: Tree) -> tuple[Tree, Tree]:
    """Go up from a small node to one that says where it is, on both sides alike."""
    while (
        len(new.text) < _SHORT
        and old.parent is not None
        and new.parent is not None
        and old.parent.type == new.parent.type
        and not (is_block(new.parent) or is_statement(new) or "return" in new.parent.words)
        and is_short(old.parent)
        and is_short(new.parent)
    ):
        old, new = old.parent, new.parent
    return old, new


def _one_sided(node: Tree, parent: Tree, *, added: bool, moved: bool = False) -> Finding:
    verb, to = ("added", "to") if added else ("removed", "from")
    if is_arguments(parent) and parent.parent is not None:
        passes = "now passes" if added else "no longer passes"
        call = code(callee(parent.parent))
        return Finding("argument", f"The call to {call} {passes} {code(node.text)}.")
    if is_parameters(parent):
        return Finding("parameter", f"The parameter {code(node.text)} was {verb}.")
    if is_block(parent):
        return _statement(node, parent, verb, moved=moved)
    if node.words & _HANDLERS:
        return Finding("handler", f"The handler {code(node.text)} was {verb}.")
    if "else" in node.words or is_branch(node):
        asked = condition(node) if is_branch(node) else None
        what = f"The branch for {code(asked.text)}" if asked else f"The branch {code(node.text)}"
        return Finding("branch", f"{what} was {verb}.")
    if is_short(parent):
        return Finding("expression", f"{code(node.text)} was {verb} {to} {code(parent.text)}.")
    return Finding("expression", f"{code(node.text)} was {verb}.")


def _statement(statement: Tree, block: Tree, verb: str, *, moved: bool) -> Finding:
    # Where everything is an expression, an `if` stands inside a statement.
    inner = statement.named_children()
    node = inner[0] if statement.type == "expression_statement" and len(inner) == 1 else statement
    shape, what = f"{verb}_statement", f"The statement {code(node.text)}"
    if is_branch(node) and (asked := condition(node)) is not None:
        if checks_for_nothing(asked.text):
            shape, kind = f"{verb}_null_check", "null check"
        else:
            shape, kind = f"{verb}_check", "check"
        what = f"The {kind} {code(asked.text)}"
    elif is_loop(node):
        shape, what = f"{verb}_loop", f"The loop {code(node.text)}"
    elif "try" in node.words:
        shape, what = f"{verb}_try", f"The handling of exceptions in {code(node.text)}"
    elif node.words & {"raise", "throw"}:
        shape, what = f"{verb}_raise", f"{code(node.text)}"
    elif "return" in node.words:
        shape = f"{verb}_return"
    done = "moved" if moved else verb
    return Finding(shape, f"{what} was {done}{_before(statement, block)}.")


def _before(node: Tree, block: Tree) -> str:
    following = [c for c in block.named_children() if c.node.start_byte > node.node.start_byte]
    return f" before {code(following[0].text)}" if following else ""
