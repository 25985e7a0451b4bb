"""Finds the functions of a file that a commit changed, each with its counterpart before it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from corpus.extract.functions import Located, ParsedFile
from corpus.history.trees import Tree, build, similarity

# Below these two functions of different names are not taken for one that was renamed.
_SAME_FUNCTION = 0.75
_LEAST_TOKENS = 25
_MOST_COMPARED = 400


class Matched(NamedTuple):
    """A function on both sides of a commit, with its trees."""

    old: Located
    new: Located
    old_tree: Tree
    new_tree: Tree


Sides = tuple[Located, Located]
"""A function before and after a commit."""


class Comparison(NamedTuple):
    """What a commit did to a file's functions: those changed, those that came, those that went.

    ``same`` are those whose code is what it was, and whose doc, layout or class may not be.
    ``long`` are those that may have changed and were not compared.
    """

    changed: list[Matched]
    same: list[Sides]
    long: list[Sides]
    added: list[Located]
    removed: list[Located]


def compare(old: ParsedFile, new: ParsedFile, max_lines: int) -> Comparison:
    """Match functions by qualified name, overloads by what they say, the rest by similarity."""
    pairs, same, removed, added = _by_name(old, new)
    changed, long = [], []
    for a, b in pairs:
        if _lines(a) > max_lines or _lines(b) > max_lines:
            long.append((a, b))
        elif a.definition.body is not None and b.definition.body is not None:
            matched = Matched(a, b, _tree(old, a), _tree(new, b))
            if matched.old_tree.digest != matched.new_tree.digest:
                changed.append(matched)
            else:
                same.append((a, b))
    for matched in _renamed(old, new, removed, added):
        removed.remove(matched.old)
        added.remove(matched.new)
        if matched.old_tree.digest != matched.new_tree.digest:
            changed.append(matched)
        else:  # a method of a class that has another name now
            same.append((matched.old, matched.new))
    changed.sort(key=lambda m: m.new.definition.start)
    return Comparison(changed, same, long, added, removed)


def _lines(located: Located) -> int:
    node = located.definition.node
    return node.end_point.row - node.start_point.row + 1


def _tree(file: ParsedFile, located: Located) -> Tree:
    return build(located.definition.node, file.language.name)


def _text(file: ParsedFile, located: Located) -> bytes:
    return file.source[located.definition.start : located.definition.end]


def _by_name(
    old: ParsedFile, new: ParsedFile
) -> tuple[list[Sides], list[Sides], list[Located], list[Located]]:
    """Return the pairs whose text differs, those whose doc alone may, and what has no counterpart.

    A doc that stands before a function is no part of its text.
    """
    by_name: defaultdict[str, tuple[list[Located], list[Located]]]
    by_name = defaultdict(lambda: ([], []))
    for side, file in enumerate((old, new)):
        for located in file.located:
            by_name[located.qualified_name][side].append(located)
    pairs: list[Sides] = []
    same_text: list[Sides] = []
    removed: list[Located] = []
    added: list[Located] = []
    for left, right in by_name.values():
        same = {_text(old, a) for a in left} & {_text(new, b) for b in right}
        if same and len(left) == len(right) == 1 and new.language.doc_openers:
            same_text.append((left[0], right[0]))
        left = [a for a in left if _text(old, a) not in same]
        right = [b for b in right if _text(new, b) not in same]
        if not (left and right):
            removed += left
            added += right
        elif len(left) == len(right) == 1:
            pairs.append((left[0], right[0]))
        else:
            pairs += _by_header(old, new, left, right)
    return pairs, same_text, removed, added


def _by_header(
    old: ParsedFile, new: ParsedFile, left: list[Located], right: list[Located]
) -> list[Sides]:
    """Return overloads in pairs: those whose header none else has, then the last one on each side.

    Others of one name can't be told apart: methods of classes without a name.
    """
    headers = Counter(_header(old, a) for a in left), Counter(_header(new, b) for b in right)
    unique = {header for header, count in headers[0].items() if count == headers[1][header] == 1}
    by_header = {_header(new, b): b for b in right}
    pairs = [(a, by_header[h]) for a in left if (h := _header(old, a)) in unique]
    rest = (
        [a for a in left if _header(old, a) not in unique],
        [b for b in right if _header(new, b) not in unique],
    )
    if len(rest[0]) == len(rest[1]) == 1:
        pairs.append((rest[0][0], rest[1][0]))
    return pairs


def _header(file: ParsedFile, located: Located) -> bytes:
    body = located.definition.body
    end = body.start_byte if body else located.definition.end
    return b"".join(file.source[located.definition.start : end].split())


def _renamed(
    old: ParsedFile, new: ParsedFile, removed: list[Located], added: list[Located]
) -> Iterator[Matched]:
    """Yield functions that were there under another name, the most alike first."""
    if not removed or not added or len(removed) * len(added) > _MOST_COMPARED:
        return
    candidates = []
    trees = {id(located): _tree(new, located) for located in added}
    for a in removed:
        tree = _tree(old, a)
        for b in added:
            alike = similarity(tree, trees[id(b)])
            if alike >= _SAME_FUNCTION and tree.size >= _LEAST_TOKENS:
                candidates.append((alike, a, b, tree))
    taken: set[int] = set()
    for _, a, b, tree in sorted(candidates, key=lambda c: -c[0]):
        if id(a) not in taken and id(b) not in taken:
            taken |= {id(a), id(b)}
            yield Matched(a, b, tree, trees[id(b)])
