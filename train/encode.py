"""From texts and conversations to token ids and labels.

What stands in a mined file is data: none of it becomes a control id, be that token special to the
tokenizer or only added to it. No token is ever added: new embeddings would have to be saved whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from random import Random
from typing import Any, NamedTuple

from jinja2 import TemplateError
from transformers import PreTrainedTokenizerBase

from train.config import TrainingError

NO_LOSS = -100
_FIM = (  # prefix, suffix, middle
    ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),  # Qwen, CodeGemma
    ("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),  # StarCoder, Granite
    ("▁<PRE>", "▁<SUF>", "▁<MID>"),  # Code Llama
    ("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),  # DeepSeek  # noqa: RUF001
)
_ENDS_OF_DOCUMENT = ("<|endoftext|>", "<|end_of_text|>", "</s>")
_CHATML = (
    "{%% for message in messages %%}{{ '<|im_start|>' + message['role'] + '\n' + "
    "message['content'] + '%s\n' }}{%% endfor %%}"
    "{%% if add_generation_prompt %%}{{ '<|im_start|>assistant\n' }}{%% endif %%}"
)
_REASONING = re.compile(r"(\s*<think>)(.*?)(</think>)(.*)", re.DOTALL)
_CUTS = range(0xF0000, 0x10FFFE)  # private use: one that a conversation lacks marks its cuts

Messages = Sequence[Mapping[str, str]]


class Tokens(NamedTuple):
    """One document or conversation: ids, and as many labels, ``NO_LOSS`` where none is learnt."""

    ids: list[int]
    labels: list[int]


class Encoder:
    """Encodes with one tokenizer, to which it gives ChatML if it has no chat template.

    ``control`` are the words that no text may become, by id. The end of a document and the end of a
    turn are two tokens wherever the tokenizer has two.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self.tokenizer = tokenizer
        added = {i: str(token) for i, token in tokenizer.added_tokens_decoder.items()}
        # Runs of blanks are text, which some tokenizers keep among the added tokens.
        self.control = {i: word for i, word in added.items() if word.strip() and len(word) > 1}
        words = "|".join(map(re.escape, self.control.values()))
        self._control_begins = re.compile(f"(?={words})" if words else "(?!)")
        known = tokenizer.get_vocab()
        fim = next((words for words in _FIM if known.keys() >= {*words}), ())
        self.fim = tuple(known[word] for word in fim)
        ends = [known[word] for word in _ENDS_OF_DOCUMENT if word in known]
        self.end_of_document: int = next(iter(ends), tokenizer.eos_token_id)
        if self.end_of_document is None:
            raise TrainingError("the tokenizer has no token that ends a document")
        begins = tokenizer("x")["input_ids"][0] == tokenizer.bos_token_id
        self.start = [tokenizer.bos_token_id] if begins else []
        if tokenizer.chat_template is None:
            end = "<|im_end|>" if "<|im_end|>" in known else tokenizer.eos_token
            tokenizer.chat_template = _CHATML % end
        said = [{"role": role, "content": "x"} for role in ("user", "assistant")]
        learnt = [i for i in self.conversation(said)[-1].labels if i != NO_LOSS]
        self.end_of_turn = learnt[-1]

    def text(self, text: str) -> list[int]:
        """Return the ids of a text, none of them a control id."""
        return [i for piece in self._cut(text) for i in self._piece(piece)]

    def _cut(self, text: str) -> list[str]:
        """Cut a text after the first character of every control word in it."""
        cuts = [match.start() + 1 for match in self._control_begins.finditer(text)]
        return [text[a:b] for a, b in pairwise([0, *cuts, len(text)]) if a < b]

    def _piece(self, piece: str) -> list[int]:
        ids = self._encode(piece)
        if self.control.keys().isdisjoint(ids):
            return ids
        # A tokenizer that normalises can make one of look-alikes, but not of a single character.
        return [i for character in piece for i in self._encode(character)]

    def _encode(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False)
        return ids

    def document(self, text: str, length: int, fim_rate: float, random: Random) -> list[Tokens]:
        """Return a document as pieces of at most ``length`` tokens, which together hold all of it.

        With the probability ``fim_rate`` a piece is turned into prefix, suffix and middle, cut at
        two random characters: by piece, not by document (arXiv 2207.14255).
        """
        found = []
        for piece in self.pieces(text, length - len(self.start) - 1):
            ids = self.text(piece)
            if self.fim and random.random() < fim_rate:
                a, b = sorted(random.randint(0, len(piece)) for _ in range(2))
                moved = self.infill(piece[:a], piece[b:]) + self.text(piece[a:b])
                ids = moved if len(self.start) + len(moved) < length else ids
            ids = [*self.start, *ids, self.end_of_document]
            found.append(Tokens(ids, ids))
        return found

    def infill(self, before: str, after: str) -> list[int]:
        """Return the ids after which the middle of a text is written."""
        prefix, suffix, middle = self.fim
        return [prefix, *self.text(before), suffix, *self.text(after), middle]

    def pieces(self, text: str, length: int) -> Iterator[str]:
        """Cut a text into pieces of at most ``length`` tokens, about equal, at line ends."""
        parts = -(-len(self.text(text)) // length)
        if parts <= 1 or len(text) <= 1:
            yield from [text] * bool(text)
            return
        cuts = [0]
        for part in range(1, parts):
            at = len(text) * part // parts
            cuts.append(max(cuts[-1], text.rfind("\n", cuts[-1], at) + 1 or at))
        for a, b in pairwise([*cuts, len(text)]):
            yield from self.pieces(text[a:b], length)

    def prompt(self, messages: Messages) -> list[int]:
        """Return the ids after which the assistant speaks."""
        messages, cut = self._with_cuts(messages)
        return self._rendered(self._render(messages, add_generation_prompt=True), cut)

    def conversation(self, messages: Messages) -> list[Tokens]:
        """Return a conversation with loss on what the assistant says, up to its end of turn.

        What it says is what the rendered whole has more than the rendered prompt. Where a template
        renders an earlier turn otherwise once more follows (some drop its reasoning), that turn
        becomes a sequence of its own: every turn is learnt once, as it is generated.
        """
        messages, cut = self._with_cuts(messages)
        found: list[tuple[str, list[int]]] = []  # a text; where the assistant begins and ends
        for turn in reversed(range(len(messages))):
            if messages[turn]["role"] != "assistant":
                continue
            prompt = self._render(messages[:turn], add_generation_prompt=True)
            whole = self._render(messages[: turn + 1])
            if not whole.startswith(prompt):
                raise TrainingError("the chat template renders a prompt unlike the whole's start")
            if not found or not found[-1][0].startswith(whole):
                found.append((whole, []))
            found[-1][1][:0] = [len(prompt), len(whole)]
        return [self._masked(text, bounds, cut) for text, bounds in reversed(found)]

    def _with_cuts(self, messages: Messages) -> tuple[list[dict[str, str]], str]:
        """Mark in every content, by a character that none has, where control words are cut."""
        contents = [message["content"] for message in messages]
        cut = next(mark for mark in map(chr, _CUTS) if not any(mark in text for text in contents))
        marked = []
        for role, text in zip((message["role"] for message in messages), contents, strict=True):
            # Reasoning that opens an answer is structure, which templates look for.
            structure = _REASONING.match(text) if role == "assistant" else None
            parts = structure.groups() if structure else ("", "", "", text)
            opening, thought, closing, said = parts[0], self._cut(parts[1]), parts[2], parts[3]
            content = opening + cut.join(thought) + closing + cut.join(self._cut(said))
            marked.append({"role": role, "content": content})
        return marked, cut

    def _render(self, messages: Messages, **options: Any) -> str:
        try:
            text = self.tokenizer.apply_chat_template(messages, tokenize=False, **options)
        except TemplateError as error:
            raise TrainingError(f"the chat template refuses a conversation: {error}") from None
        return str(text)

    def _rendered(self, text: str, cut: str) -> list[int]:
        return [i for piece in text.split(cut) for i in self._encode(piece)]

    def _masked(self, text: str, bounds: list[int], cut: str) -> Tokens:
        tokens = Tokens([], [])
        for turn, (a, b) in enumerate(pairwise([0, *bounds])):
            ids = self._rendered(text[a:b], cut)
            learnt = self._until_end_of_turn(ids) if turn % 2 else 0
            tokens.ids.extend(ids)
            tokens.labels.extend([*ids[:learnt], *[NO_LOSS] * (len(ids) - learnt)])
        return tokens

    def _until_end_of_turn(self, ids: list[int]) -> int:
        """Return how many ids there are but for the blanks that a template ends a turn with."""
        last = max((n for n, i in enumerate(ids, 1) if i in self.control), default=0)
        return last if last and not self.tokenizer.decode(ids[last:]).strip() else len(ids)
