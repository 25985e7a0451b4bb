"""Reads a pipeline file, lays the command's flags over it, and names every fault by its line."""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from corpus.config import Pipeline
from corpus.errors import PipelineError, UsageError
from corpus.shipped import shipped

Key = tuple[str | int, ...]
Settings = TypeVar("Settings", bound=BaseModel)


def load_pipeline(
    path: Path | None, overrides: Sequence[str] = (), flags: Mapping[str, Any] | None = None
) -> Pipeline:
    """Return the pipeline of a file (or the defaults), as ``load_settings`` does."""
    return load_settings(Pipeline, path, overrides, flags)


def load_settings(
    model: type[Settings],
    path: Path | None,
    overrides: Sequence[str] = (),
    flags: Mapping[str, Any] | None = None,
) -> Settings:
    """Return the settings of a file (or the defaults), with overrides and flags laid over it.

    ``model`` says what the file may hold. ``overrides`` are ``key.path=value`` with the value in
    YAML, ``flags`` are nested keys; flags win. Raises PipelineError, naming file, line and key.
    """
    data, lines = _read(path) if path else ({}, {})
    origin: dict[Key, str] = {key: f"{path}:{line}" for key, line in lines.items()}
    for override in overrides:
        _override(data, origin, override)
    for key, value in (flags or {}).items():
        _say(origin, (key,), "on the command line")
        _lay_over(data, {key: value})
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise PipelineError(_explain(model, error.errors()[0], origin, path)) from None


def copy_pipeline(name: str, folder: Path) -> Path:
    """Copy a shipped pipeline file into ``folder``. Raises UsageError if it can't."""
    source = shipped("pipelines") / f"{name.removesuffix('.yaml')}.yaml"
    if not source.is_file():
        raise UsageError(f"no pipeline {name!r}; {_suggest(name, pipeline_names())}")
    target = folder / source.name
    if target.exists():
        raise UsageError(f"{target} exists: name another folder, or remove it first")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    except OSError as error:
        raise UsageError(f"cannot write {target}: {error.strerror}") from None
    return target


def pipeline_names() -> list[str]:
    """Return the names of the shipped pipelines."""
    return sorted(path.stem for path in shipped("pipelines").glob("*.yaml"))


def _read(path: Path) -> tuple[dict[str, Any], dict[Key, int]]:
    """Return a file's data, and the line of every key in it."""
    try:
        node = yaml.compose(path.read_text("utf-8"), Loader=yaml.SafeLoader)
        data = yaml.safe_load(path.read_text("utf-8"))
    except FileNotFoundError:
        raise PipelineError(f"pipeline file {path} does not exist") from None
    except (OSError, UnicodeDecodeError) as error:
        raise PipelineError(f"pipeline file {path} can't be read: {error}") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PipelineError(f"{path}:{line}: {error.problem or 'this is not YAML'}") from None
    except yaml.YAMLError as error:
        raise PipelineError(f"{path}: {' '.join(str(error).split())}") from None
    if node is None or data is None:
        return {}, {}
    if not isinstance(data, dict):
        raise PipelineError(f"{path}:1: a pipeline file holds keys, as `tasks: [explain]`")
    try:
        return data, dict(_lines(path, node, ()))
    except RecursionError:
        raise PipelineError(f"{path}:1: an alias stands inside what it names") from None


def _lines(path: Path, node: yaml.Node, at: Key) -> Iterable[tuple[Key, int]]:
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.tag != "tag:yaml.org,2002:str":
                raise PipelineError(f"{path}:{line}: a key must be a word, not {key.value!r}")
            if key.value in seen:
                raise PipelineError(f"{path}:{line}: {key.value!r} is given twice")
            seen.add(key.value)
            yield (*at, key.value), line
            yield from _lines(path, value, (*at, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield (*at, index), value.start_mark.line + 1
            yield from _lines(path, value, (*at, index))


def _override(data: dict[str, Any], origin: dict[Key, str], override: str) -> None:
    key, equals, text = override.partition("=")
    names = tuple(key.strip().split("."))
    if not equals or not all(names):
        raise PipelineError(f"--set {override}: write it as key.path=value, as docs.min_words=5")
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        raise PipelineError(f"--set {override}: the value is not YAML") from None
    _say(origin, names, f"--set {key}")
    nested: Any = value
    for name in reversed(names):
        nested = {name: nested}
    _lay_over(data, nested)


def _say(origin: dict[Key, str], key: Key, where: str) -> None:
    """Note that a key, and all below it, is from ``where`` and no longer from the file."""
    for known in [known for known in origin if known[: len(key)] == key]:
        del origin[known]
    origin[key] = where


def _lay_over(data: dict[str, Any], over: Mapping[str, Any]) -> None:
    for key, value in over.items():
        if isinstance(value, Mapping) and isinstance(data.get(key), dict):
            _lay_over(data[key], value)
        else:
            data[key] = value


def _explain(
    model: type[BaseModel], error: ErrorDetails, origin: Mapping[Key, str], path: Path | None
) -> str:
    at: Key = error["loc"]
    above = [key for key in origin if key == at[: len(key)]]
    overrides = [key for key in origin if key[: len(at)] == at and origin[key][:5] == "--set"]
    nearest = overrides[0] if overrides else max(above, key=len, default=())
    where = origin.get(nearest) or (str(path) if path else "on the command line")
    key = ".".join(str(part) for part in at) or "the file"
    if error["type"] == "extra_forbidden":
        return f"{where}: unknown key {key!r}; {_suggest(str(at[-1]), _keys(model, at[:-1]))}"
    if error["type"] == "missing":
        return f"{where}: {key!r} is missing"
    message = error["msg"].removeprefix("Value error, ")
    given = repr(error["input"])
    is_said = isinstance(error["input"], dict | list) or given in message
    given = "" if is_said else f", not {given}"
    return f"{where}: {key}: {message[:1].lower()}{message[1:]}{given}"


def _keys(section: type[BaseModel], at: Key) -> list[str]:
    """Return the keys that the part of a section at ``at`` may have."""
    for name in at:
        if isinstance(name, int):
            continue
        annotation = section.model_fields[name].annotation
        inner = getattr(annotation, "__args__", (annotation,))[0]
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            section = inner
    return list(section.model_fields)


def _suggest(word: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(word, known, 1)
    return f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known)}"
