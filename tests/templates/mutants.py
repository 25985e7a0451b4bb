"""Faulty templates, made by changing one place of a shipped one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from corpus.shipped import shipped

_MOST = 10  # of a kind: endless ones take seconds each


class Mutant(NamedTuple):
    """A faulty template; ``line`` is where its fault stands, 0 where it may be told anywhere."""

    kind: str
    name: str
    text: str
    line: int


_PRINT = re.compile(r"\{\{ (\w+)((?: \| \w+(?:\(\w+\))?)?) \}\}")
_END = re.compile(r"\{% end(block|for|if) %\}")
_FILTER = re.compile(r"\| (fence|one_line)")
_NAME = re.compile(r"(?<=\{\{ )\w+|(?<=\{% if )\w+|(?<= in )\w+(?= %\})")

# What a template must not be able to do, in a row's output.
HOSTILE = {
    "dunder": "{{ name.__class__.__mro__[1].__subclasses__() }}",
    "dunder filter": "{{ name | attr('__class__') }}",
    "dunder item": "{{ name['__class__'] }}",
    "dunder format": "{{ '{0.__class__.__init__.__globals__}'.format(name) }}",
    "dunder map": "{{ [name] | map(attribute='__class__') | list }}",
    "globals": "{{ self._TemplateReference__context }}",
    "lipsum": "{{ lipsum.__globals__.os.popen('id').read() }}",
    "cycler": "{{ cycler.__init__.__globals__ }}",
    "range": "{% for i in range(1000000000) %}x{% endfor %}",
    "power": "{{ 9 ** 9 ** 9 }}",
    "product": "{{ 'x' * 100000000000 }}",
    "big product": "{% set a = 9223372036854775807 %}{% set b = a * a %}{{ b * b * b }}",
    "padding": "{{ name | center(100000000000) }}",
    "percent": "{{ '%99999999999d' % 1 }}",
    "format filter": "{{ '%99999999999d' | format(1) }}",
    "format width": "{{ '{:>99999999999}'.format(1) }}",
    "ljust": "{{ name.ljust(100000000000) }}",
    "nested loops": "{% for a in 'x' * 900 %}{% for b in 'x' * 900 %}{% for c in 'x' * 900 %}"
    "{% for d in 'x' * 900 %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}",
    "macro": "{% macro m(x) %}{{ m(x ~ x) }}{% endmacro %}{{ m('xxxxxxxx') }}",
    "recursion": "{% for x in [[1]] recursive %}{{ loop([[x]]) }}{% endfor %}",
    "absolute": "{% include '/etc/passwd' %}",
    "above": "{% include '../../../../../../etc/passwd' %}",
    "import": "{% import '/etc/hostname' as x %}{{ x }}",
    "own file": "{% include path %}",
    "call": "{{ name() }}",
    "random": "{{ [1, 2] | random }}",
    "division": "{{ 1 / 0 }}",
}


def mutants() -> Iterator[Mutant]:
    """Yield faulty forms of every shipped template of a task, some of each kind."""
    root, kinds = shipped("templates"), Counter[str]()
    for path in sorted(root.glob("*/*.jinja")):
        name, text = path.relative_to(root).as_posix(), path.read_text("utf-8")
        for kind, mutated, at in _mutate(name, text):
            kinds[kind] += 1
            if kinds[kind] <= _MOST:
                line = mutated.count("\n", 0, at) + 1 if at is not None else 0
                yield Mutant(kind, name, mutated, line)


def _mutate(name: str, text: str) -> Iterator[tuple[str, str, int | None]]:
    for found in _NAME.finditer(text):
        if found[0] not in ("item", "loop"):
            yield "renamed", _put(text, found, found[0] + "_x"), found.start()
    for found in _END.finditer(text):
        yield "unclosed", _put(text, found, ""), _opening(text, found)
    for found in _FILTER.finditer(text):
        yield "wrong filter", _put(text, found, "| fnce"), found.start()
    for found in _PRINT.finditer(text):
        yield "no filter", _put(text, found, f"{{{{ {found[1]} | nothing }}}}"), found.start()
        yield "open", _put(text, found, f"{{{{ {found[1]}"), None
        yield (
            "test",
            _put(text, found, f"{{% if {found[1]} is blue %}}{{% endif %}}"),
            found.start(),
        )
        if found[1] != "item":
            dunder = f"{{{{ {found[1]}.__class__ }}}}"
            yield "dunder", _put(text, found, dunder), found.start()
    if extends := re.search(r'\{% extends "(.*?)" %\}', text):
        yield "no parent", _put(text, extends, '{% extends "rwo.jinja" %}'), extends.start()
        yield "no extends", _put(text, extends, ""), 0
        yield "itself", _put(text, extends, f'{{% extends "{name}" %}}'), extends.start()
    if block := re.search(r"\{% block instruction %\}", text):
        typo = _put(text, block, "{% block instrction %}")
        yield "block", typo, None if "default" in name else block.start()
    for key in ("wieght: 2", "weight: much", "when: nme", "when: name ==", "shape: {bullets: 1}"):
        yield f"header {key}", f"{{#---\n{key}\n---#}}\n" + _without_header(text), 6
    yield "header late", f"\n{{#---\nweight: 2\n---#}}\n{_without_header(text)}", 1
    yield from _hostile(text)


def _opening(text: str, end: re.Match[str]) -> int:
    """Return where the tag stands that is open once an end is gone.

    Within others of its kind that is the outermost: what ends them ends those inside.
    """
    opened: list[int] = []
    for tag in re.finditer(rf"\{{% (end)?({end[1]})\b", text[: end.start()]):
        if tag[1]:
            opened.pop()
        else:
            opened.append(tag.start())
    return opened[0]


def _hostile(text: str) -> Iterator[tuple[str, str, int | None]]:
    output = re.search(r"\{% block output %\}\n", text)
    if output:
        for kind, code in HOSTILE.items():
            yield kind, text[: output.end()] + code + "\n" + text[output.end() :], output.end()
        leak = {"summary": "summary", "documented_code": "documented_code", "body": "body"}
        slot = next((name for name in leak if f"{{{{ {name}" in text), None)
        if slot and (block := re.search(r"\{% block input %\}\n", text)):
            leaked = f"{text[: block.end()]}{{{{ {slot} }}}}\n{text[block.end() :]}"
            yield "leak", leaked, block.end()


def _put(text: str, found: re.Match[str], replacement: str) -> str:
    return text[: found.start()] + replacement + text[found.end() :]


def _without_header(text: str) -> str:
    return re.sub(r"\A\{#---\n.*?^---#\}\n", "", text, flags=re.DOTALL | re.MULTILINE)


def write(mutant: Mutant, folder: Path) -> Path:
    """Write a mutant into a user's folder, as the template it was made from."""
    path = folder / mutant.name
    path.parent.mkdir(parents=True)
    path.write_text(mutant.text, "utf-8")
    return path
