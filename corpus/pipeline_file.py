"""Reads a pipeline file, lays the command's flags over it, and names every fault by its line."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from corpus.config import Pipeline
from corpus.errors import PipelineError, UsageError
from corpus.shipped import shipped
from corpus.strict_yaml import Key, explain, read_yaml, suggest

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
    data, origin = _read(path) if path else ({}, {})
    for override in overrides:
        _override(data, origin, override)
    for key, value in (flags or {}).items():
        _say(origin, (key,), "on the command line")
        _lay_over(data, {key: value})
    try:
        return model.model_validate(data)
    except ValidationError as error:
        otherwise = str(path) if path else "on the command line"
        raise PipelineError(explain(error.errors()[0], origin, otherwise, model)) from None


def copy_pipeline(name: str, folder: Path) -> Path:
    """Copy a shipped pipeline file into ``folder``. Raises UsageError if it can't."""
    source = shipped("pipelines") / f"{name.removesuffix('.yaml')}.yaml"
    if not source.is_file():
        raise UsageError(f"no pipeline {name!r}; {suggest(name, pipeline_names())}")
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


def _read(path: Path) -> tuple[dict[str, Any], dict[Key, str]]:
    """Return a file's data, and the line of every key in it."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise PipelineError(f"pipeline file {path} does not exist") from None
    except (OSError, UnicodeDecodeError) as error:
        raise PipelineError(f"pipeline file {path} can't be read: {error}") from None
    data, places = read_yaml(text, str(path), PipelineError)
    if data is None:
        return {}, {}
    if not isinstance(data, dict):
        raise PipelineError(f"{path}:1: a pipeline file holds keys, as `tasks: [explain]`")
    return data, places


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
