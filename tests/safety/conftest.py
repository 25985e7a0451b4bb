"""What the tests of secrets share."""

from __future__ import annotations

import pytest

from corpus.safety.benchmarks import Benchmarks
from corpus.safety.policy import SafetyPolicy
from corpus.safety.scrub import Scrubber


@pytest.fixture(scope="session")
def scrubber() -> Scrubber:
    """Return a scrubber that looks for secrets, control tokens and hidden characters alone."""
    policy = SafetyPolicy(email="allow", ip="allow", phone="allow", name="allow")
    return Scrubber(policy, [], Benchmarks.none())
