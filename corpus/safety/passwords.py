"""Tells a password, which people choose as often as machines draw one, from a name or a word."""

from __future__ import annotations

import base64
import re

from corpus.safety.letters import are_drawn
from corpus.safety.measures import is_drawn_letters, is_in_words, is_no_name, share_of_changes
from corpus.safety.stand_ins import is_encoded_stand_in, is_placeholder
from corpus.safety.values import is_random

_SPECIAL = re.compile(r"[!@#$^&*?~%+=]")
# A word with digits or signs for letters of it, and a number: `V3lv3t217`, `H@rbor594`.
_LEET = re.compile(r"(?=.{8,40}\Z)(?=.[a-z]*[013457@$][a-z])[A-Z]?[a-z013457@$]+?\d{2,6}[!$#?*]?")
# `OAuth2PasswordRequestForm`: passwords of words end with a number or a sign.
_CAMEL_CASE = re.compile(r"[A-Za-z]+(?:\d{1,3}[A-Za-z]+)?")
_APP_PASSWORD = re.compile(r"[a-z]{4}(?:-[a-z]{4}){3}")  # as Apple and Google draw them
# Words and a number, joined: names of variables have no capital at their front and no dash.
_WORDED = re.compile(
    r"(?:[A-Z][a-z]{2,}[-_]|[a-z]{3,}-)(?:(?:[A-Za-z]{3,}[-_])*[A-Za-z]{3,}[-_]?)?\d{2,6}"
)


def is_password(value: str) -> bool:
    """Tell whether a value could be a password that a person chose."""
    if not 6 <= len(value) <= 128 or re.search(r"\s", value) or is_placeholder(value):
        return False
    has_letter = any(character.isalpha() for character in value)
    has_digit = any(character.isdigit() for character in value)
    if is_drawn_letters(value, 10) or _is_drawn_case(value) or _APP_PASSWORD.fullmatch(value):
        return True
    return has_letter and (has_digit or bool(_SPECIAL.search(value))) and not _is_name(value)


def _is_drawn_case(value: str) -> bool:
    return are_drawn(value, 10) and not (value.islower() or value.isupper() or value.istitle())


def is_strong_password(value: str) -> bool:
    """Tell whether a password mixes three of small letters, large letters, digits and signs."""
    tests = (str.islower, str.isupper, str.isdigit)
    classes = sum(any(map(test, value)) for test in tests) + bool(_SPECIAL.search(value))
    if not is_password(value):
        return False
    if classes >= 3 and len(value) >= 8:
        return True
    return is_drawn_letters(value, 12) or (len(value) >= 12 and _is_drawn_case(value))


def is_bare_password(value: str) -> bool:
    """Tell whether a password can't be a name either, which few end in four digits."""
    if _CAMEL_CASE.fullmatch(value) and is_in_words(value):
        return False
    if is_strong_password(value) or _APP_PASSWORD.fullmatch(value):
        return True
    is_plain = re.fullmatch(r"[A-Za-z]{4,}\d{4,}", value)
    return is_worded_password(value) or (bool(is_plain) and is_password(value))


def is_worded_password(value: str) -> bool:
    """Tell whether a value is words and a number, written otherwise than in the names of code."""
    return bool(_WORDED.fullmatch(value) or _LEET.fullmatch(value)) and is_password(value)


def is_signed_password(value: str) -> bool:
    """Tell whether a strong password has a sign in it too, or is a long drawn one: no name has.

    Behind a name an equals sign is an assignment's.
    """
    name, sign, _ = value.partition("=")
    is_assigned = sign and re.search(r"[A-Za-z_]\w*\Z", name) and not is_short_drawn(name)
    if is_assigned or not is_strong_password(value):
        return False
    return bool(_SPECIAL.search(value[1:])) or is_random(value, 20)


def is_full_password(value: str) -> bool:
    """Tell whether a value has small letters, large letters, digits and signs, as nothing else."""
    tests = (str.islower, str.isupper, str.isdigit)
    return all(any(map(test, value)) for test in tests) and is_signed_password(value)


def is_no_word(value: str) -> bool:
    """Tell whether a value can stand for itself: it is a signed password, or was drawn."""
    return (is_signed_password(value) or is_short_drawn(value)) and not is_encoded_stand_in(value)


def is_told_password(value: str) -> bool:
    """Tell whether a value in a sentence about a password is one: no word of any language."""
    return is_no_word(value) or is_worded_password(value) or _is_joined(value)


def _is_joined(value: str) -> bool:
    """Tell whether all classes stand in parts that are joined: `L0gin-Orange10`."""
    classes = all(any(map(test, value)) for test in (str.islower, str.isupper, str.isdigit))
    is_long = len(value) >= 10 and sum(map(str.isdigit, value)) >= 2
    return classes and is_long and bool(re.search(r"\w[-_.]\w", value)) and is_password(value)


def is_short_drawn(value: str) -> bool:
    """Tell whether ten letters and digits or more were drawn: of a name's parts most are words.

    A number may be joined to them.
    """
    value = re.sub(r"[-_.]\d\Z", "", value)
    if not 10 <= len(value) <= 64 or not value.isalnum() or not is_password(value):
        return False
    if is_encoded_stand_in(value):
        return False
    return is_drawn_letters(value, 12) or (
        all(any(map(test, value)) for test in (str.islower, str.isupper, str.isdigit))
        and (is_no_name(value) or are_drawn(value, 8))
        and share_of_changes(value) >= (0.3 if are_drawn(value, 10) else 0.42)
    )


def is_drawn_in_groups(value: str) -> bool:
    """Tell whether groups of letters and digits were drawn, as passwords of one application are."""
    return is_random(value.replace(" ", ""))


def is_login(value: str) -> bool:
    """Tell whether a value that stands where a login is given is its secret, not another name."""
    if " " in value:
        return is_drawn_in_groups(value)
    is_drawn = is_no_name(value) and is_random(value, 14)
    return is_told_password(value) or is_short_drawn(re.sub(r"[-_]", "", value)) or is_drawn


def is_encoded_login(value: str) -> bool:
    """Tell whether a value is a user and a password in base64, as HTTP sends them."""
    try:
        user, colon, password = (
            base64.b64decode(value, validate=True).decode("ascii").partition(":")
        )
    except ValueError:
        return False
    is_user = re.fullmatch(r"(?!0\d)[\w.@+-]{1,60}", user) and not password.startswith(("/", ":"))
    return bool(colon and is_user) and is_password(password)


def is_encoded_password(value: str) -> bool:
    """Tell whether a value is a strong password in base64, as Kubernetes keeps them."""
    try:
        password = base64.b64decode(value, validate=True).decode("ascii")
    except ValueError:
        return False
    return is_signed_password(password) or is_drawn_letters(password, 12)


def _is_name(value: str) -> bool:
    """Tell whether a value is words joined by ``-``, ``_``, ``.`` with a number at most: a name."""
    if _WORDED.fullmatch(value) or are_drawn(value, 8):
        return False
    parts = re.split(r"[-_.:/]", value)
    return len(parts) > 1 and all(
        re.fullmatch(r"[A-Za-z]*\d{0,4}|[a-z]\d{1,2}[a-z]", part) for part in parts
    )
