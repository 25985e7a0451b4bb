"""A pytest plugin: which functions the test's own lines call, whatever a name says.

    DIRECT_CALLS=out.json python -m pytest -p tests.oracles.direct_calls

Writes, by test (``path::Class::name``), the files and first lines of the code that was called from
the test's own frame, and ran.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections import defaultdict
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

_called: dict[str, set[tuple[str, int]]] = defaultdict(set)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Any:
    """Note what is called from the code of the test."""
    function = getattr(item, "function", None)
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    own: CodeType | None = getattr(function, "__code__", None)
    found = _called[re.sub(r"\[.*", "", item.nodeid, flags=re.DOTALL)]

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_back is not None and frame.f_back.f_code is own:
            found.add((frame.f_code.co_filename, frame.f_code.co_firstlineno))

    sys.setprofile(note)
    yield
    sys.setprofile(None)


def pytest_sessionfinish() -> None:
    """Write what was found."""
    found = {test: sorted(calls) for test, calls in _called.items()}
    Path(os.environ["DIRECT_CALLS"]).write_text(json.dumps(found), "utf-8")
