"""What a unit of a file calls, and what the names in it stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any, NamedTuple

from corpus.links.branches import is_always_made
from corpus.links.imports import Bound
from corpus.links.receivers import Receiver, arguments, receiver
from corpus.links.view import Site

READ, MENTIONED = -2, -3
"""In place of a number of arguments: an attribute that is read, a name that is handed on."""

_SET = re.compile(r"[ \t]*=(?!=)")  # what is assigned to is not read

_OWN = frozenset({"self", "this", "cls", "Self", "super"})
"""What a call is made on that says nothing of what is tested: the object itself."""


class Call(NamedTuple):
    """One call: the name, what it is made on, how many arguments (-1: unknown).

    ``always``: it is made in no branch, which is looked at in what tests use alone.
    """

    name: str
    on: Receiver
    arguments: int
    always: bool = False


class Calls(NamedTuple):
    """The calls of a unit, those on the object itself aside.

    ``own`` are the names called there, or on nothing: what can be a helper of the same file.
    """

    made: list[Call]
    own: frozenset[str]


def calls_at(text: str, sites: Iterable[Site], body: int | None = None) -> Calls:
    """Return the calls that stand at some sites of a text.

    ``body`` is where the lines begin of the body that they are in, where branches count.
    """
    made: list[Call] = []
    own: set[str] = set()
    for start, end, is_read in sites:
        if is_read and _SET.match(text, end):
            continue
        on = receiver(text, start)
        name = text[start:end]
        if not on.path or on.path in _OWN:
            own.add(name)
        if on.path not in _OWN or name == "new":
            always = body is not None and is_always_made(text, body, start)
            made.append(Call(name, on, READ if is_read else arguments(text, end), always))
    return Calls(made, frozenset(own))


def call_rows(
    unit_id: str,
    calls: list[Call],
    types: Mapping[str, str],
    local: Set[str],
    used: Iterable[str],
    bound: Mapping[str, Bound],
) -> Iterator[tuple[Any, ...]]:
    """Yield a unit's calls (``records.TEST_CALL``), each once, with what the names stand for.

    ``types`` are what variables hold, ``local`` the names of the unit's own, which hide others;
    ``bound`` is what imports bind, ``used`` the names of it that the unit holds.
    """
    called = {call.on.path.partition(".")[0] or call.name for call in calls}
    named = sorted(word for word in used if bound[word].original and word not in called)
    done = set()
    for call in (*calls, *(Call(name, Receiver(""), MENTIONED) for name in named)):
        if call in done or (not call.on.path and not call.on.made and call.name in local):
            continue
        done.add(call)
        name, (path, made), given, always = call
        if name == "new" and path:  # Ruby's constructor is a method of the class
            path, _, name = path.rpartition(".")
            if (short := Call(name, Receiver(path, made), given, always)) in done:
                continue
            done.add(short)
        first = path.partition(".")[0] if path else name
        kind = path if path in bound else _type(path, made=made, types=types)
        origin = bound.get(kind.partition(".")[0]) or bound.get(first) or _NOT_IMPORTED
        yield (
            unit_id,
            (origin.original or name) if not path else name,
            path or ("?" if made else ""),
            made,
            kind,
            origin.module,
            origin.original,
            given,
            always,
        )


_NOT_IMPORTED = Bound("", "", "")


def _type(path: str, *, made: bool, types: Mapping[str, str]) -> str:
    """Return what made the value at the end of a path, so far as the file says."""
    last = path.rpartition(".")[2]
    if made or not last:
        return path
    first = next((part for part in path.split(".") if part not in _OWN), "")
    if first != last or last not in types:
        return path
    # What a method of a variable gave: ``client.get`` of a Client is ``Client().get``.
    owner, _, method = types[last].rpartition(".")
    return f"{types[owner]}().{method}" if owner in types else types[last]
