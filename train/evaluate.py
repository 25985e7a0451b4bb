"""Measures what a run taught: every measure with its n and standard error, the same each time.

A dataset may declare in ``manifest.json``, under ``shapes``, what an answer to a task looks like, as
``{"fix": {"code_blocks": 1, "bullets": 2, "parses": true}}``. An answer keeps to it if it has

- ``code_blocks``: at least so many closed fenced blocks;
- ``bullets``: at least so many lines, outside the blocks, that begin with ``- `` or ``* ``;
- ``headings``: each of these, as a heading or a bold line;
- ``opens_with``: one of these at its beginning (as refusals have);
- ``parses``: if true, blocks that Python can parse; asked of rows in Python only.
"""

from __future__ import annotations

import ast
import json
import math
import re
import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import torch
from torch.nn.functional import cross_entropy

from train.card import EVALUATION, stages_done, write_card
from train.data import held_out_rows, read_manifest
from train.encode import NO_LOSS, Encoder
from train.errors import TrainingError
from train.generate import continuations
from train.models import load_model, load_result, load_tokenizer

_CONTEXT, _LINE, _ANSWER = 1024, 48, 512  # tokens: of a piece or context, of a line, of an answer
_FENCED = re.compile(r"^(`{3,})[^\n`]*\n(.*?)^\1[ \t]*$", re.DOTALL | re.MULTILINE)
_IDENTIFIER = re.compile(r"[A-Za-z_]\w{3,}")

Pairs = list[tuple[float, float]]


class Line(NamedTuple):
    """A line of a held-out file; an identifier in it and where it begins; three from elsewhere."""

    before: str
    line: str
    after: str
    start: int
    identifier: str
    others: list[str]


def ratio(pairs: Pairs) -> dict[str, float]:
    """Return Σx/Σy, its standard error by the delta method, and n. With y = 1 it is a mean."""
    n, total = len(pairs), sum(y for _, y in pairs)
    value = sum(x for x, _ in pairs) / total
    squares = sum((x - value * y) ** 2 for x, y in pairs)
    error = math.sqrt(squares * n / (n - 1)) / total if n > 1 else math.nan
    return {"value": value, "error": error, "n": n}


def evaluate(
    source: str, base: str, runs: Sequence[Path], control: str | None = None, limit: int = 200
) -> dict[str, Any]:
    """Measure the base and what the runs trained; write the figures and cards of the runs.

    ``limit`` is the largest n of a measure. Raises TrainingError if nothing is held out.
    """
    encoder, random = Encoder(load_tokenizer(str(runs[0]))), Random(0)
    named = {"held-out files": source} | ({"control files": control} if control else {})
    files = {
        name: _some([row["text"] for row in held_out_rows(where, "knowledge")], limit, random)
        for name, where in named.items()
    }
    rows = _some(held_out_rows(source, "instructions"), limit, random)
    if not all([*files.values(), rows]):
        raise TrainingError(
            f"{source} or the control has no rows in the splits validation and test"
        )
    lines, shapes = _lines(files["held-out files"], limit, random), read_manifest(source)[0]
    columns = {}
    for name, load in _columns(base, runs).items():
        judge = _Judge(load().eval(), encoder)
        found = {
            f"bits per byte, {name}": judge.bits_per_byte(texts) for name, texts in files.items()
        }
        found |= judge.lines(lines) | judge.answers(rows, shapes.get("shapes", {}))
        columns[name] = {measure: ratio(pairs) for measure, pairs in found.items() if pairs}
    report = {"data": source, "control": control, "columns": columns}
    for run in runs:
        (run / EVALUATION).write_text(json.dumps(report, indent=2) + "\n", "utf-8")
        write_card(run)
    return report


def _columns(base: str, runs: Sequence[Path]) -> dict[str, Callable[[], Any]]:
    """Return what is measured by name; a run's stages say what it is."""
    columns: dict[str, Callable[[], Any]] = {"base": partial(load_model, base)}
    alone = {"knowledge": "stage 1", "instruction": "stage 2 only", "mixed": "mixed"}
    for run in runs:
        done = list(stages_done(run))
        if not done:
            raise TrainingError(f"{run} is no finished run of tunesmith train")
        if len(done) > 1:
            columns["stage 1"] = partial(load_result, run / "stages" / done[0])
        columns["stage 2" if len(done) > 1 else alone[done[0]]] = partial(load_result, run)
    return columns


class _Judge:
    """Measures one model. Every measure is a list of pairs, one per item, for ``ratio``."""

    def __init__(self, model: Any, encoder: Encoder) -> None:
        self.model, self.encoder = model, encoder

    def loss(self, before: list[int], ids: list[int]) -> float:
        """Return the nats that ``ids`` cost after ``before``, which must not be empty."""
        tokens = torch.tensor([[*before, *ids]], device=self.model.device)
        with torch.no_grad():
            logits = self.model(input_ids=tokens[:, :-1]).logits[0, len(before) - 1 :].float()
        return float(cross_entropy(logits, tokens[0, len(before) :], reduction="sum"))

    def written(self, prompts: list[list[int]], end: int, length: int) -> list[list[int]]:
        """Return what the model writes after each prompt, up to and with ``end``."""
        ends = [end, self.encoder.end_of_document]
        return list(continuations(self.model, prompts, ends, self.encoder.pad, length))

    def bits_per_byte(self, texts: Iterable[str]) -> Pairs:
        """Read files in pieces, each as if it began there."""
        start, found = [self.encoder.end_of_document], []
        for text in texts:
            pieces = map(self.encoder.text, self.encoder.pieces(text, _CONTEXT))
            nats = sum(self.loss(start, piece) for piece in pieces)
            found.append((nats / math.log(2), len(text.encode())))
        return found

    def lines(self, lines: Sequence[Line]) -> dict[str, Pairs]:
        """Complete a line, fill in its rest, and choose one of four identifiers."""
        text, decode, found = self.encoder.text, self.encoder.tokenizer.decode, defaultdict(list)
        contexts = [text(line.before.rstrip("\n"))[-_CONTEXT:] for line in lines]
        written = self.written(contexts, self.encoder.end_of_document, _LINE)
        for line, ids in zip(lines, written, strict=True):
            guess = decode(ids, skip_special_tokens=True).strip().partition("\n")[0].rstrip()
            alike = SequenceMatcher(None, guess, line.line.strip(), autojunk=False).ratio()
            found["line completion, exact match"].append((guess == line.line.strip(), 1))
            found["line completion, edit similarity"].append((alike, 1))
        for line in lines:
            before = text(line.before + line.line[: line.start])[-_CONTEXT:]
            nats = {
                word: self.loss(before, text(word)) / len(word)
                for word in (line.identifier, *line.others)
            }
            found["identifier, 1 of 4"].append(
                (min(nats, key=nats.__getitem__) == line.identifier, 1)
            )
        if self.encoder.fim:
            prefix, suffix, middle = self.encoder.fim
            for line in lines:
                before = text(line.before + line.line[: line.start])[-_CONTEXT:]
                after = text("\n" + line.after)[: _CONTEXT // 4]
                prompt = [prefix, *before, suffix, *after, middle]
                (ids,) = self.written([prompt], self.encoder.end_of_document, _LINE)
                filled = decode(ids, skip_special_tokens=True)
                found["fill-in-the-middle, exact match"].append(
                    (filled == line.line[line.start :], 1)
                )
        return found

    def answers(
        self, rows: Sequence[Mapping[str, Any]], shapes: Mapping[str, Any]
    ) -> dict[str, Pairs]:
        """Score the reference answers, and let the model answer."""
        found = defaultdict(list)
        prompts = [self.encoder.prompt(row["messages"][:-1]) for row in rows]
        for row, prompt in zip(rows, prompts, strict=True):
            turn = self.encoder.conversation(row["messages"])[-1]
            answer = [label for label in turn.labels[len(prompt) :] if label != NO_LOSS]
            found["reference answer, nats per token"].append(
                (self.loss(prompt, answer), len(answer))
            )
        written = self.written(prompts, self.encoder.end_of_turn, _ANSWER)
        for row, ids in zip(rows, written, strict=True):
            found["ends its turn"].append((ids[-1:] == [self.encoder.end_of_turn], 1))
            if shape := shapes.get(row["task"]):
                answer = self.encoder.tokenizer.decode(ids, skip_special_tokens=True)
                kept = keeps_shape(answer, shape, row.get("language"))
                found[f"keeps the shape of {row['task']}"].append((kept, 1))
        return found


def keeps_shape(answer: str, shape: Mapping[str, Any], language: str | None) -> bool:
    """Return whether an answer has the shape that its task declares (see the module's docstring)."""
    blocks = [match[2] for match in _FENCED.finditer(answer)]
    prose = _FENCED.sub("", answer)
    bullets = re.findall(r"^[-*] \S", prose, re.MULTILINE)
    headings = set(re.findall(r"^(?:#+ |\*\*)(.+?):?(?:\*\*)?:?$", prose, re.MULTILINE))
    return (
        len(blocks) >= shape.get("code_blocks", 0)
        and len(bullets) >= shape.get("bullets", 0)
        and headings >= {*shape.get("headings", ())}
        and answer.startswith(tuple(shape.get("opens_with", [""])))
        and (not shape.get("parses") or language != "python" or all(map(_parses, blocks)))
    )


def _parses(code: str) -> bool:
    try:
        ast.parse(textwrap.dedent(code))
    except (SyntaxError, ValueError):
        return False
    return True


def _lines(texts: Sequence[str], limit: int, random: Random) -> list[Line]:
    """Choose lines with an identifier that follows some code of the same file."""
    found: list[Line] = []
    words = sorted({word for text in texts for word in _IDENTIFIER.findall(text)})
    for text in texts:
        lines, before = text.splitlines(keepends=True), 0
        for number, line in enumerate(lines):
            names = [*_IDENTIFIER.finditer(line)]
            if number >= 3 and names and len(words) > 3:
                name = random.choice(names)
                others = random.sample([w for w in random.sample(words, 4) if w != name[0]], 3)
                after = text[before + len(line) :]
                found.append(
                    Line(text[:before], line.rstrip(), after, name.start(), name[0], others)
                )
            before += len(line)
    return _some(found, limit, random)


def _some(items: Sequence[Any], limit: int, random: Random) -> list[Any]:
    return random.sample(items, min(limit, len(items)))
