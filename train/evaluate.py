"""Measures what a run taught: every measure with its n and standard error, the same each time."""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import torch
from torch.nn.functional import cross_entropy

from corpus.errors import UsageError
from corpus.publish.read import HELD_OUT, read_manifest, read_rows
from corpus.render.adherence import Adherence
from train.card import write_card
from train.encode import Encoder
from train.models import continuations, load_encoder, load_model
from train.stage import stages_done, write_json

_PIECE, _LINE, _ANSWER = 512, 48, 512  # tokens: of a file, read at once; written at most
_SIDE = 2_000  # characters of a file that are seen before and after a line
_IDENTIFIER = re.compile(r"[A-Za-z_]\w{3,}")


class Line(NamedTuple):
    """A line of a file, parted where an identifier begins that other three could be taken for."""

    before: str
    start: str
    rest: str
    after: str
    words: list[str]  # the right one is the first


def evaluate(
    source: str, base: str, runs: Sequence[Path], control: str | None = None, limit: int = 200
) -> dict[str, Any]:
    """Measure what is held out, at most ``limit`` items a measure, and write it into the runs."""
    encoder, random = load_encoder(str(runs[0])), Random(0)
    sources = {"held-out files": source} | ({"control files": control} if control else {})
    texts = {
        name: _some([row["text"] for row in read_rows(where, "knowledge", HELD_OUT)], limit, random)
        for name, where in sources.items()
    }
    lines = _lines(texts["held-out files"], limit, random)
    rows = _some(read_rows(source, "instructions", HELD_OUT), limit, random)
    adherence = Adherence(rows, read_manifest(source)[0].get("shapes", {}))
    columns = {}
    for column, folder in _columns(base, runs).items():
        judge = Judge(load_model(str(folder)).eval(), encoder)
        for name in texts:
            judge.read(f"bits per byte, {name}", texts[name])
        judge.complete(lines)
        judge.answer(rows, adherence)
        columns[column] = {name: ratio(pairs) for name, pairs in judge.found.items()}
    report = {"data": source, "control": control, "columns": columns}
    for run in runs:
        write_json(run / "evaluation.json", report)
        write_card(run)
    return report


def ratio(pairs: Sequence[tuple[float, float]]) -> dict[str, float]:
    """Return Σx/Σy, its standard error by the delta method, and n. With y = 1 it is a mean."""
    n, total = len(pairs), sum(y for _, y in pairs)
    value = sum(x for x, _ in pairs) / total
    squares = sum((x - value * y) ** 2 for x, y in pairs)
    return {"value": value, "error": math.sqrt(squares * n / max(n - 1, 1)) / total, "n": n}


def _columns(base: str, runs: Sequence[Path]) -> dict[str, Path]:
    """Return what is measured, by name: a run's stages say what it is."""
    columns = {"base": Path(base)}
    alone = {"knowledge": "stage 1", "instruction": "stage 2 only", "mixed": "mixed"}
    for run in runs:
        first, *second = stages_done(run) or [None]
        if first is None:
            raise UsageError(f"{run} is no finished run of `tunesmith train`")
        if second:
            columns["stage 1"] = run / "stages" / first
        columns["stage 2" if second else alone[first]] = run
    return columns


class Judge:
    """Measures one model. ``found`` has x and y of Σx/Σy for every item of a measure."""

    def __init__(self, model: Any, encoder: Encoder) -> None:
        self.model, self.encoder = model, encoder
        self.found: dict[str, list[tuple[float, float]]] = defaultdict(list)

    def nats(self, before: list[int], ids: list[int]) -> float:
        """Return what ``ids`` cost after ``before``, which must not be empty."""
        tokens = torch.tensor([[*before, *ids]], device=self.model.device)
        with torch.no_grad():
            logits = self.model(input_ids=tokens[:, :-1]).logits[0, len(before) - 1 :].float()
        return float(cross_entropy(logits, tokens[0, len(before) :], reduction="sum"))

    def read(self, name: str, texts: Iterable[str]) -> None:
        """Read files in pieces, each as if it began there."""
        start = [self.encoder.end_of_document]
        for text in texts:
            pieces = map(self.encoder.text, self.encoder.pieces(text, _PIECE))
            bits = sum(self.nats(start, piece) for piece in pieces) / math.log(2)
            self.found[name].append((bits, len(text.encode())))

    def complete(self, lines: Sequence[Line]) -> None:
        """Write a line, write its middle, and choose one of four identifiers."""
        text, infill = self.encoder.text, self.encoder.infill
        starts = [text(c.before.rstrip("\n")) for c in lines]
        self._write("line", starts, [c.start + c.rest for c in lines])
        if self.encoder.fim:
            sides = [infill(c.before + c.start, c.after) for c in lines]
            self._write("middle", sides, [c.rest for c in lines])
        for line in lines:
            before = text(line.before + line.start)
            nats = [self.nats(before, text(word)) / len(word) for word in line.words]
            self.found["identifier, 1 of 4"].append((min(nats) == nats[0], 1))

    def _write(self, name: str, prompts: list[list[int]], references: list[str]) -> None:
        end = self.encoder.end_of_document
        answers = continuations(self.model, self.encoder, prompts, end, _LINE)
        for ids, reference in zip(answers, references, strict=True):
            said = self.encoder.tokenizer.decode(ids, skip_special_tokens=True).strip()
            said, wanted = said.partition("\n")[0].rstrip(), reference.strip()
            alike = SequenceMatcher(None, said, wanted, autojunk=False).ratio()
            self.found[f"{name}, exact match"].append((said == wanted, 1))
            self.found[f"{name}, edit similarity"].append((alike, 1))

    def answer(self, rows: Sequence[Mapping[str, Any]], adherence: Adherence) -> None:
        """Read the reference answers, and answer."""
        encoder, record = self.encoder, self.found
        prompts = [encoder.prompt(row["messages"][:-1]) for row in rows]
        answers = continuations(self.model, encoder, prompts, encoder.end_of_turn, _ANSWER)
        for row, prompt, ids in zip(rows, prompts, answers, strict=True):
            wanted = encoder.conversation(row["messages"])[-1].ids[len(prompt) :]
            record["answer, nats per token"].append((self.nats(prompt, wanted), len(wanted)))
            record["ends its turn"].append((ids[-1:] == [encoder.end_of_turn], 1))
            said = encoder.tokenizer.decode(ids, skip_special_tokens=True)
            for name, holds in adherence.of(row, said):
                record[name].append((holds, 1))


def _lines(texts: Sequence[str], limit: int, random: Random) -> list[Line]:
    """Choose lines that hold an identifier and follow three others of the same file."""
    known = sorted({word for text in texts for word in _IDENTIFIER.findall(text)})
    spots: list[tuple[str, int, int]] = []
    for text in texts:
        ends = [match.end() for match in re.finditer("\n", text)]
        lines = ((text, *line) for line in pairwise(ends[2:]) if _IDENTIFIER.search(text, *line))
        spots.extend(lines)
    found = []
    for text, begin, end in _some(spots, limit, random):
        name = random.choice([*_IDENTIFIER.finditer(text, begin, end)])
        at, stop, before = name.start(), end - 1, text[max(0, begin - _SIDE) : begin]
        words = [name[0], *(word for word in _some(known, 4, random) if word != name[0])][:4]
        found.append(Line(before, text[begin:at], text[at:stop], text[stop : stop + _SIDE], words))
    return found


def _some(items: Sequence[Any], limit: int, random: Random) -> list[Any]:
    return random.sample(items, min(limit, len(items)))
