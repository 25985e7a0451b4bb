"""Finds the functions of a file that a commit changed: before and after, each with its counterpart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from corpus.extract.functions import Located, ParsedFile
from corpus.history.trees import Tree, build, similarity

# Below these two functions of different names are not taken for one that was renamed.
_SAME_FUNCTION = 0.75
_LEAST_TOKENS = 25


class Matched(NamedTuple):
    """A function on both sides of a commit, with its trees."""

    old: Located
    new: Located
    old_tree: Tree
    new_tree: Tree


class Comparison(NamedTuple):
    """What a commit did to a file's functions: those changed, those that came, those that went.

    ``long`` are those that may have changed and were not compared.
    """

    changed: list[Matched]
    long: list[Located]
    added: list[Located]
    removed: list[Located]


def compare(old: ParsedFile, new: ParsedFile, max_lines: int) -> Comparison:
    """Match functions by qualified name, overloads by what they say, the rest by similarity."""
    pairs, removed, added = _by_name(old, new)
    changed, long = [], []
    for a, b in pairs:
        if _lines(a) > max_lines or _lines(b) > max_lines:
            long.append(b)
        elif a.definition.body is not None and b.definition.body is not None:
            matched = Matched(a, b, _tree(old, a), _tree(new, b))
            if matched.old_tree.digest != matched.new_tree.digest:
                changed.append(matched)
    for matched in _renamed(old, new, removed, added):
        removed.remove(matched.old)
        added.remove(matched.new)
        changed.append(matched)
    changed.sort(key=lambda m: m.new.definition.start)
    return Comparison(changed, long, added, removed)


def _lines(located: Located) -> int:
    node = located.definition.node
    return node.end_point.row - node.start_point.row + 1


def _tree(file: ParsedFile, located: Located) -> Tree:
    return build(located.definition.node, file.language.name)


def _text(file: ParsedFile, located: Located) -> bytes:
    return file.source[located.definition.start : located.definition.end]


def _by_name(
    old: ParsedFile, new: ParsedFile
) -> tuple[list[tuple[Located, Located]], list[Located], list[Located]]:
    """Return the pairs whose text differs, and what has no counterpart of its name."""
    by_name: defaultdict[str, tuple[list[Located], list[Located]]]
    by_name = defaultdict(lambda: ([], []))
    for side, file in enumerate((old, new)):
        for located in file.located:
            by_name[located.qualified_name][side].append(located)
    pairs: list[tuple[Located, Located]] = []
    removed: list[Located] = []
    added: list[Located] = []
    for left, right in by_name.values():
        same = {_text(old, a) for a in left} & {_text(new, b) for b in right}
        left = [a for a in left if _text(old, a) not in same]
        right = [b for b in right if _text(new, b) not in same]
        if len(left) > 1 or len(right) > 1:
            left, right = _same_header_first(old, new, left, right)
        pairs += zip(left, right, strict=False)
        removed += left[len(right) :]
        added += right[len(left) :]
    return pairs, removed, added


def _same_header_first(
    old: ParsedFile, new: ParsedFile, left: list[Located], right: list[Located]
) -> tuple[list[Located], list[Located]]:
    """Order overloads so that those with the same header stand at the same place."""
    headers = {_header(new, b): b for b in right}
    firsts = [(a, headers[h]) for a in left if (h := _header(old, a)) in headers]
    paired = dict((id(b), (a, b)) for a, b in firsts)
    left_first = [a for a, _ in paired.values()]
    right_first = [b for _, b in paired.values()]
    return (
        left_first + [a for a in left if a not in left_first],
        right_first + [b for b in right if b not in right_first],
    )


def _header(file: ParsedFile, located: Located) -> bytes:
    body = located.definition.body
    end = body.start_byte if body else located.definition.end
    return b"".join(file.source[located.definition.start : end].split())


def _renamed(
    old: ParsedFile, new: ParsedFile, removed: list[Located], added: list[Located]
) -> Iterator[Matched]:
    """Yield functions that were there under another name, the most alike first."""
    if not removed or not added or len(removed) * len(added) > 400:
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
