"""From texts and conversations to token ids and labels.

What stands in a mined file is data: none of it becomes a control id, be that token special to the
tokenizer or only added to it. No token is ever added: new embeddings would have to be saved whole.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

from transformers import PreTrainedTokenizerBase

from corpus.errors import UsageError, in_one_line

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
_CUT = "\ud800"  # half a surrogate pair: no text that was ever stored as UTF-8 holds one


class Tokens(NamedTuple):
    """One document or conversation: ids, and as many labels, ``NO_LOSS`` where none is learnt."""

    ids: list[int]
    labels: list[int]


class Encoder:
    """Encodes with one tokenizer; ``control`` are the words that no text may become, by id."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self.tokenizer = tokenizer
        added = {i: str(token) for i, token in tokenizer.added_tokens_decoder.items()}
        # Runs of blanks are text, which some tokenizers keep among the added tokens.
        self.control = {i: word for i, word in added.items() if word.strip() and len(word) > 1}
        words = "|".join(map(re.escape, self.control.values())) or "(?!)"
        self._control_begins = re.compile(f"(?={words}).", re.DOTALL)
        known = tokenizer.get_vocab()
        fim = next((words for words in _FIM if known.keys() >= {*words}), ())
        self.fim = tuple(known[word] for word in fim)
        ends = [known[word] for word in _ENDS_OF_DOCUMENT if word in known]
        self.end_of_document: int = next(iter(ends), tokenizer.eos_token_id)
        if self.end_of_document is None:
            raise UsageError("the tokenizer has no token that ends a document")
        begins = tokenizer("x")["input_ids"][0] == tokenizer.bos_token_id
        self.start = [tokenizer.bos_token_id] if begins else []
        if tokenizer.chat_template is None:  # ChatML, without a token that it lacks
            end = "<|im_end|>" if "<|im_end|>" in known else tokenizer.eos_token
            tokenizer.chat_template = _CHATML % end
        said = [{"role": role, "content": "x"} for role in ("user", "assistant")]
        self.end_of_turn = self.conversation(said)[0].ids[-1]

    def text(self, text: str) -> list[int]:
        """Return the ids of a text, none of them a control id."""
        return self._cut(text)[1]

    def _cut(self, text: str) -> tuple[str, list[int]]:
        """Return a text, cut so that no part becomes a control id, and the ids of its parts."""
        cut = self._control_begins.sub(rf"\g<0>{_CUT}", text)
        ids = self._encode(cut)
        if self.control.keys().isdisjoint(ids):
            return cut, ids
        cut = _CUT.join(text)  # normalising makes control words of look-alikes, but of no letter
        return cut, self._encode(cut)

    def _encode(self, cut: str) -> list[int]:
        encode = self.tokenizer.encode
        return [i for part in cut.split(_CUT) for i in encode(part, add_special_tokens=False)]

    def document(self, text: str, length: int, fim_rate: float, random: Random) -> Iterator[Tokens]:
        """Yield a document as pieces of at most ``length`` tokens, which together hold all of it.

        A share of them becomes prefix, suffix and middle, cut at characters (arXiv 2207.14255).
        """
        for piece in self.pieces(text, length - len(self.start) - 1):
            ids = self.text(piece)
            if self.fim and random.random() < fim_rate:
                a, b = sorted(random.randint(0, len(piece)) for _ in range(2))
                moved = self.infill(piece[:a], piece[b:]) + self.text(piece[a:b])
                ids = moved if len(self.start) + len(moved) < length else ids
            ids = [*self.start, *ids, self.end_of_document]
            yield Tokens(ids, ids)

    def infill(self, before: str, after: str) -> list[int]:
        """Return the ids after which the middle of a text is written."""
        prefix, suffix, middle = self.fim
        return [prefix, *self.text(before), suffix, *self.text(after), middle]

    def pieces(self, text: str, length: int) -> Iterator[str]:
        """Cut a text into pieces of at most ``length`` tokens, about equal, at line ends."""
        parts = min(-(-len(self.text(text)) // length), len(text))
        if parts > 1:
            at = len(text) * (parts // 2) // parts
            at = text.rfind("\n", 0, at) + 1 or at
            yield from self.pieces(text[:at], length)
            yield from self.pieces(text[at:], length)
        elif text:
            yield text

    def prompt(self, messages: Sequence[Mapping[str, str]]) -> list[int]:
        """Return the ids after which the assistant speaks."""
        return self._encode(self._render(messages, add_generation_prompt=True))

    def conversation(self, messages: Sequence[Mapping[str, str]]) -> list[Tokens]:
        """Return every turn of the assistant after its prompt, with loss on its words and its end.

        They are what the rendered whole has more than the rendered prompt. Every turn is a sequence
        of its own, as it is generated: templates drop the reasoning of a turn once more follows.
        """
        found = []
        for turn in [n for n, said in enumerate(messages) if said["role"] == "assistant"]:
            prompt = self._render(messages[:turn], add_generation_prompt=True)
            whole = self._render(messages[: turn + 1]).rstrip()
            if not whole.startswith(prompt):
                raise UsageError("the chat template renders a prompt unlike the whole's start")
            before, said = self._encode(prompt), self._encode(whole[len(prompt) :])
            found.append(Tokens(before + said, [NO_LOSS] * len(before) + said))
        return found

    def _render(self, messages: Sequence[Mapping[str, str]], **options: Any) -> str:
        """Render messages, cut: a template may use any key of one, but nothing in its texts."""
        cut = [{key: self._cut(text)[0] for key, text in said.items()} for said in messages]
        with in_one_line("the chat template refuses a conversation"):
            return str(self.tokenizer.apply_chat_template(cut, tokenize=False, **options))
