"""Which licence a file is under: what its header says, else the nearest licence file above it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache

from license_expression import ExpressionError, LicenseExpression, Licensing, get_spdx_licensing

from corpus.errors import UsageError
from corpus.safety.policy import Licenses

LICENSE_FILE = re.compile(
    r"(?i)(?:un)?licen[cs]e(?:[-_.](?:mit|apache|bsd|gpl|lgpl|agpl|mpl|isc|zlib)[\w.-]*)?"
    r"(?:\.(?:txt|md|rst|adoc))?|copying(?:\.lesser)?(?:\.(?:txt|md))?"
)
LARGEST_LICENSE_FILE = 200_000
_HEADER_BYTES = 4_000
_TAG = re.compile(
    rb"SPDX-License-Identifier:[ \t]*([\w.+()-]+(?:[ \t]+(?:AND|OR|WITH)[ \t]+[\w.+()-]+)*)"
)
# What the usual headers say, where they don't say it in SPDX. A header names a licence; it is not
# its text, which the classifier knows.
_NOTICES = (
    (re.compile(rb"licensed under the apache license,? version 2\.0"), "Apache-2.0"),
    (
        re.compile(rb"mozilla public license, v\. 2\.0|mozilla public license version 2\.0"),
        "MPL-2.0",
    ),
    (re.compile(rb"eclipse public license v(?:ersion )?2\.0"), "EPL-2.0"),
    (re.compile(rb"eclipse public license v(?:ersion )?1\.0"), "EPL-1.0"),
    (re.compile(rb"boost software license, version 1\.0"), "BSL-1.0"),
    (re.compile(rb"(?:the|an) mit(?:-style)? license|\bmit licensed?\b"), "MIT"),
)
_GNU = re.compile(
    rb"gnu (?P<kind>affero |lesser |library )?general public license[^.]{0,120}?"
    rb"version (?P<version>\d(?:\.\d)?)(?P<later>[^.]{0,60}?any later version)?"
)
_GNU_NAMES = {b"": "GPL", b"affero ": "AGPL", b"lesser ": "LGPL", b"library ": "LGPL"}
_TEXTS = (
    b"permission is hereby granted",
    b"redistribution and use in source",
    b"permission to use, copy",
)
_COMMENT_SIGNS = re.compile(rb"(?m)^[ \t]*(?:[/#*;%!-]+|\"\"\"|'''|<!--)?[ \t]*|\*/|-->")
_GOOD_SHARE = 75.0  # of a file that must be licence text, as licenseclassifier advises
_HEADER_SHARE = 25.0


@cache
def _licensing() -> Licensing:
    return get_spdx_licensing()


@lru_cache(maxsize=256)
def identify(text: bytes, share: float = _GOOD_SHARE) -> str | None:
    """Return the SPDX expression of a licence's text; None where it is not a known one."""
    from licenseclassifier import identify_license  # takes a second to import

    found = identify_license(text.decode("utf-8", "replace"), coverage_threshold=share)
    ids = sorted({match.id for match in found})
    return " AND ".join(ids) or None


def license_of_header(text: bytes) -> str | None:
    """Return the SPDX expression of what a file says of itself at its beginning, if it does."""
    head = text[:_HEADER_BYTES]
    if tag := _TAG.search(head):
        return _normal(tag[1].decode())
    lower = head.lower()
    if b"licen" not in lower and b"permission" not in lower and b"redistribution" not in lower:
        return None
    flat = b" ".join(_COMMENT_SIGNS.sub(b"", lower).split())
    for pattern, name in _NOTICES:
        if pattern.search(flat):
            return name
    if gnu := _GNU.search(flat):
        version = gnu["version"].decode()
        version = version if "." in version else f"{version}.0"
        return (
            f"{_GNU_NAMES[gnu['kind'] or b'']}-{version}-{'or-later' if gnu['later'] else 'only'}"
        )
    if any(beginning in flat for beginning in _TEXTS):
        lines = _COMMENT_SIGNS.sub(b"", head)
        return identify(lines, _HEADER_SHARE)
    return None


def _normal(expression: str) -> str | None:
    """Return an expression as SPDX writes it; None for what is none."""
    try:
        parsed = _licensing().parse(expression, simple=True)
        return None if parsed is None else str(parsed)
    except ExpressionError:
        return None


def nearest(path: str, licenses: Mapping[str, str | None]) -> str | None:
    """Return the licence of the nearest folder above ``path`` that has one.

    ``licenses`` is by folder, "" for the top. A folder whose licence file is not a known licence
    hides those above it.
    """
    folder = path
    while folder:
        folder = folder.rpartition("/")[0]
        if folder in licenses:
            return licenses[folder]
    return None


class LicensePolicy:
    """Judges SPDX expressions. Of a choice (``MIT OR GPL-2.0-only``) one good part is enough."""

    def __init__(self, licenses: Licenses) -> None:
        """Parse the expressions. Raises UsageError for what is no SPDX expression."""
        self._allow = [_parsed(text, "allow") for text in licenses.allow]
        self._deny = [_parsed(text, "deny") for text in licenses.deny]

    def forbids(self, license: str | None) -> bool:  # noqa: A002 - what the column is called
        """Tell whether files under a licence are left out; None is a licence that is not known."""
        if license is None:
            return bool(self._allow)
        try:
            expression = _licensing().parse(license)
        except ExpressionError:
            return bool(self._allow)
        return not self._passes(expression)

    def _passes(self, expression: LicenseExpression) -> bool:
        if expression in self._deny:
            return False
        if expression in self._allow:
            return True
        parts = getattr(expression, "args", ())
        operator = getattr(expression, "operator", "")
        if operator.strip() == "OR":
            return any(map(self._passes, parts))
        if operator.strip() == "AND":
            return all(map(self._passes, parts))
        return not self._allow


def _parsed(text: str, key: str) -> LicenseExpression:
    try:
        return _licensing().parse(text, validate=True)
    except ExpressionError:
        raise UsageError(
            f"safety.licenses.{key}: {text!r} is no SPDX expression, such as MIT or Apache-2.0"
        ) from None


def folders_of(paths: Iterable[str]) -> dict[str, list[str]]:
    """Return the licence files among ``paths`` by their folder, in path order."""
    found: dict[str, list[str]] = {}
    for path in paths:
        folder, _, name = path.rpartition("/")
        if LICENSE_FILE.fullmatch(name):
            found.setdefault(folder, []).append(path)
    return found
