"""The head of a template: what it says of itself, as YAML in a Jinja comment at its very top.

.. code-block:: jinja

    {#---
    weight: 2
    when: parameters and language == "python"
    shape: {code_blocks: 1, min_bullets: 1}
    ---#}

It stands in the template's own file, and not in a file beside it, so that copying a template copies
all of it, and the digest of a row's template covers it.
"""

from __future__ import annotations

import re
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from corpus.errors import TemplateError
from corpus.strict_yaml import explain, read_yaml

_HEAD = re.compile(r"\A\{#---[ \t]*\n(.*?)^---#\}", re.DOTALL | re.MULTILINE)
_NO_HEAD = re.compile(r"\{#-{2,}")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Shape(_Strict):
    """A shape as a header declares it; ``render.shape`` says what the keys mean."""

    begins_with: Literal["code", "text"] | None = None
    code_blocks: int | None = Field(None, ge=0)
    only_code: bool | None = None
    min_bullets: int | None = Field(None, ge=0)
    min_steps: int | None = Field(None, ge=0)
    sections: list[str] | None = None
    optional_sections: list[str] | None = None


class _Header(_Strict):
    weight: float = Field(1, ge=0, allow_inf_nan=False)
    when: str | None = None
    shape: Shape | None = None


class Header(NamedTuple):
    """What a template says of itself; None where it says nothing. ``lines`` are those of keys."""

    weight: float = 1
    when: str | None = None
    shape: dict[str, Any] | None = None
    lines: dict[str, str] = {}  # noqa: RUF012 - never changed


def read_header(source: str, filename: str) -> Header:
    """Return the header of a template. Raises TemplateError, naming file, line and key."""
    found = _HEAD.match(source)
    if not found:
        if stray := _NO_HEAD.search(source):
            line = source.count("\n", 0, stray.start()) + 1
            raise TemplateError(
                f"template {filename}:{line}: a header begins the file with {{#--- and ends with a "
                "line ---#}"
            )
        return Header()
    data, places = read_yaml(found[1], f"template {filename}", TemplateError, first_line=2)
    if data is not None and not isinstance(data, dict):
        raise TemplateError(f"template {filename}:2: a header holds keys, as `weight: 2`")
    try:
        header = _Header.model_validate(data or {})
    except ValidationError as error:
        message = explain(error.errors()[0], places, f"template {filename}:2", _Header)
        raise TemplateError(message) from None
    shape = header.shape.model_dump(exclude_none=True) if header.shape else None
    lines = {str(key[0]): place for key, place in places.items() if len(key) == 1}
    return Header(header.weight, header.when, shape, lines)
