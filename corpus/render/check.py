"""Finds the faults of a template before a single row is rendered, and names file and line."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import jinja2
from jinja2 import meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from corpus.errors import TemplateError

_LAYOUT = "row.jinja"
_REFERENCES = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)
_REQUIRED_BLOCKS = ("instruction", "output")


@dataclass(frozen=True, slots=True)
class Link:
    """A template in the chain from a phrasing to all that it extends and includes."""

    name: str
    filename: str
    source: str
    tree: nodes.Template


def check(env: ImmutableSandboxedEnvironment, name: str, slots: Collection[str]) -> list[Link]:
    """Return a template and all that it builds on. Raises TemplateError for the first fault.

    ``slots`` are the variables that there are. A template in the folder ``knowledge`` is one text;
    every other must extend ``row.jinja`` and fill its blocks.
    """
    chain = list(_follow(env, name, ()))
    for link in chain:
        _check_names(env, link, slots)
    if not name.startswith("knowledge/"):
        _check_blocks(chain)
    return chain


def _follow(
    env: ImmutableSandboxedEnvironment, name: str, above: tuple[Link, ...]
) -> Iterator[Link]:
    link = _load(env, name)
    yield link
    for reference in link.tree.find_all(
        (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)
    ):
        for parent in meta.find_referenced_templates(nodes.Template([reference])):
            where = f"template {link.filename}:{reference.lineno}"
            if parent is None:
                raise TemplateError(f"{where}: name the other template as a plain string")
            if parent in (name, *(upper.name for upper in above)):
                raise TemplateError(f"{where}: {parent} extends itself")
            try:
                yield from _follow(env, parent, (*above, link))
            except jinja2.TemplateNotFound as error:
                raise TemplateError(f"{where}: there is no template {error.name}") from None


def _load(env: ImmutableSandboxedEnvironment, name: str) -> Link:
    assert env.loader is not None
    try:
        source, filename, _ = env.loader.get_source(env, name)
        filename = filename or name
        tree = env.parse(source, name, filename)
        env.compile(tree, name, filename)  # finds what parsing does not
        return Link(name, filename, source, tree)
    except jinja2.TemplateSyntaxError as error:
        where = f"{error.filename or error.name}:{error.lineno}"
        raise TemplateError(f"template {where}: {error.message}") from None
    except UnicodeDecodeError:
        raise TemplateError(f"template {_path(env, name)} is not UTF-8") from None


def _path(env: ImmutableSandboxedEnvironment, name: str) -> str:
    """Return the path of a template that can't be decoded, which the loader does not tell."""
    folders = [f for f in getattr(env.loader, "loaders", ()) if hasattr(f, "searchpath")]
    paths = [Path(folder.searchpath[0], name) for folder in folders]
    return str(next((path for path in paths if path.exists()), name))


def _check_names(env: ImmutableSandboxedEnvironment, link: Link, slots: Collection[str]) -> None:
    """Find variables, filters and tests that there are not."""
    variables = {*slots, "boundary"}
    unknown = meta.find_undeclared_variables(link.tree) - variables
    for node in link.tree.find_all((nodes.Name, nodes.Filter, nodes.Test)):
        where = f"template {link.filename}:{node.lineno}"
        if isinstance(node, nodes.Name) and node.name in unknown:
            hint = _suggest(node.name, variables, sorted(slots))
            raise TemplateError(f"{where}: no variable {node.name!r}; {hint}")
        if isinstance(node, nodes.Filter) and node.name not in env.filters:
            hint = _suggest(node.name, env.filters, ["fence", "one_line", "and Jinja's own"])
            raise TemplateError(f"{where}: No filter named {node.name!r}. {hint}")
        if isinstance(node, nodes.Test) and node.name not in env.tests:
            raise TemplateError(f"{where}: No test named {node.name!r}")


def _check_blocks(chain: list[Link]) -> None:
    extended = chain[0]
    while extended.name.removeprefix("tunesmith/") != _LAYOUT:
        extends = extended.tree.find(nodes.Extends)
        if extends is None or not isinstance(extends.template, nodes.Const):
            raise TemplateError(
                f'template {chain[0].filename}:1: begin it with {{% extends "{_LAYOUT}" %}}'
            )
        extended = next(link for link in chain if link.name == extends.template.value)
    filled = {
        block.name
        for link in chain
        if link.name.removeprefix("tunesmith/") != _LAYOUT
        for block in link.tree.find_all(nodes.Block)
    }
    for block in _REQUIRED_BLOCKS:
        if block not in filled:
            raise TemplateError(f"template {chain[0].filename}:1: block {block!r} is missing")


def _suggest(word: str, known: Collection[str], shown: list[str]) -> str:
    close = difflib.get_close_matches(word, known, 1)
    return f"did you mean {close[0]!r}?" if close else f"there are {', '.join(shown)}"
