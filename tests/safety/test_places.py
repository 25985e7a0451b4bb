"""Keys in the places where people leave them, beside a name of any service or with a mark alone.

What services draw is taken from the public rules of other scanners by its form: hex, letters and
digits of one case or both, base64.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from corpus.safety.formats import _EXACT, _MARKS
from corpus.safety.scrub import Scrubber
from tests.safety.planted import ALNUM, B64URL, DIGITS, LOWER, UPPER, Draw

DRAWN: dict[str, Callable[[Draw], str]] = {
    "hex": lambda d: d.hex(32),
    "longer hex": lambda d: d.hex(40),
    "small letters and digits": lambda d: d.of(LOWER + DIGITS, 32),
    "large letters and digits": lambda d: d.of(UPPER + DIGITS, 32),
    "both cases": lambda d: d.of(ALNUM, 24),
    "with dashes": lambda d: d.of(B64URL, 43).strip("-_"),
}
SERVICES = ("acme", "hashicorp", "pagerduty", "imagekit", "countrylayer", "cachet", "fileio")
# Before `@` stands the name, which is the service's.
NAMED = r"""
    public string %Token { get; set; } = "@";
    @%_token ||= "@"
    %_api_key = (\n        "@"\n    )
    val props = mapOf("%ApiToken" to "@")
    <meta name="%ApiKey" content="@">
    let(:%_token) { "@" }
    def %_token():\n        return "@"
    assertEquals("@", config.get%Token());
    assert.Equal(t, "@", cfg.%Secret)
    client.login("@")  # the %_secret
    {"name": "%_token", "value": "@"}
    %_api_key @
    | %_secret | @ |
    Set `%_TOKEN` to `@` first.
    %_token (str): for example ``@``
    Rotate the % api key\n\n    The old one was @, it is revoked.
    Use % token @ in the pipeline
    Hard-code the % access key (@) for now
    Don't log the % token\n\n    The log had: @
    # % api key of the old account: @
    <p>Your % token: <code>@</code></p>
    - **% token**: @
"""
ALONE = r"""
    Client("@")
    **@**
    <code>@</code>
    [@]
    https://api.acme.io/@/items
    https://api.acme.io/items?k=@&x=1
    - @
    Remove @.
    (@)
"""


def _passed(scrubber: Scrubber, line: str, value: str) -> bool:
    text = line.strip().replace("\\n", "\n").replace("@", value)
    return value in scrubber.scrub(f"import os\n{text}\n\nthe end\n".encode()).text.decode()


@pytest.mark.parametrize("kind", DRAWN)
def test_beside_a_name(scrubber: Scrubber, kind: str) -> None:
    draw = Draw(6)
    lines = [
        line.replace("%", service) for line in NAMED.strip().splitlines() for service in SERVICES
    ]
    missed = [line for line in lines if _passed(scrubber, line, DRAWN[kind](draw))]
    assert len(missed) <= 0.03 * len(lines), missed


def test_known_marks(scrubber: Scrubber) -> None:
    """Told by their mark alone, in any surroundings."""
    draw = Draw(7)
    lines = ALONE.strip().splitlines()
    missed = [
        (mark, line)
        for mark in _MARKS.decode().split()
        for line in draw.random.sample(lines, 2)
        if _passed(scrubber, line, mark + draw.mixed(40))
    ]
    assert len(missed) <= 0.01 * 2 * len(_MARKS.split()), missed


@pytest.mark.parametrize(
    "make",
    [
        lambda d: d.of(ALNUM, 3) + "8Q~" + d.mixed(34),
        lambda d: d.hex(32) + "-us" + "12",
        lambda d: d.mixed(14) + ".atlas" + "v1." + d.mixed(67),
        lambda d: "pat" + d.mixed(14) + "." + d.hex(64),
        lambda d: "1//0" + "3" + d.mixed(60),
        lambda d: d.of("123456789", 10) + ":A" + "A" + d.mixed(33),
        lambda d: "SG" + "." + d.mixed(22) + "." + d.mixed(43),
        lambda d: "oy" + "2" + d.of(LOWER + DIGITS, 43),
    ],
)
def test_known_forms(scrubber: Scrubber, make: Callable[[Draw], str]) -> None:
    value = make(Draw(8))
    assert _EXACT.fullmatch(value.encode())
    assert not [line for line in ALONE.strip().splitlines() if _passed(scrubber, line, value)]
