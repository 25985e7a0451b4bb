"""Mutation operators over syntax trees, the same for every language.

Grammars agree on the tokens of operators, and name the nodes around them alike: an operator is
told by its text and by a parent whose type says that it is an expression. What a language spells in
its own way stands in ``_WORDS``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import tree_sitter

from corpus.ids import content_id
from corpus.languages import LANGUAGES


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault: the bytes ``start`` to ``end`` of a function's code give way to others."""

    operator: str
    start: int
    end: int
    replacement: str
    line: int

    def id(self, function_id: str) -> str:
        """Return what stands for this fault in this function."""
        return content_id(function_id, self.operator, str(self.start), self.replacement)

    def apply(self, code: str) -> str:
        """Return the code with the fault in it."""
        source = code.encode()
        return (source[: self.start] + self.replacement.encode() + source[self.end :]).decode()


_SWAPS = {
    "comparison": {"==": "!=", "!=": "==", "===": "!==", "!==": "===", "in": "not in",
                   "is": "is not", "not in": "in", "is not": "is"},
    "off_by_one": {"<": "<=", "<=": "<", ">": ">=", ">=": ">"},
    "boolean": {"and": "or", "or": "and", "&&": "||", "||": "&&"},
    "arithmetic": {"+": "-", "-": "+", "*": "/", "/": "*", "//": "*", "%": "*", "<<": ">>",
                   "+=": "-=", "-=": "+="},
}  # fmt: skip
_EXPRESSION = re.compile(r"binary|comparison|boolean_operator|infix|logical|additive|multiplicative"
                         r"|conjunction|disjunction|equality|augmented|^expression$")  # fmt: skip
_NUMBER = re.compile(r"^(integer|int|number|number_literal|int_literal|integer_literal"
                     r"|decimal_integer_literal)$")  # fmt: skip
_FLIPS = {"True": "False", "False": "True", "true": "false", "false": "true"}
_ARGUMENTS = re.compile(r"^(arguments|argument_list|value_arguments)$")
_EXCEPTIONS = {"ValueError": "TypeError", "TypeError": "ValueError", "KeyError": "IndexError",
               "IndexError": "KeyError", "AttributeError": "LookupError",
               "IllegalArgumentException": "IllegalStateException",
               "IllegalStateException": "IllegalArgumentException",
               "RangeError": "TypeError", "ArgumentError": "TypeError"}  # fmt: skip
# How a language says nothing, no statement, and not.
_WORDS = {"python": ("None", "pass", "not "), "ruby": ("nil", "nil", "!"),
          "lua": ("nil", "", "not "), "go": ("", "", "!")}  # fmt: skip
_OTHERS = ("null", "", "!")

_Found = Iterator[tuple[str, tree_sitter.Node, str]]


def mutants(language: str, code: str) -> list[Mutant]:
    """Return the faults that leave a function's code as well-formed as it was, in their order."""
    parser = _parser(language)
    source = code.encode()
    tree = parser.parse(source)
    faults = _faults(tree.root_node)
    found = []
    for node in _walk(tree.root_node):
        for operate in _OPERATORS:
            for operator, at, replacement in operate(language, node):
                start = at.start_byte if replacement else _before(source, at.start_byte)
                mutant = Mutant(operator, start, at.end_byte, replacement, at.start_point.row)
                if _faults(parser.parse(mutant.apply(code).encode()).root_node) <= faults:
                    found.append(mutant)
    return found


@cache
def _parser(language: str) -> tree_sitter.Parser:
    return tree_sitter.Parser(LANGUAGES[language].load_grammar())


def _before(source: bytes, at: int) -> int:
    """Return where the line begins, its line end included, if all before ``at`` is indent."""
    line = source.rfind(b"\n", 0, at)
    return line if line >= 0 and not source[line:at].strip() else at


def _faults(node: tree_sitter.Node) -> int:
    """Count what the parser could make nothing of."""
    if not node.has_error:
        return 0
    return sum(n.is_error or n.is_missing for n in _walk(node))


def _walk(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(node.children))


def _swapped_tokens(language: str, node: tree_sitter.Node) -> _Found:
    if node.parent is not None and not node.children and _EXPRESSION.search(node.parent.type):
        text = (node.text or b"").decode("utf-8", "replace")
        for operator, swaps in _SWAPS.items():
            if text in swaps and node.type == text:
                yield operator, node, swaps[text]


def _constants(language: str, node: tree_sitter.Node) -> _Found:
    text = (node.text or b"").decode("utf-8", "replace")
    if node.children:
        return
    if _NUMBER.match(node.type) and text.isdigit():
        yield "constant", node, str(int(text) + 1)
    elif text in _FLIPS:
        yield "constant", node, _FLIPS[text]


def _negated(language: str, node: tree_sitter.Node) -> _Found:
    if re.match(r"(if|elif|while)(_statement|_expression|_clause)?$", node.type):
        condition = node.child_by_field_name("condition")
        if condition is not None:
            inner = (condition.text or b"").decode("utf-8", "replace")
            word = _WORDS.get(language, _OTHERS)[2]
            inner = inner if inner.startswith("(") and inner.endswith(")") else f"({inner})"
            whole = f"{word}{inner}"
            yield "negated_condition", condition, f"({whole})" if word == "!" else whole


def _removed(language: str, node: tree_sitter.Node) -> _Found:
    if node.type != "expression_statement" or not node.named_children:
        return
    inside = node.named_children[0].type
    alone = node.parent is None or len(node.parent.named_children) == 1
    nothing = _WORDS.get(language, _OTHERS)[1] if alone else ""
    if "assignment" in inside:
        yield "removed_assignment", node, nothing
    elif "call" in inside or "invocation" in inside or inside == "await":
        yield "removed_call", node, nothing


def _arguments(language: str, node: tree_sitter.Node) -> _Found:
    given = [child for child in node.named_children if child.type != "comment"]
    if not _ARGUMENTS.match(node.type) or len(given) < 2 or "keyword" in given[1].type:
        return
    first, second = ((child.text or b"").decode("utf-8", "replace") for child in given[:2])
    if first != second and "splat" not in given[0].type + given[1].type:
        text = (node.text or b"").decode("utf-8", "replace")
        between = text[given[0].end_byte - node.start_byte : given[1].start_byte - node.start_byte]
        rest = text[given[1].end_byte - node.start_byte :]
        if len(text.encode()) == len(text):
            yield "swapped_arguments", node, text[0] + second + between + first + rest


def _returned(language: str, node: tree_sitter.Node) -> _Found:
    if node.type in ("return_statement", "return_expression") and node.named_children:
        value = node.named_children[0]
        nothing = _WORDS.get(language, _OTHERS)[0]
        if nothing and (value.text or b"").decode("utf-8", "replace") != nothing:
            yield "early_return", value, nothing


def _exceptions(language: str, node: tree_sitter.Node) -> _Found:
    text = (node.text or b"").decode("utf-8", "replace")
    if not node.children and text in _EXCEPTIONS:
        above = node.parent
        while above is not None and above.type not in ("block", "statement_block"):
            if above.type in ("raise_statement", "throw_statement"):
                yield "wrong_exception", node, _EXCEPTIONS[text]
                return
            above = above.parent


_OPERATORS: tuple[Callable[[str, tree_sitter.Node], _Found], ...] = (
    _swapped_tokens, _constants, _negated, _removed, _arguments, _returned, _exceptions,
)  # fmt: skip
