"""Whether a call is made whenever the code around it is run, going by how lines are indented."""

from __future__ import annotations

import re

# What begins a block that may not be run, or not now: a branch, a loop, an inner function.
_OPENS = re.compile(
    r"[}\s]*(?:async\s+)?(?:if|elif|elsif|else|unless|switch|select|match|case|when|default"
    r"|for|foreach|while|until|except|catch|rescue|def|fn|fun|func|function|class)\b"
)
_ONLY_THEN = re.compile(r"[}\s]*(?:elif|elsif|else|case|when|except|catch|rescue)\b")


def is_always_made(text: str, body: int, call: int) -> bool:
    """Tell whether a call at ``call`` is in no branch, loop or inner function of a body.

    ``body`` is where the body's lines begin.
    """
    *above, line = text[body:call].split("\n")
    if _ONLY_THEN.match(line):
        return False
    outermost = _indent(line)
    for line in reversed(above):
        if line.strip(" \t{") and _indent(line) < outermost:
            outermost = _indent(line)
            if _OPENS.match(line):
                return False
    return True


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
