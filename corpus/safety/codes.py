"""Rules for codes that are too short to look drawn: PINs, and codes that recover an account."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.safety.anchors import Anchored
from corpus.safety.findings import Finding, judged
from corpus.safety.measures import is_no_name
from corpus.safety.stand_ins import is_stand_in

# `unlockPin = "672512"`, "the pin is 672512". The pins of chips have fewer digits.
_PIN = re.compile(
    rb"_?(?:(?<![A-Za-z])(?:pin|PIN)|Pin)[\"']?"
    rb"(?:[ ]?[:=][ ]?|[ ](?:is|was|to)[ ])[\"']?(?P<value>\d{6,8})(?![\w.])"
)
_PINS = (b"_pin", b"pin =", b"pin=", b"pin:", b'pin":', b"pin is ", b"pin was ", b"pin to ")
# As GitHub, Google, Okta and others draw them: groups of letters and digits.
_RECOVERING = tuple(
    b"%s%scode" % (word, joint)
    for word in (b"recovery", b"backup", b"rescue", b"emergency")
    for joint in (b"", b" ", b"_", b"-")
)
_CODE = re.compile(rb"(?<![\w-])(?P<value>[a-z0-9]{4,8}(?:-[a-z0-9]{4,8}){1,3})(?![\w-])", re.I)
_REACH = 300

ANCHORS = (*_PINS, *_RECOVERING)


def find_codes(anchored: Anchored) -> Iterator[Finding]:
    """Yield codes behind the words for them."""
    text = anchored.text
    for at in anchored.at(_PINS):
        yield from judged(_PIN.match(text, at), "pin", _is_pin)
    for at in anchored.at(_RECOVERING):
        for code in _CODE.finditer(text, at, at + _REACH):
            yield from judged(code, "recovery_code", _is_code)


def _is_pin(value: str) -> bool:
    return not is_stand_in(value)


def _is_code(value: str) -> bool:
    return sum(map(str.isdigit, value)) >= 2 and is_no_name(value) and not is_stand_in(value)
