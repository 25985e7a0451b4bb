"""Reads YAML that a user wrote, and names every fault in it by file, line and key."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic_core import ErrorDetails

from corpus.errors import UsageError

Key = tuple[str | int, ...]


def read_yaml(
    text: str, path: str, fault: type[UsageError], first_line: int = 1
) -> tuple[Any, dict[Key, str]]:
    """Return the data of a text, and ``path:line`` of every key in it.

    ``first_line`` is where in its file the text begins. Raises ``fault`` for what is not YAML, for
    a key given twice, and for one that is no word.
    """
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + first_line if error.problem_mark else first_line
        raise fault(f"{path}:{line}: {error.problem or 'this is not YAML'}") from None
    except yaml.YAMLError as error:
        raise fault(f"{path}: {' '.join(str(error).split())}") from None
    if node is None or data is None:
        return None, {}
    try:
        return data, dict(_places(node, (), path, fault, first_line))
    except RecursionError:
        raise fault(f"{path}:{first_line}: an alias stands inside what it names") from None


def _places(
    node: yaml.Node, at: Key, path: str, fault: type[UsageError], first_line: int
) -> Iterable[tuple[Key, str]]:
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            place = f"{path}:{key.start_mark.line + first_line}"
            if key.tag != "tag:yaml.org,2002:str":
                raise fault(f"{place}: a key must be a word, not {key.value!r}")
            if key.value in seen:
                raise fault(f"{place}: {key.value!r} is given twice")
            seen.add(key.value)
            yield (*at, key.value), place
            yield from _places(value, (*at, key.value), path, fault, first_line)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield (*at, index), f"{path}:{value.start_mark.line + first_line}"
            yield from _places(value, (*at, index), path, fault, first_line)


def explain(
    error: ErrorDetails, places: Mapping[Key, str], otherwise: str, model: type[BaseModel]
) -> str:
    """Return what is wrong on one line: its place (or ``otherwise``), the key, a suggestion."""
    at: Key = error["loc"]
    above = [key for key in places if key == at[: len(key)]]
    overrides = [key for key in places if key[: len(at)] == at and places[key][:5] == "--set"]
    nearest = overrides[0] if overrides else max(above, key=len, default=())
    where = places.get(nearest) or otherwise
    key = ".".join(str(part) for part in at) or "the file"
    if error["type"] == "extra_forbidden":
        return f"{where}: unknown key {key!r}; {suggest(str(at[-1]), _keys(model, at[:-1]))}"
    if error["type"] == "missing":
        return f"{where}: {key!r} is missing"
    if error["type"] == "model_type":
        keys = ", ".join(_keys(model, at))
        return f"{where}: {key} holds keys ({keys}), not {error['input']!r}"
    message = error["msg"].removeprefix("Value error, ")
    given = repr(error["input"])
    is_said = isinstance(error["input"], dict | list) or given in message
    given = "" if is_said else f", not {given}"
    return f"{where}: {key}: {message[:1].lower()}{message[1:]}{given}"


def _keys(model: type[BaseModel], at: Key) -> list[str]:
    """Return the keys that the section at ``at`` may have."""
    section = model
    for name in at:
        if isinstance(name, int):
            continue
        annotation = section.model_fields[name].annotation
        inner = getattr(annotation, "__args__", (annotation,))[0]
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            section = inner
    return list(section.model_fields)


def suggest(word: str, known: Sequence[str]) -> str:
    """Return the nearest of the known words, or all of them where none is near."""
    close = difflib.get_close_matches(word, known, 1)
    return f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known)}"
