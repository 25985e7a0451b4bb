"""Syntax trees of functions, without what does not matter to what they do.

Comments, docstrings, imports, commas, brackets around an expression and the kind of quotes
are left out: two functions with equal trees differ in their layout alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from weakref import ref

import tree_sitter

# Languages in which both kinds of quotes mean the same, and formatters change them.
_ANY_QUOTES = {"python", "javascript", "typescript", "tsx", "lua"}
_WHOLE = ("string", "char", "template_literal", "heredoc", "regex")
_PARTS_OF_STRINGS = ("string_array", "string_start", "string_end")
_MOST_KNOWN = 20_000
# Levels below a node: as deep as Python's own stack takes for sure. What was met before needs none
# of it, and must not decide what is compared.
_DEEPEST = 200


class Tree:
    """A node with its text. ``digest`` is equal for equal trees, ``size`` the number of tokens.

    The children of a node like one that was met before are made when they are first asked for.
    """

    __slots__ = ("__weakref__", "_around", "_builder", "_known", "children", "digest", "field",
                 "leaves", "named", "node", "size", "text", "type")  # fmt: skip
    children: list[Tree]
    text: str
    leaves: Counter[str]

    def __init__(self, node: tree_sitter.Node, field: str | None, builder: _Builder) -> None:
        self.node = node
        self.field = field
        self.type = node.type
        self.named = node.is_named
        # Weak, so that a tree is gone with its root: nothing looks for cycles while a shard runs.
        self._around: ref[Tree] | None = None
        self._builder = builder
        self._known: _Known | None = None
        self.digest = 0
        self.size = 1

    def __getattr__(self, name: str) -> Any:
        """Make what is asked for the first time; most is never asked of most nodes.

        ``text`` is the source as it stands, ``leaves`` how often every token stands in it.
        """
        if name == "children":
            self._builder.open(self)
            return self.children
        if name == "text":
            self.text = (self.node.text or b"").decode("utf-8", "replace")
            return self.text
        if name == "leaves":
            self.leaves = Counter(self.tokens())
            return self.leaves
        raise AttributeError(name)

    def tokens(self) -> list[str]:
        """Return the tokens in the order of the source."""
        known = self._known
        if known is None:
            return [self.text]
        if known.tokens is None:
            known.tokens = [token for child in self.children for token in child.tokens()]
            known.tokens = known.tokens or [self.text]
        return known.tokens

    @property
    def parent(self) -> Tree | None:
        """The node around this one; None for the root, which must be held on to."""
        return self._around() if self._around is not None else None

    def adopt(self, child: Tree) -> None:
        """Take a node as the last child."""
        child._around = ref(self)
        self.children.append(child)

    @property
    def words(self) -> frozenset[str]:
        """The words that the node's type is made of."""
        return _words(self.type)

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
def _builder(language: str) -> _Builder:
    return _Builder(language)


@cache
def _words(type_: str) -> frozenset[str]:
    return frozenset(type_.split("_"))


def build(node: tree_sitter.Node, language: str) -> Tree:
    """Return the tree of a function. Raises RecursionError where it is too deep to be compared."""
    return _builder(language).build(node, None)


@dataclass(slots=True)
class _Known:
    """What all nodes of one type and text have in common."""

    digest: int
    size: int
    depth: int
    tokens: list[str] | None = None


class _Builder:
    """Builds trees of one language. Commit by commit a function's code is mostly what it was."""

    def __init__(self, language: str) -> None:
        self._any_quotes = language in _ANY_QUOTES
        self._docstrings = language == "python"
        self._known: dict[tuple[str, bytes], _Known] = {}

    def build(self, node: tree_sitter.Node, field: str | None) -> Tree:
        while node.type == "parenthesized_expression":
            inner = [child for child in node.named_children if "comment" not in child.type]
            if len(inner) != 1:
                break
            node = inner[0]
        tree = Tree(node, field, self)
        text = node.text or b""
        if not node.child_count or _is_whole(node):
            if self._any_quotes and _is_whole(node):
                text = text.replace(b"'", b'"')
            tree.children = []
            tree.digest = hash((tree.type, text))
            return tree
        known = self._known.get((tree.type, text))
        if known is None:
            self.open(tree)
            size = sum([child.size for child in tree.children]) or 1
            depth = 1 + max([c._known.depth if c._known else 0 for c in tree.children], default=0)
            known = _Known(self._digest(tree, text), size, depth)
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[tree.type, text] = known
        if known.depth > _DEEPEST:
            raise RecursionError(f"{known.depth} levels")
        tree._known, tree.digest, tree.size = known, known.digest, known.size
        return tree

    def open(self, tree: Tree) -> None:
        """Make the children of a node."""
        node = tree.node
        tree.children = []
        for number, child in enumerate(node.children):
            if not self._is_noise(child, node):
                tree.adopt(self.build(child, node.field_name_for_child(number)))

    def _digest(self, tree: Tree, text: bytes) -> int:
        parts: list[int | bytes] = [child.digest for child in tree.children]
        return hash((tree.type, *(parts or [text])))

    def _is_noise(self, node: tree_sitter.Node, parent: tree_sitter.Node) -> bool:
        type_ = node.type
        if "comment" in type_ or type_ in _LAYOUT or node.is_missing:
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


_LAYOUT = frozenset([",", ";", "\n", "line_continuation"])


@cache
def _is_whole_type(type_: str) -> bool:
    return type_.startswith(_WHOLE) or type_.endswith(
        ("string", "string_literal", "literal_string")
    )


def _is_whole(node: tree_sitter.Node) -> bool:
    """Tell whether a node's text says more than its children: strings, whose text is no node."""
    return _is_whole_type(node.type) and node.type not in _PARTS_OF_STRINGS
