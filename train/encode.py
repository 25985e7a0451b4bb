"""From texts and conversations to token ids and labels, with text and control kept apart.

What stands in a mined file is data: none of it becomes a control id, whether the tokenizer calls
that token special or only added it. Nothing here depends on the stage's settings but the arguments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from random import Random
from typing import Any, NamedTuple

from jinja2 import TemplateError
from transformers import PreTrainedTokenizerBase

from train.errors import TrainingError

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
_CUTS = range(0xF0000, 0x10FFFE)  # private use; one that the conversation lacks marks the cuts


class Tokens(NamedTuple):
    """One document or conversation: ids, and as many labels, ``NO_LOSS`` where none is learnt."""

    ids: list[int]
    labels: list[int]


class Encoder:
    """Encodes with one tokenizer. ``control`` are the ids that no text may become."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self.tokenizer = tokenizer
        added = {i: str(token) for i, token in tokenizer.added_tokens_decoder.items()}
        # Runs of blanks are text that some tokenizers keep among the added tokens.
        self.control = {i: word for i, word in added.items() if word.strip() and len(word) > 1}
        words = "|".join(re.escape(word) for word in self.control.values())
        self._control_begins = re.compile(f"(?={words})" if words else r"(?!)")
        vocabulary = tokenizer.get_vocab()
        self.fim = next(
            (
                tuple(vocabulary[word] for word in fim)
                for fim in _FIM
                if vocabulary.keys() >= {*fim}
            ),
            None,
        )
        ends = [vocabulary[word] for word in _ENDS_OF_DOCUMENT if word in vocabulary]
        self.end_of_document = ends[0] if ends else tokenizer.eos_token_id
        if self.end_of_document is None:
            raise TrainingError("the tokenizer has no token that ends a document")
        self.pad: int = next(
            i for i in (tokenizer.pad_token_id, self.end_of_document) if i is not None
        )  # no matter which: labels, not ids, carry the loss
        first = tokenizer("x")["input_ids"][:1]
        self.start = first if first == [tokenizer.bos_token_id] else []
        if tokenizer.chat_template is None:
            end = "<|im_end|>" if "<|im_end|>" in vocabulary else tokenizer.eos_token
            tokenizer.chat_template = _CHATML % end
        asked, said = {"role": "user", "content": "x"}, {"role": "assistant", "content": "x"}
        turn = self.conversation([asked, said])[-1]
        self.end_of_turn = [label for label in turn.labels if label != NO_LOSS][-1]

    def text(self, text: str) -> list[int]:
        """Return the ids of a text, none of them a control id."""
        return [i for piece in self._cut(text) for i in self._piece(piece)]

    def _cut(self, text: str) -> Iterator[str]:
        """Cut a text after the first character of every control word in it."""
        cuts = [match.start() + 1 for match in self._control_begins.finditer(text)]
        return (text[a:b] for a, b in pairwise([0, *cuts, len(text)]) if a < b)

    def _piece(self, piece: str) -> list[int]:
        ids = self._encode(piece)
        if self.control.keys().isdisjoint(ids):
            return ids
        # A tokenizer that normalises first can still make one, of look-alikes; not of one character.
        return [i for character in piece for i in self._encode(character)]

    def _encode(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False)
        return ids

    def document(self, text: str, limit: int, fim_rate: float, random: Random) -> list[Tokens]:
        """Return a document as pieces of at most ``limit`` tokens, which together hold all of it.

        With the probability ``fim_rate`` a piece becomes prefix, suffix, middle: cut at two random
        characters, after the document was cut into pieces (arXiv 2207.14255).
        """
        found = []
        for piece in self.pieces(text, limit - len(self.start) - 1):
            ids = [*self.start, *self.text(piece), self.end_of_document]
            if self.fim and random.random() < fim_rate:
                first, second = sorted(random.randint(0, len(piece)) for _ in range(2))
                prefix, suffix, middle = self.fim
                in_the_middle = [
                    *self.start,
                    *(prefix, *self.text(piece[:first])),
                    *(suffix, *self.text(piece[second:])),
                    *(middle, *self.text(piece[first:second]), self.end_of_document),
                ]
                ids = in_the_middle if len(in_the_middle) <= limit else ids
            found.append(Tokens(ids, ids))
        return found

    def pieces(self, text: str, limit: int) -> Iterator[str]:
        """Cut a text into about equal pieces, at line ends where there are some."""
        parts = -(-len(self.text(text)) // limit)
        if parts <= 1 or len(text) <= 1:
            yield from [text] * bool(text)
            return
        cuts = {0, len(text)}
        for part in range(1, parts):
            at = max(1, len(text) * part // parts)
            cuts.add(text.rfind("\n", max(cuts - {len(text)}), at) + 1 or at)
        for a, b in pairwise(sorted(cuts)):
            yield from self.pieces(text[a:b], limit)

    def conversation(self, messages: Sequence[Mapping[str, str]]) -> list[Tokens]:
        """Return a conversation with loss on what the assistant says, up to its end of turn.

        What the assistant says is what the rendered whole has more than the rendered prompt. A
        template that renders an earlier turn differently once more follows (some drop its
        reasoning) makes it a sequence of its own: each turn is learnt once, as it is generated.
        """
        cut, messages = self._with_cuts(messages)
        found: list[tuple[str, list[tuple[int, int]]]] = []  # text; where the assistant speaks
        for turn in reversed(range(len(messages))):
            if messages[turn]["role"] != "assistant":
                continue
            prompt = self._render(messages[:turn], add_generation_prompt=True)
            whole = self._render(messages[: turn + 1])
            if not whole.startswith(prompt):
                raise TrainingError(
                    "the chat template renders a prompt unlike the whole's beginning"
                )
            if found and found[-1][0].startswith(whole):
                found[-1][1].insert(0, (len(prompt), len(whole)))
            else:
                found.append((whole, [(len(prompt), len(whole))]))
        return [self._masked(text, spans, cut) for text, spans in reversed(found)]

    def prompt(self, messages: Sequence[Mapping[str, str]]) -> list[int]:
        """Return the ids after which the assistant speaks."""
        cut, messages = self._with_cuts(messages)
        return self._rendered(self._render(messages, add_generation_prompt=True), cut)

    def _with_cuts(self, messages: Sequence[Mapping[str, str]]) -> tuple[str, list[dict[str, str]]]:
        """Mark in every content, by a character it lacks, where control words must be cut."""
        said = "".join(message["content"] for message in messages)
        cut = next(character for character in map(chr, _CUTS) if character not in said)
        return cut, [
            {"role": message["role"], "content": cut.join(self._cut(message["content"]))}
            for message in messages
        ]

    def _render(self, messages: Sequence[Mapping[str, str]], **options: Any) -> str:
        try:
            text: str = self.tokenizer.apply_chat_template(messages, tokenize=False, **options)
        except TemplateError as error:
            raise TrainingError(f"the chat template refuses a conversation: {error}") from None
        return text

    def _rendered(self, text: str, cut: str) -> list[int]:
        return [i for piece in text.split(cut) for i in self._encode(piece)]

    def _masked(self, text: str, spans: Sequence[tuple[int, int]], cut: str) -> Tokens:
        ids: list[int] = []
        labels: list[int] = []
        done = 0
        for start, end in spans:
            ids += self._rendered(text[done:start], cut)
            labels += [NO_LOSS] * (len(ids) - len(labels))
            spoken = self._rendered(text[start:end], cut)
            learnt = self._until_end_of_turn(spoken)
            ids += spoken
            labels += [*learnt, *[NO_LOSS] * (len(spoken) - len(learnt))]
            done = end
        return Tokens(ids, labels)

    def _until_end_of_turn(self, spoken: list[int]) -> list[int]:
        """Leave out the blanks that a template writes after the turn's end."""
        last = max((n for n, i in enumerate(spoken) if i in self.control), default=-1)
        blank = last >= 0 and not self.tokenizer.decode(spoken[last + 1 :]).strip()
        return spoken[: last + 1] if blank else spoken
