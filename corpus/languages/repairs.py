"""What to put, in a file that a grammar finds faulty, for what the grammar does not know.

See ``Language.repairs``.
"""

from __future__ import annotations

# What the grammar does not know: escapes in a template literal type, variance annotations, and that
# a member of a type ends at a line end, though a call signature follows.
TYPESCRIPT = (
    (rb"\\`", rb".."),
    (rb"([<,]\s*)in out (?=\w)", rb"\1       "),
    (rb"([<,]\s*)out (?=\w)", rb"\1    "),
    (rb"([<,]\s*)in (?=\w)", rb"\1   "),
    (rb"(?m)(?<![,<=(\[{/|&:?]\n)(?<!=>\n)^ (?=[ \t]*(?:<|/\*(?:[^*]|\*(?!/))*\*/\s*[(<]))", rb";"),
)

# A macro on a line of its own, as `Q_OBJECT` or `NAMESPACE_BEGIN`, is nothing that a grammar can
# know; it becomes a comment. It is left as it is where the line before or after it goes on, as in
# arguments or a sum, where a body follows, and where it may be the type of a function whose name
# begins the next line. (A line end is found faster than `^`, but not before the first line.)
C = (
    (
        rb"""(?mx)
        \n (?<! [,(=+|&\\<?] \n) ([ \t]*) [A-Z_]{2}
        (?= [A-Z0-9_]+ [ \t]*
            (?: \( [^()\n]* \) [ \t]* $
              | $ (?! \n+ (?: \w* [a-z] \w* (?: ::~?\w+)? \s* \( | \w+ \s* \( \s* \w+ [\s*]+ \w)))
            (?! \s* (?: [{(,;).?="] | :(?!:) | && | \|\| | << | -> | [-+*/][ ])))
        """,
        b"\n\\1//",
    ),
)

# The grammar's scanner takes the line after `(name.` for a dedent; after `(name` it knows
# that it is inside brackets, so the dot moves to the next line.
PYTHON = (
    (
        rb"(?m)^([^#'\"\n]*(?:\b[A-Za-z_]\w*|[\])]))\.([ \t]*\n[ \t]*)(?=[A-Za-z_])",
        rb"\1\2.",
    ),
)

# Names that the grammar takes for keywords: `in1`, and `open`, `get`, `set` as variables.
KOTLIN = (
    (rb"(?m)^([ \t]*)in(?=\d)", rb"\1_n"),
    (rb"(?<!fun )\bo(?=pen\()", rb"_"),
    (rb"(?<=va[lr] )[gos](?=(?:pen|et)\b)", rb"_"),
    (rb"\b[gs](?=et (?:[!=]?=|and|or) )", rb"_"),
    (rb"\b(and|or) [gs](?=et\b)", rb"\1 _"),
)

# What the grammar does not know: `()` as a value, and `_` as the label of a case's part.
SWIFT = (
    (rb"(?m)^([ \t]*)\(\)(?=[ \t]*$)", rb"\1_1"),
    (rb"\(\(\)\)", rb"(_1)"),
    (rb"(?<=[ (])_(?=: [A-Z\[(])", rb"a"),
)

# What the grammar does not know within `${…}`: a semicolon in what stands for a variable,
# as `${x:+$x;}`, and variables with a dollar in the arithmetic of `${x:0:$n + 1}`.
BASH = (
    (rb"(\$\{\w+:?[-+=?][^{};\n]*);", rb"\1_"),
    (rb"(\$\{\w+:(?![-+=?])[^{}$\n]*)\$(?=\w)", rb"\1_"),
)
