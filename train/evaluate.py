"""Measures what a run taught: every measure with its n and standard error, the same each time.

What answers must look like is what the dataset declares in ``manifest.json`` under ``shapes``, by
template or by task, and the check is the one that its own rows have passed.
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
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import torch
from torch.nn.functional import cross_entropy

from corpus.render.shape import violation
from train.card import EVALUATION, write_card
from train.config import TrainingError
from train.data import HELD_OUT, read_manifest, read_rows
from train.encode import NO_LOSS, Encoder
from train.models import continuations, load_encoder, load_model, load_result
from train.stage import stages_done

_CONTEXT, _LINE = 512, 48  # tokens of a file that a model sees, and that it may write of a line
_FENCED = re.compile(r"^(`{3,})[^\n`]*\n(.*?)^\1[ \t]*$", re.DOTALL | re.MULTILINE)
_IDENTIFIER = re.compile(r"[A-Za-z_]\w{3,}")

Measures = dict[str, list[tuple[float, float]]]
"""By the measure's name, two numbers for every item; the figure is the ratio of their sums."""


class Line(NamedTuple):
    """A line of a file, parted where an identifier begins that other three could be taken for."""

    before: str
    start: str
    rest: str
    after: str
    words: list[str]  # the right one is the first


def evaluate(
    source: str,
    base: str,
    runs: Sequence[Path],
    control: str | None = None,
    limit: int = 200,
    answer_tokens: int = 512,
) -> dict[str, Any]:
    """Measure the base and what the runs trained; write it into their folders and cards.

    ``limit`` is the most items of a measure. Raises TrainingError if nothing is held out.
    """
    encoder, random = load_encoder(str(runs[0])), Random(0)
    sources = {"held-out files": source} | ({"control files": control} if control else {})
    texts = {
        name: _some([row["text"] for row in read_rows(where, "knowledge", HELD_OUT)], limit, random)
        for name, where in sources.items()
    }
    lines = _lines(texts["held-out files"], limit, random)
    rows = _some(read_rows(source, "instructions", HELD_OUT), limit, random)
    shapes = read_manifest(source)[0].get("shapes", {})
    columns = {}
    for column, load in _columns(base, runs).items():
        judge = _Judge(load().eval(), encoder, defaultdict(list))
        for name in texts:
            judge.read(f"bits per byte, {name}", texts[name])
        judge.complete(lines)
        judge.answer(rows, shapes, answer_tokens)
        columns[column] = {name: ratio(pairs) for name, pairs in judge.found.items()}
    report = {"data": source, "control": control, "columns": columns}
    for run in runs:
        (run / EVALUATION).write_text(json.dumps(report, indent=2) + "\n", "utf-8")
        write_card(run)
    return report


def ratio(pairs: Sequence[tuple[float, float]]) -> dict[str, float]:
    """Return Σx/Σy, its standard error by the delta method, and n. With y = 1 it is a mean."""
    n, total = len(pairs), sum(y for _, y in pairs)
    value = sum(x for x, _ in pairs) / total
    squares = sum((x - value * y) ** 2 for x, y in pairs)
    return {"value": value, "error": math.sqrt(squares * n / max(n - 1, 1)) / total, "n": n}


def _columns(base: str, runs: Sequence[Path]) -> dict[str, Callable[[], Any]]:
    """Return what is measured, by name: a run's stages say what it is."""
    columns: dict[str, Callable[[], Any]] = {"base": partial(load_model, base)}
    alone = {"knowledge": "stage 1", "instruction": "stage 2 only", "mixed": "mixed"}
    for run in runs:
        done = list(stages_done(run))
        if not done:
            raise TrainingError(f"{run} is no finished run of `tunesmith train`")
        if len(done) > 1:
            columns["stage 1"] = partial(load_result, run / "stages" / done[0])
        columns["stage 2" if len(done) > 1 else alone[done[0]]] = partial(load_result, run)
    return columns


class _Judge(NamedTuple):
    model: Any
    encoder: Encoder
    found: Measures

    def nats(self, before: list[int], ids: list[int]) -> float:
        """Return what ``ids`` cost after ``before``, which must not be empty."""
        tokens = torch.tensor([[*before, *ids]], device=self.model.device)
        with torch.no_grad():
            logits = self.model(input_ids=tokens[:, :-1]).logits[0, len(before) - 1 :].float()
        return float(cross_entropy(logits, tokens[0, len(before) :], reduction="sum"))

    def written(self, prompts: Sequence[list[int]], end: int, length: int) -> list[list[int]]:
        return list(continuations(self.model, self.encoder, prompts, end, length))

    def read(self, name: str, texts: Iterable[str]) -> None:
        """Read files in pieces, each as if it began there."""
        start = [self.encoder.end_of_document]
        for text in texts:
            pieces = map(self.encoder.text, self.encoder.pieces(text, _CONTEXT))
            bits = sum(self.nats(start, piece) for piece in pieces) / math.log(2)
            self.found[name].append((bits, len(text.encode())))

    def complete(self, lines: Sequence[Line]) -> None:
        """Write a line, write its middle, and choose one of four identifiers."""
        encoder, text = self.encoder, self.encoder.text
        tasks = {
            "line": [(text(c.before.rstrip("\n"))[-_CONTEXT:], c.start + c.rest) for c in lines]
        }
        if encoder.fim:
            tasks["middle"] = [
                (encoder.infill((c.before + c.start)[-_CONTEXT:], c.after[:_CONTEXT]), c.rest)
                for c in lines
            ]
        for name, items in tasks.items():
            prompts = [prompt for prompt, _ in items]
            answers = self.written(prompts, encoder.end_of_document, _LINE)
            for ids, (_, wanted) in zip(answers, items, strict=True):
                said = encoder.tokenizer.decode(ids, skip_special_tokens=True).strip()
                said, wanted = said.partition("\n")[0].rstrip(), wanted.strip()
                alike = SequenceMatcher(None, said, wanted, autojunk=False).ratio()
                self.found[f"{name}, exact match"].append((said == wanted, 1))
                self.found[f"{name}, edit similarity"].append((alike, 1))
        for line in lines:
            before = text(line.before + line.start)[-_CONTEXT:]
            nats = [self.nats(before, text(word)) / len(word) for word in line.words]
            self.found["identifier, 1 of 4"].append((min(nats) == nats[0], 1))

    def answer(
        self, rows: Sequence[Mapping[str, Any]], shapes: Mapping[str, Any], length: int
    ) -> None:
        """Read the reference answers, and answer."""
        encoder = self.encoder
        prompts = [encoder.prompt(row["messages"][:-1]) for row in rows]
        answers = self.written(prompts, encoder.end_of_turn, length)
        for row, prompt, ids in zip(rows, prompts, answers, strict=True):
            turn = encoder.conversation(row["messages"])[-1].labels[len(prompt) :]
            wanted = [i for i in turn if i != NO_LOSS]
            self.found["answer, nats per token"].append((self.nats(prompt, wanted), len(wanted)))
            self.found["ends its turn"].append((ids[-1:] == [encoder.end_of_turn], 1))
            said = encoder.tokenizer.decode(ids, skip_special_tokens=True)
            shape = shapes.get(row.get("template", ""), shapes.get(row["task"]))
            if shape:
                kept = violation(said, shape) is None
                self.found[f"shape of {row['task']}"].append((kept, 1))
            if row.get("language") == "python" and (code := _FENCED.findall(said)):
                self.found["code parses"].append((all(_parses(block) for _, block in code), 1))


def _parses(code: str) -> bool:
    try:
        ast.parse(textwrap.dedent(code))
    except (SyntaxError, ValueError):
        return False
    return True


def _lines(texts: Sequence[str], limit: int, random: Random) -> list[Line]:
    """Choose lines that hold an identifier and follow three others of the same file."""
    known = sorted({word for text in texts for word in _IDENTIFIER.findall(text)})
    found = []
    for text in texts:
        ends = [match.end() for match in re.finditer("\n", text)]
        for begin, end in pairwise(ends[2:]):
            if names := [*_IDENTIFIER.finditer(text, begin, end)]:
                name = random.choice(names)
                others = [
                    word for word in random.sample(known, min(4, len(known))) if word != name[0]
                ]
                at = name.start()
                parts = (text[:begin], text[begin:at], text[at : end - 1], text[end - 1 :])
                found.append(Line(*parts, [name[0], *others[:3]]))
    return _some(found, limit, random)


def _some(items: Sequence[Any], limit: int, random: Random) -> list[Any]:
    return random.sample(items, min(limit, len(items)))
