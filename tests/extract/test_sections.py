"""Docs taken apart, one per format."""

from __future__ import annotations

import pytest

from corpus.extract.sections import Item, Sections, parse_sections
from corpus.languages import LANGUAGES

CASES = [
    pytest.param(
        "go",
        "Plain text has a summary.\n\nAnd a description.",
        Sections("plain", "Plain text has a summary.", "And a description."),
        id="plain",
    ),
    pytest.param(
        "python",
        "Add two\nnumbers.\nSlowly.\n\nWith care.\n\n:param a: one",
        Sections("rest", "Add two\nnumbers.\nSlowly.", "With care.", [Item("a", "", "one")]),
        id="a summary is a paragraph",
    ),
    pytest.param(
        "python",
        "Add.\n\nArgs:\n    a (int): one\n\nReturns:\n    int: the sum\n\nRaises:\n    E: never",
        Sections(
            "google",
            "Add.",
            "",
            [Item("a", "int", "one")],
            [Item("", "int", "the sum")],
            [Item("E", "", "never")],
        ),
        id="google",
    ),
    pytest.param(
        "python",
        "Add.\n\nParameters\n----------\na : int\n    one",
        Sections("numpydoc", "Add.", "", [Item("a", "int", "one")]),
        id="numpydoc",
    ),
    pytest.param(
        "python",
        "Add :class:`~x.Y`.\n\n:param int a: ``one``\n:raises E: never",
        Sections("rest", "Add `Y`.", "", [Item("a", "int", "`one`")], [], [Item("E", "", "never")]),
        id="rest",
    ),
    pytest.param(
        "java",
        "Adds {@code a}, see {@link Foo#bar() bar}.\n<p>More.\n@param a one\n@throws E never",
        Sections(
            "tags",
            "Adds `a`, see bar.\n\nMore.",
            "",
            [Item("a", "", "one")],
            [],
            [Item("E", "", "never")],
        ),
        id="javadoc",
    ),
    pytest.param(
        "typescript",
        "Adds.\n\n@param {number} [a=1] - one\n@returns {number} the sum",
        Sections(
            "tags", "Adds.", "", [Item("a", "number", "one")], [Item("", "number", "the sum")]
        ),
        id="jsdoc",
    ),
    pytest.param(
        "cpp",
        "\\brief Adds.\n\nIn detail.\n\\param[in] a one\n\\return the sum",
        Sections("tags", "Adds.", "In detail.", [Item("a", "", "one")], [Item("", "", "the sum")]),
        id="doxygen",
    ),
    pytest.param(
        "ruby",
        "Adds.\n@param a [Integer] one\n@return [Integer] the sum\n@raise [E] never",
        Sections(
            "tags",
            "Adds.",
            "",
            [Item("a", "Integer", "one")],
            [Item("", "Integer", "the sum")],
            [Item("E", "", "never")],
        ),
        id="yard",
    ),
    pytest.param(
        "csharp",
        '<summary>\nAdds <c>a</c> to <see cref="T:X.Y"/>.\n</summary>\n'
        '<param name="a">one</param>\n<returns>the sum</returns>\n'
        '<exception cref="E">never</exception>',
        Sections(
            "xml",
            "Adds `a` to `X.Y`.",
            "",
            [Item("a", "", "one")],
            [Item("", "", "the sum")],
            [Item("E", "", "never")],
        ),
        id="xml",
    ),
    pytest.param(
        "php",
        "Adds.\n@param int $a one\n@return int the sum",
        Sections("tags", "Adds.", "", [Item("$a", "int", "one")], [Item("", "int", "the sum")]),
        id="phpdoc",
    ),
    pytest.param(
        "php",
        "Adds.\n@param array<string, mixed>|null  $a  one\n@param callable(int): bool $b two\n"
        "@return \\App\\Sum[]|null the sum\n@return $this",
        Sections(
            "tags",
            "Adds.",
            "",
            [
                Item("$a", "array<string, mixed>|null", "one"),
                Item("$b", "callable(int): bool", "two"),
            ],
            [Item("", "\\App\\Sum[]|null", "the sum"), Item("", "$this", "")],
        ),
        id="phpdoc types",
    ),
    pytest.param(
        "swift",
        "Adds `a<b>`.\n\nMore & more.\n\n- Parameters:\n  - a: one\n    and on\n  - b: two\n"
        "- Parameter c: three\n- Returns: the sum\n- Throws: never\n- other: no field",
        Sections(
            "markdown",
            "Adds `a<b>`.",
            "More & more.\n\n- other: no field",
            [Item("a", "", "one and on"), Item("b", "", "two"), Item("c", "", "three")],
            [Item("", "", "the sum")],
            [Item("", "", "never")],
        ),
        id="swift",
    ),
    pytest.param(
        "rust",
        "Adds.\n\n# Examples:\n\n```\n# use x;\nadd(1)\n```\n\nor\n\n# Panics\n\nNever.",
        Sections(
            "markdown",
            "Adds.",
            "# Panics\n\nNever.",
            examples=["```\n# use x;\nadd(1)\n```\n\nor"],
        ),
        id="rustdoc",
    ),
    pytest.param(
        "rust",
        'Adds [`a`] to [the sum], see [`B::c`][c] and [d](e#f).\n\n<div class="warning">\n\n'
        "**NOTE:** [x] is a[1][2].\n\n</div>\n\n```\n[x]: 1\n```\n\n"
        "[the sum]: Sum\n[c]: crate::B::c()",
        Sections(
            "plain",
            "Adds `a` to the sum, see `B::c` and [d](e#f).",
            "**NOTE:** [x] is a[1][2].\n\n```\n[x]: 1\n```",
        ),
        id="links of rustdoc",
    ),
    pytest.param(
        "go",
        "Bind reads [addr] for [*http.Server] and [Close], e.g.:\n\n"
        "\tbind <a> [{\n\t    b\n\n\t}]\n\n"
        "It does:\n  - one\n  - two\n\nSee [RFC 1], and a[Name].\n\n[RFC 1]: https://x.org/1",
        Sections(
            "plain",
            "Bind reads [addr] for `*http.Server` and `Close`, e.g.:",
            "```\nbind <a> [{\n    b\n\n}]\n```\n\n"
            "It does:\n  - one\n  - two\n\nSee RFC 1, and a[Name].",
        ),
        id="go",
    ),
    pytest.param(
        "python",
        "Add.\n\nExamples\n--------\n>>> add(1)\n1\n\nAnd two:\n\n>>> add(2)\n2",
        Sections("numpydoc", "Add.", examples=[">>> add(1)\n1\n\nAnd two:", ">>> add(2)\n2"]),
        id="numpydoc examples",
    ),
    pytest.param(
        "python",
        "Add.\n\nExample:\n    >>> add(1)\n    1\n\n    >>> add(2)\n",
        Sections("google", "Add.", examples=[">>> add(1)\n1\n\n>>> add(2)"]),
        id="google examples",
    ),
    pytest.param(
        "python",
        "Add.\n\nExample::\n\n    add(1)\n\n    add(2)\n\n:param a: one",
        Sections("rest", "Add.", "", [Item("a", "", "one")], examples=["add(1)\n\nadd(2)"]),
        id="rest examples",
    ),
    pytest.param(
        "python",
        "Add.\n\n.. rubric:: Examples\n\n>>> add(1)\n1\n\nMore.",
        Sections("plain", "Add.", "More.", examples=[">>> add(1)\n1"]),
        id="rest doctest",
    ),
    pytest.param(
        "python",
        "Add.\n\nAs in::\n\n    add(1)\n\n    add(2)\n\nMore.\n.. note:: Careful\n    with it.\n"
        ".. math:: x = 1",
        Sections(
            "plain",
            "Add.",
            "As in:\n\n```\nadd(1)\n\nadd(2)\n```\n\nMore.\n\nNote: Careful with it.\n\n"
            ".. math:: x = 1",
        ),
        id="rest blocks",
    ),
    pytest.param(
        "python",
        "Add.\n\n:param a: one\n    more\n:returns: the sum\n\n.. versionadded:: 8.0\n\n"
        ".. versionchanged:: 8.1  Takes\n    ``a``.\n\n.. code-block:: python\n    :linenos:\n\n"
        "    add(1)\n",
        Sections(
            "rest",
            "Add.",
            "Added in version 8.0.\n\nChanged in version 8.1: Takes `a`.\n\n```python\nadd(1)\n```",
            [Item("a", "", "one\nmore")],
            [Item("", "", "the sum")],
        ),
        id="rest directives behind fields",
    ),
    pytest.param(
        "python",
        "Add.\n\nSee::\n\n    ```no fence```\n\n.. deprecated::",
        Sections("plain", "Add.", "See::\n\n    ```no fence```\n\n.. deprecated::"),
        id="rest blocks that have no form",
    ),
    pytest.param(
        "java",
        "Adds:\n\n<pre>{@code\n  @A\n  add(List<B>);\n}</pre>\nMore.\n@return &lt;sum&gt; &param",
        Sections(
            "tags",
            "Adds:",
            "```\n@A\nadd(List<B>);\n```\n\nMore.",
            [],
            [Item("", "", "<sum> &param")],
            examples=["@A\nadd(List<B>);"],
        ),
        id="javadoc code",
    ),
    pytest.param(
        "java",
        "Gives {@code Map<B, {@link X}>} or <code>a &lt; <b>b</b></code>, "
        "{@literal <i>} <i>here</i>.",
        Sections("plain", "Gives `Map<B, {@link X}>` or `a < b`, <i> here."),
        id="javadoc inline code",
    ),
    pytest.param(
        "javascript",
        "Adds.\n@example <caption>One</caption>\n  add(1);\n    // deeper\n"
        "@example\nadd(2)\n@returns x",
        Sections(
            "tags",
            "Adds.",
            "",
            [],
            [Item("", "", "x")],
            examples=["One\n  add(1);\n    // deeper", "add(2)"],
        ),
        id="jsdoc examples",
    ),
    pytest.param(
        "c",
        "Adds.\n\nSo:\n\\code{.c}\n  add(1);\n\\endcode\nMore.\n\\return x",
        Sections(
            "tags",
            "Adds.",
            "So:\n```\nadd(1);\n```\nMore.",
            [],
            [Item("", "", "x")],
            examples=["add(1);"],
        ),
        id="doxygen code",
    ),
    pytest.param(
        "csharp",
        "<summary>Adds.</summary>\n<example>\nSo:\n<code>\nAdd(a &lt; 1);\n</code>\n</example>",
        Sections("xml", "Adds.", examples=["So:\n\nAdd(a < 1);"]),
        id="xml example",
    ),
]


@pytest.mark.parametrize(("language", "doc", "expected"), CASES)
def test_parse_sections(language: str, doc: str, expected: Sections) -> None:
    assert parse_sections(doc, LANGUAGES[language]) == expected
