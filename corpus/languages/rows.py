"""The rows of the registry."""

from __future__ import annotations

from corpus.languages.registry import Language

_JAVASCRIPT_TESTS = r"/(__tests__|tests?|specs?|e2e)/|[.-](test|spec)\.[cm]?[jt]sx?$"
# `exports.f = …` is f, `Stack.prototype.push = …` is Stack.push; what an expression gives has no
# name of its own.
_JAVASCRIPT_NOISE = r"^(module\.exports|exports|this)\b|\.prototype\b"
# What the grammar does not know: escapes in a template literal type, variance annotations, and that
# a member of a type ends at a line end, though a call signature follows.
_TYPESCRIPT_REPAIRS = (
    (rb"\\`", rb".."),
    (rb"([<,]\s*)in out (?=\w)", rb"\1       "),
    (rb"([<,]\s*)out (?=\w)", rb"\1    "),
    (rb"([<,]\s*)in (?=\w)", rb"\1   "),
    (rb"(?m)(?<![,<=(\[{/|&:?]\n)(?<!=>\n)^ (?=[ \t]*(?:<|/\*(?:[^*]|\*(?!/))*\*/\s*[(<]))", rb";"),
)
# A macro on a line of its own, as `Q_OBJECT` or `NAMESPACE_BEGIN`, is nothing that a grammar can
# know; it becomes a comment. One with arguments and a body after it may be a function.
_C_REPAIRS = (
    (
        rb"(?m)^([ \t]*)[A-Z_]{2}(?=[A-Z0-9_]+[ \t]*(?:\([^()\n]*\)[ \t]*)?$)(?![^\n]*\n?\s*\{)",
        rb"\1//",
    ),
)
_DOXYGEN = (b"/**", b"/*!", b"///", b"//!")

ROWS = (
    Language(
        name="python",
        grammar="tree_sitter_python:language",
        extensions=(".py", ".pyi", ".pyw"),
        line_comment="#",
        doc_markup="rest",
        constructors=("__init__", "__new__"),
        # The grammar's scanner takes the line after `(name.` for a dedent; after `(name` it knows
        # that it is inside brackets, so the dot moves to the next line.
        repairs=(
            (
                rb"(?m)^([^#'\"\n]*(?:\b[A-Za-z_]\w*|[\])]))\.([ \t]*\n[ \t]*)(?=[A-Za-z_])",
                rb"\1\2.",
            ),
        ),
        test_paths=r"/tests?/|/test_[^/]*$|_test\.py$|/conftest\.py$",
        test_header=r"(?m)^(async )?def test_",
    ),
    Language(
        name="javascript",
        grammar="tree_sitter_javascript:language",
        extensions=(".js", ".jsx", ".mjs", ".cjs"),
        queries=("ecmascript", "javascript"),
        line_comment="//",
        path_noise=_JAVASCRIPT_NOISE,
        doc_openers=(b"/**",),
        doc_markup="html",
        constructors=("constructor",),
        test_paths=_JAVASCRIPT_TESTS,
    ),
    Language(
        name="typescript",
        grammar="tree_sitter_typescript:language_typescript",
        extensions=(".ts", ".mts", ".cts"),
        queries=("ecmascript", "typescript"),
        repairs=_TYPESCRIPT_REPAIRS,
        line_comment="//",
        path_noise=_JAVASCRIPT_NOISE,
        doc_openers=(b"/**",),
        doc_markup="html",
        constructors=("constructor",),
        test_paths=_JAVASCRIPT_TESTS,
    ),
    Language(
        name="tsx",
        grammar="tree_sitter_typescript:language_tsx",
        extensions=(".tsx",),
        queries=("ecmascript", "typescript"),
        repairs=_TYPESCRIPT_REPAIRS,
        line_comment="//",
        path_noise=_JAVASCRIPT_NOISE,
        doc_openers=(b"/**",),
        doc_markup="html",
        constructors=("constructor",),
        test_paths=_JAVASCRIPT_TESTS,
    ),
    Language(
        name="go",
        grammar="tree_sitter_go:language",
        extensions=(".go",),
        line_comment="//",
        doc_openers=(b"//", b"/*"),
        doc_exceptions=(),
        blank_line_ends_doc=True,
        doc_keeps_stars=True,
        # https://pkg.go.dev/go/ast#CommentGroup.Text drops these, as `//go:noinline`.
        doc_directive=r"//(line |extern |export |[a-z0-9]+:[a-z0-9])",
        test_paths=r"_test\.go$",
    ),
    Language(
        name="java",
        grammar="tree_sitter_java:language",
        extensions=(".java",),
        line_comment="//",
        doc_openers=(b"/**",),
        doc_exceptions=(b"/**/",),
        doc_unicode_escapes=True,  # Java Language Specification 3.3: everywhere, comments too
        doc_markup="html",
        test_paths=r"/src/(test|[a-zA-Z]*Test)/|/[^/]*(Tests?|IT|TestCase)\.java$",
        test_header=r"@(Test|ParameterizedTest|RepeatedTest|TestFactory)\b",
    ),
    Language(
        name="rust",
        grammar="tree_sitter_rust:language",
        extensions=(".rs",),
        line_comment="//",
        doc_openers=(b"///", b"/**"),
        doc_attribute=rb'(?s)#\[doc\s*=\s*r?#*"(?P<doc>.*)"#*\s*\]',
        doc_markup="markdown",
        test_paths=r"/(tests|benches)/",
        test_header=r"#\[([a-z_]+::)*test\b",
    ),
    Language(
        name="c",
        grammar="tree_sitter_c:language",
        extensions=(".c", ".h"),
        line_comment="//",
        repairs=_C_REPAIRS,
        doc_openers=_DOXYGEN,
        doc_markup="html",
        test_paths=r"/tests?/|[_-]tests?\.c$|/test_[^/]*$",
    ),
    Language(
        name="cpp",
        grammar="tree_sitter_cpp:language",
        extensions=(".cpp", ".cc", ".cxx", ".c++", ".hpp", ".hh", ".hxx", ".h++", ".ipp", ".inl"),
        queries=("c", "cpp"),
        line_comment="//",
        path_noise=r"(?<!operator)\s*\(.*",  # the parameters that a conversion operator has
        repairs=_C_REPAIRS,
        doc_openers=_DOXYGEN,
        doc_markup="html",
        test_paths=r"/(unit)?tests?/|[_-](unit)?tests?\.(cc|cpp|cxx)$|/test_[^/]*$",
    ),
    Language(
        name="csharp",
        grammar="tree_sitter_c_sharp:language",
        extensions=(".cs",),
        line_comment="//",
        doc_openers=(b"///", b"/**"),
        doc_markup="xml",
        test_paths=r"/[^/]*\.?(Unit|Integration)?Tests?/|/[^/]*Tests?\.cs$",
        test_header=r"\[(\w+\.)*(Fact|Theory|Test|TestCase|TestMethod|DataTestMethod)\b",
    ),
    Language(
        name="ruby",
        grammar="tree_sitter_ruby:language",
        extensions=(".rb", ".rake", ".gemspec"),
        line_comment="#",
        path_noise=r"^self\b",
        doc_openers=(b"#", b"=begin"),
        doc_exceptions=(b"#!",),
        blank_line_ends_doc=True,
        doc_directive=r"# *(rubocop:|frozen_string_literal:|encoding:|-\*-|typed:|:(no)?doc:|@!)",
        constructors=("initialize",),
        doc_markup="html",
        test_paths=r"/(tests?|specs?)/|_(test|spec)\.rb$|/test_[^/]*$",
    ),
    Language(
        name="php",
        grammar="tree_sitter_php:language_php",
        extensions=(".php", ".phtml", ".inc"),
        line_comment="//",
        doc_openers=(b"/**",),
        doc_markup="html",
        doc_bare_types=True,
        constructors=("__construct",),
        test_paths=r"/[Tt]ests?/|Test\.php$",
        test_header=r"#\[Test\b|function test[A-Z_]",
    ),
    Language(
        name="kotlin",
        grammar="tree_sitter_kotlin:language",
        extensions=(".kt", ".kts"),
        line_comment="//",
        doc_openers=(b"/**",),
        doc_markup="html",
        # Names that the grammar takes for keywords: `in1`, and `open`, `get`, `set` as variables.
        repairs=(
            (rb"(?m)^([ \t]*)in(?=\d)", rb"\1_n"),
            (rb"(?<!fun )\bo(?=pen\()", rb"_"),
            (rb"(?<=va[lr] )[gos](?=(?:pen|et)\b)", rb"_"),
            (rb"\b[gs](?=et (?:[!=]?=|and|or) )", rb"_"),
            (rb"\b(and|or) [gs](?=et\b)", rb"\1 _"),
        ),
        test_paths=r"/src/(test|[a-zA-Z]*Test)/|/[^/]*(Tests?|IT|Spec)\.kt$",
        test_header=r"@(Test|ParameterizedTest|RepeatedTest|TestFactory)\b",
    ),
    Language(
        name="scala",
        grammar="tree_sitter_scala:language",
        extensions=(".scala", ".sc"),
        line_comment="//",
        doc_openers=(b"/**",),
        doc_markup="html",
        constructors=("this",),
        test_paths=r"/src/(test|it)/|/[^/]*(Test|Spec|Suite)\.scala$",
        test_header=r"@Test\b",
    ),
    Language(
        name="swift",
        grammar="tree_sitter_swift:language",
        extensions=(".swift",),
        line_comment="//",
        doc_openers=(b"///", b"/**"),
        doc_markup="markdown",
        constructors=("init",),
        # What the grammar does not know: `()` as a value, and `_` as the label of a case's part.
        repairs=(
            (rb"(?m)^([ \t]*)\(\)(?=[ \t]*$)", rb"\1_1"),
            (rb"\(\(\)\)", rb"(_1)"),
            (rb"(?<=[ (])_(?=: [A-Z\[(])", rb"a"),
        ),
        test_paths=r"/[^/]*Tests/|Tests?\.swift$",
        test_header=r"@Test\b|func test[A-Z_]",
    ),
    Language(
        name="bash",
        grammar="tree_sitter_bash:language",
        extensions=(".sh", ".bash", ".bats"),
        line_comment="#",
        doc_openers=(b"#",),
        doc_exceptions=(b"#!",),
        blank_line_ends_doc=True,
        doc_directive=r"# *shellcheck ",
        # What the grammar does not know within `${…}`: a semicolon in what stands for a variable,
        # as `${x:+$x;}`, and variables with a dollar in the arithmetic of `${x:0:$n + 1}`.
        repairs=(
            (rb"(\$\{\w+:?[-+=?][^{};\n]*);", rb"\1_"),
            (rb"(\$\{\w+:(?![-+=?])[^{}$\n]*)\$(?=\w)", rb"\1_"),
        ),
        test_paths=r"/tests?/|\.bats$|[_-]test\.(ba)?sh$|/test[_-][^/]*$",
    ),
    Language(
        name="lua",
        grammar="tree_sitter_lua:language",
        extensions=(".lua",),
        line_comment="--",
        doc_openers=(b"---", b"--[[-", b"--[=[-"),
        doc_exceptions=(),
        doc_continuation=b"--",
        doc_markup="html",
        test_paths=r"/(tests?|specs?)/|_(test|spec)\.lua$|/test_[^/]*$",
    ),
)
