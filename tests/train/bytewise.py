"""An encoder of one token per byte, and how its labels are written: expectations by hand."""

from __future__ import annotations

from itertools import groupby

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from tests.train.conftest import FIM
from train.encode import NO_LOSS, Encoder

LLAMA = (
    "{{ bos_token }}{% for m in messages %}{{ '<|start_header_id|>' + m['role'] + "
    "'<|end_header_id|>\n\n' + m['content'] | trim + '<|eot_id|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}"
    "{% endif %}"
)
REASONING = (  # as Qwen's: only the last turn shows its reasoning, and none is looked for elsewhere
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' }}"
    "{% if loop.last and m['reasoning_content'] %}"
    "{{ '<think>' + m['reasoning_content'] + '</think>' }}{% endif %}"
    "{{ m['content'].split('</think>')[-1] + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
CONTROL = (
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|begin_of_text|>", "<|start_header_id|>"),
    *("<|end_header_id|>", "<|eot_id|>", "<think>", "</think>", *FIM),
)


def bytewise(template: str | None = None, *control: str, **options: object) -> Encoder:
    """Return an encoder of one token per byte, so that expectations can be written by hand."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={c: i for i, c in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    control = control or CONTROL
    tokenizer.add_special_tokens([AddedToken(c) for c in control if c not in (*FIM, "<think>")])
    tokenizer.add_tokens([AddedToken(c) for c in control if c in (*FIM, "<think>")])
    options = {"eos_token": control[0], "bos_token": "<|begin_of_text|>", **options}
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **options)
    fast.chat_template = template
    return Encoder(fast)


def marked(encoder: Encoder, ids: list[int], labels: list[int]) -> str:
    """Write ids as text, ``[[`` and ``]]`` around what is learnt; a control id is marked by a §."""
    tokens = list(zip(ids, labels, strict=True))
    assert all(label in (i, NO_LOSS) for i, label in tokens)
    text = ""
    for learnt, part in groupby(tokens, key=lambda token: token[1] != NO_LOSS):
        words = ""
        for is_control, run in groupby((i for i, _ in part), key=encoder.control.__contains__):
            some = list(run)
            control = "".join(f"§{encoder.control[i]}" for i in some) if is_control else ""
            words += control or encoder.tokenizer.decode(some)
        text += f"[[{words}]]" if learnt else words
    return text


def said(*contents: str, system: str | None = None) -> list[dict[str, str]]:
    first = [{"role": "system", "content": system}] if system else []
    roles = ("user", "assistant") * len(contents)
    return first + [{"role": r, "content": c} for r, c in zip(roles, contents, strict=False)]
