"""By what tests and fixtures are told: the conventions of test frameworks.

They hardly clash, so one pattern serves all languages.
"""

from __future__ import annotations

import re

from corpus.languages import Language

_TEST_NAME = re.compile(r"^[Tt]est(?![a-z])|_test$")
_FIXTURE_MARK = re.compile(r"@(pytest\.|pytest_asyncio\.)?fixture\b|#\[(rstest::)?fixture\]")


def is_test(language: Language, name: str, signature: str, *, in_tests: bool) -> bool:
    """Tell whether a function is a test; ``in_tests`` if its file is test code by its path."""
    by_name = in_tests and _TEST_NAME.search(name)
    by_mark = language.is_test_header(signature) and (in_tests or not _by_name_only(language))
    return bool(by_name or by_mark) and not is_fixture(signature)


def is_fixture(signature: str) -> bool:
    """Tell whether a function is marked as one that makes something for tests."""
    return bool(_FIXTURE_MARK.search(signature))


def _by_name_only(language: Language) -> bool:
    """Tell whether a language's tests are told by their names: anything can be called so."""
    return language.test_header is not None and "test_" in language.test_header
