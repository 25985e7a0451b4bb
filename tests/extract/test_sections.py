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
        Sections("tags", "Adds.", "", [Item("$a", "int", "one")], [Item("", "", "int the sum")]),
        id="phpdoc",
    ),
]


@pytest.mark.parametrize(("language", "doc", "expected"), CASES)
def test_parse_sections(language: str, doc: str, expected: Sections) -> None:
    assert parse_sections(doc, LANGUAGES[language]) == expected
