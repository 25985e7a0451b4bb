"""Finds the faults of a template before a single row is rendered, and names file and line."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import jinja2
from jinja2 import meta, nodes
from jinja2.parser import Parser

from corpus.errors import TemplateError
from corpus.render.environment import FILTERS, TemplateEnvironment
from corpus.render.header import Header, read_header
from corpus.render.limits import TooMuchError
from corpus.strict_yaml import suggest

_LAYOUT = "row.jinja"
_REFERENCES = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)
_REQUIRED_BLOCKS = ("instruction", "output")
_CLOSED = ("block", "for", "if", "macro", "call", "filter", "with")
_SHOWN_FILTERS = [*sorted(FILTERS), "and Jinja's own"]


@dataclass(frozen=True, slots=True)
class Link:
    """A template in the chain from a phrasing to all that it extends, includes and imports."""

    name: str
    filename: str
    source: str
    tree: nodes.Template
    header: Header
    undeclared: frozenset[str]


@dataclass(frozen=True, slots=True)
class Checked:
    """A template with all that it builds on, itself first, and what is wrong with them."""

    chain: list[Link]
    faults: list[TemplateError]


def check(env: TemplateEnvironment, name: str, slots: Collection[str]) -> Checked:
    """Check a template and all that it builds on.

    ``slots`` are the variables that there are. A template in the folder ``knowledge`` is one text;
    every other must extend ``row.jinja`` and fill its blocks.
    """
    chain: list[Link] = []
    faults = list(_follow(env, name, (), chain))
    for link in chain:
        faults += _wrong_names(env, link, slots)
        faults += _wrong_condition(env, link, slots)
    if chain and not faults and not name.startswith("knowledge/"):
        faults += _missing_blocks(chain)
    return Checked(chain, faults)


def _follow(
    env: TemplateEnvironment, name: str, above: tuple[str, ...], chain: list[Link]
) -> Iterator[TemplateError]:
    """Add a template and what it builds on to ``chain``, and yield what keeps it from loading."""
    try:
        link = _load(env, name)
    except TemplateError as error:
        yield error
        return
    chain.append(link)
    for reference in link.tree.find_all(_REFERENCES):
        where = f"template {link.filename}:{reference.lineno}"
        for parent in meta.find_referenced_templates(nodes.Template([reference])):
            if parent is None:
                yield TemplateError(f"{where}: name the other template as a plain string")
            elif parent in (name, *above):
                yield TemplateError(f"{where}: {parent} extends itself")
            else:
                try:
                    yield from _follow(env, parent, (*above, name), chain)
                except jinja2.TemplateNotFound:
                    known = env.list_templates(extensions=["jinja"])
                    hint = suggest(parent, known) if len(known) < 9 else _nearest(parent, known)
                    yield TemplateError(f"{where}: there is no template {parent}; {hint}")


def _nearest(name: str, known: list[str]) -> str:
    found = suggest(name, known)
    return found if found.startswith("did") else "`tunesmith templates list` names them"


@lru_cache(maxsize=256)  # most templates build on a few
def _load(env: TemplateEnvironment, name: str) -> Link:
    assert env.loader is not None
    try:
        source, filename, _ = env.loader.get_source(env, name)
        filename = filename or name
        tree = env.parse(source, name, filename)
        env.get_template(name)  # compiles it, once, which finds what parsing does not
        undeclared = frozenset(meta.find_undeclared_variables(tree))
        return Link(name, filename, source, tree, read_header(source, filename), undeclared)
    except jinja2.TemplateSyntaxError as error:
        line, message = error.lineno, error.message
        if "needs to be closed" in (message or "") and (open_ := _unclosed(env, source)):
            line, message = open_
        where = f"{error.filename or error.name}:{line}"
        raise TemplateError(f"template {where}: {message}") from None
    except jinja2.TemplateNotFound:
        raise
    except UnicodeDecodeError:
        raise TemplateError(f"template {_path(env, name)}:1: the file is not UTF-8") from None
    except (OSError, ValueError) as error:
        raise TemplateError(f"template {_path(env, name)}:1: can't be read: {error}") from None
    except (RecursionError, MemoryError, TooMuchError) as error:
        what = str(error) or "it takes too much memory"
        raise TemplateError(f"template {_path(env, name)}:1: can't be compiled: {what}") from None


def _unclosed(env: TemplateEnvironment, source: str) -> tuple[int, str] | None:
    """Return the line of the first tag that is not closed, and what it needs.

    Jinja tells the place where it gives up, which may be the end of the file.
    """
    opened: list[tuple[int, str]] = []
    tokens = env.lex(source)
    for line, kind, tag in tokens:
        if kind != "block_begin":
            continue
        tag = next((word for _, kind, word in tokens if kind == "name"), "")
        if tag in _CLOSED:
            opened.append((line, tag))
        elif tag.startswith("end") and opened:
            if tag != f"end{opened[-1][1]}":
                break
            opened.pop()
    if not opened:
        return None
    line, tag = opened[-1]
    return line, f"{tag!r} is not closed: it needs {{% end{tag} %}}"


def _path(env: TemplateEnvironment, name: str) -> str:
    """Return the path of a template that can't be decoded, which the loader does not tell."""
    folders = [f for f in getattr(env.loader, "loaders", ()) if hasattr(f, "searchpath")]
    paths = [Path(folder.searchpath[0], name) for folder in folders]
    return str(next((path for path in paths if path.exists()), name))


def _wrong_names(
    env: TemplateEnvironment, link: Link, slots: Collection[str]
) -> Iterator[TemplateError]:
    """Find variables, filters, tests and operators that there are not."""
    variables = {*slots, "boundary"}
    unknown = link.undeclared - variables - _declared(link)
    for node in link.tree.find_all((nodes.Name, nodes.Filter, nodes.Test, nodes.Pow)):
        where = f"template {link.filename}:{node.lineno}"
        if isinstance(node, nodes.Name) and node.name in unknown:
            hint = suggest(node.name, [*sorted(slots), "boundary"])
            yield TemplateError(f"{where}: no variable {node.name!r}; {hint}")
        elif isinstance(node, nodes.Filter) and node.name not in env.filters:
            near = suggest(node.name, sorted(env.filters))
            hint = near if near.startswith("did") else f"there are {', '.join(_SHOWN_FILTERS)}"
            yield TemplateError(f"{where}: No filter named {node.name!r}. {hint}")
        elif isinstance(node, nodes.Filter) and (private := _private_name(node)):
            yield TemplateError(f"{where}: {private!r} is private: take a variable's public parts")
        elif isinstance(node, nodes.Test) and node.name not in env.tests:
            near = suggest(node.name, sorted(env.tests))
            yield TemplateError(f"{where}: No test named {node.name!r}. {near}")
        elif isinstance(node, nodes.Pow):
            yield TemplateError(f"{where}: the operator ** is not for templates")


def _declared(link: Link) -> set[str]:
    """Return what a template imports or sets outside blocks: blocks see it."""
    found: set[str] = set()
    for node in link.tree.body:
        if isinstance(node, nodes.FromImport):
            found |= {name if isinstance(name, str) else name[1] for name in node.names}
        elif isinstance(node, nodes.Import):
            found.add(node.target)
        elif isinstance(node, nodes.Macro):
            found.add(node.name)
        elif isinstance(node, nodes.Assign):
            found |= {name.name for name in node.find_all(nodes.Name) if name.ctx == "store"}
    return found


def _private_name(node: nodes.Filter) -> str | None:
    """Return the private attribute that a filter is to take: Jinja would give it out as nothing."""
    given = [*node.args, *(keyword.value for keyword in node.kwargs)]
    words = [value.value for value in given if isinstance(value, nodes.Const)]
    return next((word for word in words if isinstance(word, str) and word[:1] == "_"), None)


def _wrong_condition(
    env: TemplateEnvironment, link: Link, slots: Collection[str]
) -> Iterator[TemplateError]:
    """Find what is wrong with the ``when`` of a template's header."""
    if link.header.when is None:
        return
    where = f"{link.header.lines['when']}: when"
    try:
        parser = Parser(env, link.header.when, state="variable")
        expression = parser.parse_expression()
        if not parser.stream.eos:
            raise jinja2.TemplateSyntaxError("it must be one expression", 1)
        env.compile_expression(link.header.when)
    except jinja2.TemplateError as error:
        yield TemplateError(f"{where}: {error.message}")
        return
    tree = nodes.Template([nodes.Output([expression])])
    tree.set_environment(env)
    for name in sorted(meta.find_undeclared_variables(tree) - set(slots)):
        yield TemplateError(f"{where}: no variable {name!r}; {suggest(name, sorted(slots))}")


def _missing_blocks(chain: list[Link]) -> Iterator[TemplateError]:
    start = f"template {chain[0].filename}:1"
    extended = chain[0]
    while extended.name.removeprefix("tunesmith/") != _LAYOUT:
        extends = extended.tree.find(nodes.Extends)
        if extends is None or not isinstance(extends.template, nodes.Const):
            where = f"template {extended.filename}:1"
            yield TemplateError(f'{where}: begin it with {{% extends "{_LAYOUT}" %}}')
            return
        extended = next(link for link in chain if link.name == extends.template.value)
    filled = {
        block.name
        for link in chain
        if link.name.removeprefix("tunesmith/") != _LAYOUT
        for block in link.tree.find_all(nodes.Block)
    }
    for required in _REQUIRED_BLOCKS:
        if required not in filled:
            yield TemplateError(f"{start}: block {required!r} is missing")
    known = {block.name for block in extended.tree.find_all(nodes.Block)}
    for link in chain:
        for block in link.tree.find_all(nodes.Block):
            if extended is not link and block.name not in known and _is_outermost(link, block):
                where = f"template {link.filename}:{block.lineno}"
                hint = suggest(block.name, sorted(known))
                yield TemplateError(f"{where}: no block {block.name!r} in {_LAYOUT}; {hint}")


def _is_outermost(link: Link, block: nodes.Block) -> bool:
    """Tell whether a block stands alone in its file: inside another it would be printed there."""
    return block in link.tree.body
