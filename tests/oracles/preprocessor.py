"""Where C and C++ can be compared with what a compiler sees.

They have two texts, before and after the preprocessor. tunesmith reads the one that people write, a
compiler the other.
"""

from __future__ import annotations

import re

_DIRECTIVE = re.compile(rb"(?m)^[ \t]*#[ \t]*(\w*)((?:\\\n|[^\n])*)")


def preprocessed_lines(source: bytes) -> set[int]:
    """Return the lines that hold a directive, or that one decides about; not an include guard."""
    lines: set[int] = set()
    directives = list(_DIRECTIVE.finditer(source))
    guard = [directive[1] for directive in directives[:2]] == [b"ifndef", b"define"]
    depth = -1 if guard and directives[0][2].split()[:1] == directives[1][2].split()[:1] else 0
    position = 0
    line = 1
    for directive in directives:
        first = line + source.count(b"\n", position, directive.start())
        last = first + source.count(b"\n", directive.start(), directive.end())
        lines.update(range(line if depth > 0 else first, last + 1))
        depth += {b"if": 1, b"ifdef": 1, b"ifndef": 1, b"endif": -1}.get(directive[1], 0)
        position, line = directive.end(), last
    return lines
