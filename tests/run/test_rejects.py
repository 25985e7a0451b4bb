"""Every reason to leave something out has a meaning; ``run_build`` checks those of each build."""

from __future__ import annotations

import re
from typing import get_args

from corpus.rejects import REASONS
from corpus.safety.policy import KINDS
from corpus.sources.base import Kind
from tests.pages import ROOT

_MODULES = ("sources/skip.py", "tasks/filters.py", "history/commits.py", "render/pairs.py",
            "links/units.py", "safety/rows.py")  # fmt: skip
_RETURNED = re.compile(r'^ +return "([a-z_]+)"(?:$|, | if )', re.MULTILINE)
_NO_REASONS = {"test", "fixture", "hook", "helper"}  # kinds of units, in links/units.py


def test_the_page_has_the_same_table():
    page = (ROOT / "docs" / "rejects.md").read_text("utf-8")
    rows = "\n".join(f"| `{reason}` | {meaning} |" for reason, meaning in REASONS.items())
    assert page.endswith(f"| reason | meaning |\n| --- | --- |\n{rows}\n")


def test_every_reason_has_its_meaning():
    """Also those that no repo of the tests has an example of."""
    found = {*KINDS, *get_args(Kind)} - {"file"}
    for module in _MODULES:
        returned = _RETURNED.findall((ROOT / "corpus" / module).read_text("utf-8"))
        assert returned, module
        found |= {*returned} - _NO_REASONS
    assert found <= REASONS.keys()
