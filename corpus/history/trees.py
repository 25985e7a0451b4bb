"""Syntax trees of functions, without what does not matter to what they do.

Comments, docstrings, imports, commas, brackets around an expression and the kind of quotes
are left out: two functions with equal trees differ in their layout alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache, cached_property
from weakref import ref

import tree_sitter

# Languages in which both kinds of quotes mean the same, and formatters change them.
_ANY_QUOTES = {"python", "javascript", "typescript", "tsx", "lua"}
_WHOLE = ("string", "char", "template_literal", "heredoc", "regex")
_PARTS_OF_STRINGS = ("string_array", "string_start", "string_end")


class Tree:
    """A node with its text. ``digest`` is equal for equal trees, ``size`` the number of tokens."""

    __slots__ = ("__dict__", "__weakref__", "_around", "children", "digest", "field", "named",
                 "node", "size", "type")  # fmt: skip

    def __init__(self, node: tree_sitter.Node, field: str | None) -> None:
        self.node = node
        self.field = field
        self.type = node.type
        self.named = node.is_named
        self.children: list[Tree] = []
        # Weak, so that a tree is gone with its root: nothing looks for cycles while a shard runs.
        self._around: ref[Tree] | None = None
        self.digest = 0
        self.size = 1

    @property
    def parent(self) -> Tree | None:
        """The node around this one; None for the root, which must be held on to."""
        return self._around() if self._around is not None else None

    def adopt(self, child: Tree) -> None:
        """Take a node as the last child."""
        child._around = ref(self)
        self.children.append(child)

    @cached_property
    def text(self) -> str:
        """The source text, as it stands."""
        return (self.node.text or b"").decode("utf-8", "replace")

    @cached_property
    def words(self) -> frozenset[str]:
        """The words that the node's type is made of."""
        return _words(self.type)

    @cached_property
    def leaves(self) -> Counter[str]:
        """How often every token stands in it."""
        return Counter([leaf.text for leaf in self.walk() if not leaf.children])

    def walk(self) -> Iterator[Tree]:
        """Yield this node and all below, in the order of the source."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += reversed(node.children)

    def above(self) -> Iterator[Tree]:
        """Yield the nodes around this one, the nearest first."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def child(self, *fields: str) -> Tree | None:
        """Return the first child in one of these fields."""
        return next((child for child in self.children if child.field in fields), None)

    def named_children(self) -> list[Tree]:
        """Return the children that are more than punctuation."""
        return [child for child in self.children if child.named]


def similarity(one: Tree, other: Tree) -> float:
    """Return how much of two nodes' tokens is shared, from 0 to 1."""
    shared = (one.leaves & other.leaves).total()
    return 2 * shared / (one.size + other.size)


@cache
def _words(type_: str) -> frozenset[str]:
    return frozenset(type_.split("_"))


def build(node: tree_sitter.Node, language: str) -> Tree:
    """Return the tree of a function."""
    return _Builder(language).build(node, None)


class _Builder:
    def __init__(self, language: str) -> None:
        self._any_quotes = language in _ANY_QUOTES
        self._docstrings = language == "python"

    def build(self, node: tree_sitter.Node, field: str | None) -> Tree:
        while node.type == "parenthesized_expression" and node.named_child_count == 1:
            inner = node.named_child(0)
            assert inner is not None
            node = inner
        tree = Tree(node, field)
        if not _is_whole(node):
            for number, child in enumerate(node.children):
                if not self._is_noise(child, node):
                    tree.adopt(self.build(child, node.field_name_for_child(number)))
        if tree.children:
            tree.size = sum([child.size for child in tree.children])
            tree.digest = hash((tree.type, *[child.digest for child in tree.children]))
        else:
            text = node.text or b""
            if self._any_quotes and _is_whole(node):
                text = text.replace(b"'", b'"')
            tree.digest = hash((tree.type, text))
        return tree

    def _is_noise(self, node: tree_sitter.Node, parent: tree_sitter.Node) -> bool:
        type_ = node.type
        if "comment" in type_ or type_ in (",", ";", "\n") or node.is_missing:
            return True
        if "import" in type_ and node.is_named and type_ != "import":
            return True
        return (
            self._docstrings
            and type_ == "expression_statement"
            and node.child_count == 1
            and node.children[0].type == "string"
            and parent.type == "block"
        )


@cache
def _is_whole_type(type_: str) -> bool:
    return type_.startswith(_WHOLE) or type_.endswith(
        ("string", "string_literal", "literal_string")
    )


def _is_whole(node: tree_sitter.Node) -> bool:
    """Tell whether a node's text says more than its children: strings, whose text is no node."""
    return _is_whole_type(node.type) and node.type not in _PARTS_OF_STRINGS
