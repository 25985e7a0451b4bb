"""What a commit did to a function's tree: the nodes replaced, inserted and deleted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from corpus.history.places import called_and_passed
from corpus.history.trees import Tree, similarity

_ALIKE = 0.4
_CONTEXT = 3  # lines, as a patch has them


@dataclass(frozen=True, slots=True)
class Edit:
    """A node that was replaced, inserted (``old`` is None) or deleted (``new`` is None).

    ``old_parent`` and ``new_parent`` are the nodes around it, each the other's counterpart.
    """

    old: Tree | None
    new: Tree | None
    old_parent: Tree
    new_parent: Tree

    @property
    def size(self) -> int:
        """How many tokens it takes away and brings."""
        return sum(node.size for node in (self.old, self.new) if node is not None)


def edits(old: Tree, new: Tree) -> list[Edit]:
    """Return the difference of two trees, in the order of the new source."""
    return list(_differences(old, new, old, new))


def patch(before: str, after: str) -> str:
    """Return the lines that differ with those around them: the old ones, and then the new.

    Of a small function it is all; of a large one so much as tells one correction from another.
    """
    old, new = before.split("\n"), after.split("\n")
    groups = SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(_CONTEXT)
    hunks = [(group[0][1], group[-1][2], group[0][3], group[-1][4]) for group in groups]
    return "\n".join(
        [*(line for a, b, _, _ in hunks for line in old[a:b]),
         *(line for _, _, a, b in hunks for line in new[a:b])]
    )  # fmt: skip


def _differences(old: Tree, new: Tree, old_parent: Tree, new_parent: Tree) -> Iterator[Edit]:
    if old.digest == new.digest:
        return
    if old.type != new.type or not (old.children and new.children) or _is_new_whole(old, new):
        yield Edit(old, new, old_parent, new_parent)
        return
    matcher = SequenceMatcher(
        None, [c.digest for c in old.children], [c.digest for c in new.children], autojunk=False
    )
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if tag != "equal":
            left, right = old.children[old_start:old_end], new.children[new_start:new_end]
            for a, b in _pairs(left, right):
                if a is not None and b is not None:
                    yield from _differences(a, b, old, new)
                else:
                    yield Edit(a, b, old, new)


def _is_new_whole(old: Tree, new: Tree) -> bool:
    """Tell whether part by part would mislead: one is a part of the other, or all of it differs."""
    if any(_holds(one, other) for one, other in ((old, new), (new, old))):
        return True
    before, after = called_and_passed(old), called_and_passed(new)
    if before is None or after is None or before[1].digest == after[1].digest:
        return False
    return _last_word(before[0]) != _last_word(after[0])  # not the receiver, which is a part


def _last_word(node: Tree) -> str:
    *_, last = node.walk()
    return last.text


def _holds(whole: Tree, part: Tree) -> bool:
    """Tell whether an expression has another as an operand, or an operand's operand."""
    if "expression" not in whole.words and "operator" not in whole.words:
        return False
    return any(
        child.digest == part.digest or any(c.digest == part.digest for c in child.children)
        for child in whole.children
    )


def _pairs(old: list[Tree], new: list[Tree]) -> Iterator[tuple[Tree | None, Tree | None]]:
    """Pair what took each other's place, in order; what has no counterpart stands alone."""
    if len(old) == len(new) and all(_may_match(a, b) for a, b in zip(old, new, strict=True)):
        yield from zip(old, new, strict=True)
        return
    start = 0
    for a in old:
        candidates = [(similarity(a, b), -at) for at, b in enumerate(new) if at >= start
                      and a.type == b.type and a.field == b.field]  # fmt: skip
        best, at = max(candidates, default=(0.0, 0))
        if best >= _ALIKE and a.named:
            for b in new[start:-at]:
                yield None, b
            yield a, new[-at]
            start = -at + 1
        else:
            yield a, None
    for b in new[start:]:
        yield None, b


def _may_match(old: Tree, new: Tree) -> bool:
    if old.named != new.named or old.field != new.field:
        return False
    if old.size <= 3 or new.size <= 3:
        return True
    # Parts that stand in both are mostly enough to say yes, and take no counting of tokens.
    parts = {child.digest for child in old.children}
    shared = sum([child.size for child in new.children if child.digest in parts])
    return 4 * shared >= _ALIKE * (old.size + new.size) or similarity(old, new) >= _ALIKE / 2
