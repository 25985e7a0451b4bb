"""What a pipeline file may say about safety: per kind of finding, what becomes of it."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from corpus.errors import UsageError

Action = Literal["redact", "drop", "allow"]
Kind = Literal[
    "secret", "email", "ip", "phone", "name", "host", "control_token", "hidden_character"
]
KINDS: tuple[Kind, ...] = (
    "secret", "email", "ip", "phone", "name", "host", "control_token", "hidden_character",
)  # fmt: skip


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    return text


_Said = Annotated[str, AfterValidator(_said)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Licenses(_Section):
    """Which licences a file may have. A file whose licence is not known passes unless ``allow``."""

    allow: list[_Said] = Field([], description="SPDX expressions; if given, only these")
    deny: list[_Said] = Field([], description="SPDX expressions of files to leave out")


class SafetyPolicy(_Section):
    """What becomes of what must not be published: ``redact`` it, ``drop`` the file, ``allow`` it.

    ``redact`` puts a placeholder such as ``<EMAIL_1>`` in its place.
    """

    secret: Action = Field("redact", description="keys, tokens, passwords")
    email: Action = Field("redact", description="addresses that are not examples")
    ip: Action = Field("redact", description="public addresses")
    phone: Action = Field("redact", description="telephone numbers")
    name: Action = Field("redact", description="people in author tags and commit trailers")
    host: Action = Field("redact", description="what internal_hosts names")
    control_token: Action = Field("redact", description="control tokens of chat templates")
    hidden_character: Action = Field("drop", description="characters that reorder or hide code")
    benchmark: Literal["drop", "allow"] = Field("drop", description="problems of benchmarks")
    internal_hosts: list[_Said] = Field([], description="host names, as git.corp or *.corp")
    benchmarks: list[_Said] = Field([], description="JSON Lines files of more benchmarks")
    allowed: str | None = Field(None, description="a file of texts that may stand, with reasons")
    licenses: Licenses = Licenses()
    forgotten: str | None = Field(None, description="a file of take-downs to honour")

    def action(self, kind: Kind) -> Action:
        """Return what becomes of a finding of this kind."""
        action: Action = getattr(self, kind)
        return action


class Allowed(_Section):
    """One text that is no finding, or a pattern with ``*``, and why."""

    text: _Said
    reason: _Said

    def matches(self, text: str) -> bool:
        """Tell whether a finding's text is this one."""
        return fnmatchcase(text, self.text.replace("[", "[[]"))


def load_allowed(path: str | None) -> list[Allowed]:
    """Read the allow-list: a YAML list of ``text`` and ``reason``. Raises UsageError."""
    if path is None:
        return []
    try:
        data = yaml.safe_load(Path(path).read_text("utf-8"))
        return TypeAdapter(list[Allowed]).validate_python(data or [])
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = getattr(error, "strerror", None) or "this is not YAML"
        raise UsageError(f"the allow-list {path} can't be read: {reason}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise UsageError(
            f"the allow-list {path}, {where}: {first['msg']}; each entry has a text and a reason"
        ) from None
