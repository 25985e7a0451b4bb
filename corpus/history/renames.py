"""Which names a change renamed."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.history.edits import Edit
from corpus.history.places import is_parameters
from corpus.history.trees import Tree

_BINDERS = {"definition", "declaration", "declarator", "item", "parameter"}


def renames(changes: Sequence[Edit], old: Tree, new: Tree) -> dict[str, str]:
    """Return the names that were renamed: bound in the function, and replaced wherever they stood.

    A name from outside that was replaced is something else from outside: no renaming.
    """
    pairs: dict[str, str] = {}
    broken: set[str] = set()
    for edit in changes:
        if edit.old is None or edit.new is None or not _is_name(edit.old) or not _is_name(edit.new):
            continue
        before, after = edit.old.text, edit.new.text
        if pairs.setdefault(before, after) != after:
            broken.add(before)
    targets = list(pairs.values())
    found = {
        before: after
        for before, after in pairs.items()
        if before not in broken
        and targets.count(after) == 1
        and not (new.leaves[before] or old.leaves[after])
        and old.leaves[before] == new.leaves[after]
    }
    bound = _bound(old) if found else set()
    return {before: after for before, after in found.items() if before in bound}


def _bound(function: Tree) -> set[str]:
    """Return the names of a function, of its parameters, and of what it assigns."""
    found = set()
    for node in function.walk():
        if not _is_name(node) or node.words & {"type", "field", "property"}:
            continue
        if _binds(node) or (
            any(is_parameters(outer) for outer in node.above())
            and not any("type" in outer.words or outer.field == "type" for outer in node.above())
        ):
            found.add(node.text)
    return found


def _binds(name: Tree) -> bool:
    if name.field in ("left", "pattern", "declarator"):
        return True
    return name.field == "name" and name.parent is not None and bool(name.parent.words & _BINDERS)


def _is_name(node: Tree) -> bool:
    return not node.children and "identifier" in node.words


def is_rename(edit: Edit, renamed: dict[str, str]) -> bool:
    """Tell whether an edit is no more than one of these renames."""
    return (
        edit.old is not None
        and edit.new is not None
        and _is_name(edit.old)
        and renamed.get(edit.old.text) == edit.new.text
    )
