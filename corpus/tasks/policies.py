"""The policies that a team edits: what the assistant declines, and what it offers instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from corpus.errors import TemplateError
from corpus.shipped import shipped
from corpus.strict_yaml import explain, read_yaml

POLICIES = Path("policy", "policies.yaml")


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression ({error})") from None
    return text


def _wording(text: str) -> str:
    try:
        text.format(name="name", path="path")
    except (KeyError, IndexError, ValueError, AttributeError):
        raise ValueError("it may say {name} and {path}, and no other braces") from None
    if re.search(r"\{(?!name\}|path\})", text):
        raise ValueError("it may say {name} and {path}, and no other braces")
    return text


_Wording = Annotated[str, AfterValidator(_wording), Field(min_length=1)]


class Policy(BaseModel):
    """One kind of request that is declined, with its benign twin."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: str = Field(min_length=1)
    about: Annotated[str, AfterValidator(_pattern)]
    one_in: int = Field(20, gt=0)
    request: _Wording
    refusal: _Wording
    alternative: _Wording
    benign: _Wording


class _Policies(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    policies: list[Policy] = Field(min_length=1)


@cache
def load_policies(folder: str | None) -> tuple[Policy, ...]:
    """Return the policies of a user's template folder, or else the shipped ones.

    Raises TemplateError, naming file, line and key.
    """
    path = overlaid(folder, POLICIES)
    data, places = read_overlaid(path)
    try:
        return tuple(_Policies.model_validate(data or {}).policies)
    except ValidationError as error:
        # A misspelt key is missing too: name what is there before what is not.
        fault = min(error.errors(), key=lambda one: one["type"] == "missing")
        raise TemplateError(explain(fault, places, f"{path}:1", _Policies)) from None


def overlaid(folder: str | None, name: Path) -> Path:
    """Return the user's file of that name, or else the shipped one."""
    own = Path(folder, name) if folder else None
    return own if own and own.is_file() else shipped("templates") / name


def read_overlaid(path: Path) -> tuple[object, dict[tuple[str | int, ...], str]]:
    """Return a YAML file's data and the places of its keys. Raises TemplateError."""
    try:
        return read_yaml(path.read_text("utf-8"), str(path), TemplateError)
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateError(f"{path}:1: can't be read: {error}") from None


def policy_faults(folder: Path) -> Iterator[str]:
    """Yield what is wrong with a folder's own policies, if it has any."""
    if (folder / POLICIES).is_file():
        try:
            load_policies.__wrapped__(str(folder))
        except TemplateError as error:
            yield str(error)
