"""What part of the code a node is, told by its type's name: alike in every grammar."""

from __future__ import annotations

import re

from corpus.history.trees import Tree

_LONGEST_CODE = 90
_BLOCKS = {"block", "body", "statements", "compound", "suite"}
_CALLS = {"call", "invocation", "creation", "new", "command", "macro"}
_LOOPS = {"for", "while", "loop", "until", "foreach", "enhanced"}
_BRANCHES = {"if", "unless", "elif", "guard", "elsif"}
_NOTHING = re.compile(
    r"\b(?:None|null|nil|nullptr|undefined|NULL)\b|\bis_(?:none|some|null)\(|\.nil\?|\bisNull\b"
)
COMPARISONS = frozenset(
    [
        "<",
        ">",
        "<=",
        ">=",
        "==",
        "!=",
        "===",
        "!==",
        "<=>",
        "is",
        "in",
        "~=",
        "-eq",
        "-ne",
        "-lt",
        "-le",
        "-gt",
        "-ge",
    ]
)


def is_block(node: Tree) -> bool:
    """Tell whether a node holds statements."""
    return bool(node.words & _BLOCKS) or node.type in ("statement_list", "module", "then", "do")


def is_operator(node: Tree) -> bool:
    """Tell whether a node is an operator, which some grammars name and others do not."""
    return not node.children and (not node.named or "operator" in node.words)


def is_call(node: Tree) -> bool:
    """Tell whether a node calls something."""
    return bool(node.words & _CALLS) and any(is_arguments(child) for child in node.children)


def is_arguments(node: Tree) -> bool:
    """Tell whether a node holds what a call passes."""
    return node.type in ("argument_list", "arguments", "value_arguments", "call_suffix",
                         "token_tree", "function_arguments")  # fmt: skip


def is_parameters(node: Tree) -> bool:
    """Tell whether a node holds what a function takes."""
    return node.type in ("parameters", "formal_parameters", "parameter_list", "method_parameters",
                         "function_value_parameters", "function_parameters")  # fmt: skip


def is_branch(node: Tree) -> bool:
    """Tell whether a node is an ``if`` or its like."""
    return node.named and bool(node.words & _BRANCHES)


def is_loop(node: Tree) -> bool:
    """Tell whether a node is a loop."""
    return node.named and bool(node.words & _LOOPS) and "clause" not in node.words


def is_statement(node: Tree) -> bool:
    """Tell whether a node stands in a block."""
    return node.parent is not None and is_block(node.parent)


def called_and_passed(node: Tree) -> tuple[Tree, Tree] | None:
    """Return a call's name and its arguments; None for what is no such call."""
    parts = node.named_children()
    if is_call(node) and len(parts) == 2 and is_arguments(parts[1]):
        return parts[0], parts[1]
    return None


def callee(call: Tree) -> str:
    """Return what a call calls, as it is written."""
    parts = []
    for child in call.children:
        if is_arguments(child):
            break
        if child.type != "new":
            parts.append(child.text)
    return one_line("".join(parts))


def condition_of(node: Tree) -> tuple[Tree, Tree] | None:
    """Return the condition that a node is in or is, and what it is the condition of."""
    inner = node
    for outer in node.above():
        if is_block(outer) or is_block(inner):
            return None
        if is_branch(outer) or is_loop(outer) or "conditional" in outer.words:
            first = outer.named_children()[:1]
            is_condition = inner.field in ("condition", "value") or first == [inner]
            return (inner, outer) if is_condition and not is_block(inner) else None
        inner = outer
    return None


def condition(branch: Tree) -> Tree | None:
    """Return the condition of an ``if`` or a loop."""
    found = branch.child("condition")
    return found or next((c for c in branch.named_children() if not is_block(c)), None)


def checks_for_nothing(code: str) -> bool:
    """Tell whether a condition asks if there is a value."""
    return _NOTHING.search(code) is not None


def one_line(text: str) -> str:
    """Return code on one line; white space within a line stays, for it may be a string's."""
    return " ".join(filter(None, map(str.strip, text.split("\n"))))


def is_short(node: Tree) -> bool:
    """Tell whether a node's code can be shown in a sentence."""
    return len(one_line(node.text)) <= _LONGEST_CODE


def code(text: str) -> str:
    """Return code as Markdown shows it; of long code the first line."""
    short = one_line(text)
    if len(short) > _LONGEST_CODE:
        short = one_line(text.strip().partition("\n")[0])
        short = short[: _LONGEST_CODE - 2].rstrip() + " …"
    ticks = "``" if "`" in short else "`"
    padding = " " if short.startswith("`") or short.endswith("`") else ""
    return f"{ticks}{padding}{short}{padding}{ticks}"
